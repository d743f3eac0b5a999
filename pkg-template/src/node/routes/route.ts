import { hostPort } from '../url.js';
/**
 * The route of a request: direct, or through a proxy.
 *
 * All route sources (environment, PAC, system settings, caller functions) produce this type, and all connections start from
 * it.
 */

export interface DirectRoute {
  readonly kind: 'direct';
  /** The rule that chose this route, for display: "NO_PROXY: .corp.example". */
  readonly rule?: string;
}

export interface ProxyRoute {
  readonly kind: 'proxy';
  /** The host name or address; IPv6 addresses without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether to connect to the proxy over TLS (`https://` proxy URL, `HTTPS` in PAC). */
  readonly tls: boolean;
  /** User name and password from the proxy URL. They are used only for this proxy. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** The rule that chose this route, for display: "HTTPS_PROXY". It contains no secret. */
  readonly rule?: string;
}

export type Route = DirectRoute | ProxyRoute;

/** The routes of one URL, in the order to try. It is never empty. */
export type Routes = readonly Route[];

/**
 * Returns the routes for a URL, synchronously if possible, to avoid an extra event loop turn per request. `url` may be only
 * the origin, with the path as the second argument.
 */
export type RouteResolver = (url: URL, path?: string) => Routes | Promise<Routes>;

/** Returns the whole URL for resolvers that need it. The path of https: URLs is not included, because TLS encrypts it. */
export function wholeUrl(url: URL, path: string | undefined): URL {
  if (path === undefined) return new URL(url);
  return new URL(url.protocol === 'http:' && path.startsWith('/') ? url.origin + path : url.origin);
}

/** Returns a key for a route, for pools and caches. It contains no secret. */
export function routeName(route: Route): string {
  return route.kind === 'direct' ? 'direct' : `${route.tls ? 'https' : 'http'}://${hostPort(route.host, route.port)}`;
}

/** The user name in the URL of a local proxy. It has no meaning. */
export const LOCAL_PROXY_USER = 'ntlm-wasm';

/**
 * Returns the `Proxy-Authorization` value for a local proxy of this package, whose URL contains the secret for its callers.
 * Undefined for any other route, because `Basic` is never answered.
 */
export function localSecret(route: Route): string | undefined {
  if (route.kind === 'direct' || route.credentials?.username !== LOCAL_PROXY_USER) return undefined;
  if (!/^(?:127\.|::1$|localhost$)/.test(route.host)) return undefined;
  const { username, password } = route.credentials;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
