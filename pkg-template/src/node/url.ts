/** `host:port`, with the brackets that an IPv6 address needs. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Lower case, without the brackets of IPv6 and without the dot that ends a fully qualified name. */
export function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** `http://host` with the port unless it is the usual one. */
export function originOf({ secure, host, port }: { secure: boolean; host: string; port: number }): string {
  const usual = port === (secure ? 443 : 80);
  return `${secure ? 'https' : 'http'}://${usual && !host.includes(':') ? host : hostPort(host, port)}`;
}

/**
 * For logs and messages: `http://name:password@host/` and `name:password@host:443` are no proper targets, yet some clients send
 * them, and some people type them. Up to the last @ before the path, as URLs are read.
 */
export function withoutUserinfo(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#\\]*@/i, '$1');
}
