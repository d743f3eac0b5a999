/** Returns `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Returns the host in lower case, without IPv6 brackets and without the trailing dot of a fully qualified name. */
export function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** Returns `http://host` or `https://host`, with the port unless it is the default. */
export function originOf({ secure, host, port }: { secure: boolean; host: string; port: number }): string {
  const usual = port === (secure ? 443 : 80);
  return `${secure ? 'https' : 'http'}://${usual && !host.includes(':') ? host : hostPort(host, port)}`;
}

/**
 * Removes user name and password from a target, for logs and messages. Some clients send `http://name:password@host/` or
 * `name:password@host:443`. As in URL parsing, the userinfo ends at the last @ before the path.
 */
export function withoutUserinfo(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#\\]*@/i, '$1');
}

/** The number of cached origins. The cache is cleared when it is full. */
const MOST = 1000;

const known = new Map<string, URL>();

/**
 * Returns the URL of an origin, `http://host:port`. The same text returns the same object, so it is parsed once and can be a
 * cache key. Callers must not modify it.
 */
export function originUrl(text: string): URL {
  let url = known.get(text);
  if (url === undefined) {
    url = new URL(text);
    if (known.size === MOST) known.clear();
    known.set(text, url);
  }
  return url;
}
