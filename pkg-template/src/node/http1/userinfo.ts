/**
 * For logs and messages: `http://name:password@host/` and `name:password@host:443` are no proper targets, yet some clients send
 * them, and some people type them. Up to the last @ before the path, as URLs are read.
 */
export function withoutUserinfo(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#\\]*@/i, '$1');
}
