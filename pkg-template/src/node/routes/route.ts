import { hostPort } from '../url.js';
/**
 * Where a request goes: straight to its origin, or through a proxy.
 *
 * Everything that finds routes (the environment, PAC, the system's settings, a function of the caller) ends in this
 * type, and everything that opens connections begins with it.
 */

export interface DirectRoute {
  readonly kind: 'direct';
  /** What chose this route, in words for people: "NO_PROXY: .corp.example". */
  readonly rule?: string;
}

export interface ProxyRoute {
  readonly kind: 'proxy';
  /** Host name or address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The proxy itself is spoken to over TLS (`https://` proxy URL, `HTTPS` in PAC). */
  readonly tls: boolean;
  /** User name and password that stood in the proxy's own URL. They belong to this proxy only. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** What chose this route, in words for people: "HTTPS_PROXY". Holds no secret. */
  readonly rule?: string;
}

export type Route = DirectRoute | ProxyRoute;

/** The routes of one URL in the order in which they are to be tried. Never empty. */
export type Routes = readonly Route[];

/**
 * Answers synchronously where nothing must be waited for, so that a warm request costs no extra turn of the loop. `url`
 * may be that of an origin only, with the request's path beside it.
 */
export type RouteResolver = (url: URL, path?: string) => Routes | Promise<Routes>;

/** For those who decide by the whole URL. Of https: URLs they see no path, which is nobody's business on the way. */
export function wholeUrl(url: URL, path: string | undefined): URL {
  if (path === undefined) return new URL(url);
  return new URL(url.protocol === 'http:' && path.startsWith('/') ? url.origin + path : url.origin);
}

/** Names a route, for pools and memories. Holds no secret. */
export function routeName(route: Route): string {
  return route.kind === 'direct' ? 'direct' : `${route.tls ? 'https' : 'http'}://${hostPort(route.host, route.port)}`;
}

/** The user name in the URL of a local proxy. It has no meaning. */
export const LOCAL_PROXY_USER = 'ntlm-wasm';

/**
 * The `Proxy-Authorization` value for a local proxy of this package, whose URL has the secret for its callers: such a proxy
 * asks for no NTLM. Undefined for any other route, because `Basic` is never answered.
 */
export function localSecret(route: Route): string | undefined {
  if (route.kind === 'direct' || route.credentials?.username !== LOCAL_PROXY_USER) return undefined;
  if (!/^(?:127\.|::1$|localhost$)/.test(route.host)) return undefined;
  const { username, password } = route.credentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
