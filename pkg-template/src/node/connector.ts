import type { TcpNetConnectOpts } from 'node:net';
import { NtlmError } from '../errors.js';
import { AuthRegistry, type Peer } from './auth/registry.js';
import { type AuthSide, credentialQuestion } from './auth/session.js';
import { type Connection, openConnection, orAborted } from './connection/index.js';
import type { TlsStartOptions } from './connection/sockets.js';
import type { LostRequest } from './connection/lost-request.js';
import {
  attemptKey,
  credentialIdentity,
  type Credentials,
  CredentialStore,
  type Identity,
} from './credentials/index.js';
import { handshakeTimeout } from './network-errors.js';
import { checkOptions, type ConnectionOptions, LONGEST_TIMEOUT, proxyTlsOptions } from './options.js';
import { withExceptions } from './routes/exceptions.js';
import { createRouteResolver } from './routes/index.js';
import { localSecret, type Route, type RouteResolver, type Routes, routeName } from './routes/route.js';
import { createServerMatcher } from './server-list.js';
import { hostPort, originOf } from './url.js';

/** The destination of a request, as given by the caller. */
export interface Target {
  /** The origin: only scheme, host and port are used. Requests share this object, so it is never modified. */
  readonly url: URL;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The `User-Agent` of CONNECT requests. */
  readonly userAgent?: string | undefined;
  /** An upgrade (WebSocket) needs a tunnel even without TLS. */
  readonly upgrade: boolean;
  /** The caller handles TLS or another protocol itself and needs only a tunnel. */
  readonly raw?: boolean | undefined;
  readonly tcp?: Partial<TcpNetConnectOpts> | undefined;
  readonly tls?: TlsStartOptions | undefined;
  /** Distinguishes connections with other TCP or TLS options. */
  readonly variant?: string | undefined;
  /** Identifies a caller whose connections are not shared with other callers. */
  readonly affinity?: string | undefined;
}

/** The route of a request. It is decided for each request, including redirects. */
export interface Plan {
  /** Connections with the same key are interchangeable. */
  readonly key: string;
  readonly destination: Target;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** For absolute-form requests. */
  readonly origin: string;
  /** For the Host field. */
  readonly authority: string;
  readonly routes: Routes;
  /** The start of the request, from `performance.now()`. `handshakeTimeout` is measured from here. */
  readonly startedAt: number;
}

/** Cached facts about an origin. */
interface OriginInfo {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly origin: string;
  readonly authority: string;
  /** Credentials may be sent to this origin. */
  readonly named: boolean;
  /** The key of the last plain request, and its parts. The next request usually has the same key. */
  last:
    | { readonly key: string; readonly list: RouteList; readonly generation: number; readonly variant: string }
    | undefined;
}

/** Properties of a list of routes that its connections need. */
interface RouteList {
  readonly key: string;
  readonly proxiesOnly: boolean;
}

const CONNECTOR = Symbol('connector');

const FOR_CALLERS = Symbol('for callers');

/**
 * Returns the options for a local proxy, which forwards a 401 and long bodies to its callers. `check` is called with each route before
 * it is used, and throws if the route leads back to the local proxy.
 */
export function forCallers<Options extends ConnectionOptions>(
  options: Options,
  check: (route: Route) => void,
): Options {
  return { ...options, [FOR_CALLERS]: check };
}

interface SharedOptions extends ConnectionOptions {
  readonly [FOR_CALLERS]?: (route: Route) => void;
  readonly [CONNECTOR]?: Connector;
}

/** Milliseconds for which an unreachable proxy is moved to the end of the list. */
const UNREACHABLE_MEMORY = 30_000;
const HANDSHAKE_TIMEOUT = 30_000;

/** Determines the route and the credentials of each request, and opens connections. Every adapter has one connector. */
export class Connector {
  readonly #options: ConnectionOptions;
  readonly #resolveRoutes: RouteResolver;
  readonly #credentials: CredentialStore;
  readonly #registry = AuthRegistry.shared();
  /** Milliseconds for opening a connection, including route lookup, credentials and handshakes. */
  readonly #timeout: number;
  readonly #isNamed: (url: URL) => boolean;
  // Computed once for each URL and each list of routes, because most requests reuse them.
  readonly #origins = new WeakMap<URL, OriginInfo>();
  readonly #routeLists = new WeakMap<Routes, RouteList>();
  readonly #unreachable = new Map<string, number>();

  /** Returns the connector in the options, or a new one. */
  static for(options: ConnectionOptions = {}): Connector {
    return (options as SharedOptions | null)?.[CONNECTOR] ?? new Connector(options);
  }

  /** Returns the options for several adapters that share this connector. */
  share<Options extends ConnectionOptions>(options: Options): Options {
    return { ...options, [CONNECTOR]: this };
  }

  /** @param env the proxy variables, if they differ from the process environment. */
  constructor(options: ConnectionOptions = {}, env?: NodeJS.ProcessEnv) {
    checkOptions(options);
    this.#options = options;
    this.#resolveRoutes = withExceptions(createRouteResolver(options.proxy, env), options);
    this.#credentials = new CredentialStore(options.credentials);
    this.#timeout = Math.min(options.handshakeTimeout ?? HANDSHAKE_TIMEOUT, LONGEST_TIMEOUT);
    this.#isNamed = createServerMatcher(options.servers);
  }

  /** Returns the plan for a request; a promise only if the routes are asynchronous. */
  plan(destination: Target): Plan | Promise<Plan> {
    const startedAt = performance.now();
    const routes = this.#resolveRoutes(destination.url, destination.path);
    if (!(routes instanceof Promise)) return this.#planFor(destination, routes, startedAt);
    return this.#inTime(routes, destination.url).then((found) => this.#planFor(destination, found, startedAt));
  }

  /** Limits the time of PAC files and caller functions, which may never return a result. */
  async #inTime(routes: Promise<Routes>, { host }: URL): Promise<Routes> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(handshakeTimeout(`the route to ${host}`, this.#timeout)), this.#timeout);
    });
    try {
      return await Promise.race([routes, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tries the routes until one succeeds. `lost` is the unfinished request of another connection. */
  async open(plan: Plan, signal?: AbortSignal, lost?: LostRequest): Promise<Connection> {
    const deadline = new AbortController();
    const onTimeout = (): void => deadline.abort(handshakeTimeout(firstPeer(plan), this.#timeout));
    const timer = setTimeout(onTimeout, Math.max(plan.startedAt + this.#timeout - performance.now(), 0));
    const onAbort = (): void => deadline.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      return await this.#openFirst(plan, deadline.signal, lost);
    } catch (error) {
      for (const session of lost?.sessions ?? []) session.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #openFirst(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    let failure: unknown;
    for (const route of this.#reachableFirst(plan.routes)) {
      try {
        return await this.#openRoute(plan, route, signal, lost);
      } catch (error) {
        if (!(error instanceof NtlmError) || error.code !== 'ERR_NTLM_PROXY_UNREACHABLE') throw error;
        this.#unreachable.set(routeName(route), performance.now());
        failure = error;
      }
    }
    throw failure;
  }

  #planFor(destination: Target, routes: Routes, startedAt: number): Plan {
    const info = this.#originInfo(destination.url);
    const { host, port, secure, origin, authority, named } = info;
    if (named && destination.path.charCodeAt(0) !== SLASH) checkTarget(destination.path, origin);
    const key = this.#keyOf(destination, info, this.#routeList(routes));
    return { key, destination, host, port, secure, origin, authority, routes, startedAt };
  }

  #keyOf({ upgrade, raw = false, variant = '', affinity }: Target, info: OriginInfo, list: RouteList): string {
    const { generation } = this.#credentials;
    const { last } = info;
    const usual = !upgrade && !raw && affinity === undefined;
    if (usual && last?.list === list && last.generation === generation && last.variant === variant) return last.key;
    let key = `${generation} ${list.key}`;
    // A proxy without a tunnel accepts requests for any origin on one connection, unless the origin authenticates too.
    const anyOrigin = !info.secure && !upgrade && !raw && !info.named && list.proxiesOnly;
    if (!anyOrigin) key += ` ${info.origin}${upgrade ? ' upgrade' : ''}${raw ? ' raw' : ''} ${variant}`;
    if (affinity !== undefined) key += affinityKey(affinity);
    if (usual) info.last = { key, list, generation, variant };
    return key;
  }

  #originInfo(url: URL): OriginInfo {
    let info = this.#origins.get(url);
    if (info === undefined) {
      const secure = url.protocol === 'https:';
      const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      const origin = originOf({ secure, host, port });
      info = { host, port, secure, origin, authority: url.host, named: this.#isNamed(url), last: undefined };
      this.#origins.set(url, info);
    }
    return info;
  }

  #routeList(routes: Routes): RouteList {
    let list = this.#routeLists.get(routes);
    if (list === undefined) {
      list = { key: routes.map(routeKey).join(' '), proxiesOnly: routes.every((route) => route.kind === 'proxy') };
      this.#routeLists.set(routes, list);
    }
    return list;
  }

  async #openRoute(plan: Plan, route: Route, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    const { host, port, secure, destination } = plan;
    const { upgrade, raw = false, tcp, tls, userAgent } = destination;
    const named = !raw && this.#originInfo(destination.url).named;
    const check = (this.#options as SharedOptions)[FOR_CALLERS];
    check?.(route);
    const forwards = check !== undefined;
    const secret = localSecret(route);
    const proxy =
      route.kind === 'proxy' && secret === undefined
        ? await this.#side({ role: 'proxy', host: route.host, port: route.port }, route.credentials, signal)
        : undefined;
    const origin = named ? await this.#side({ role: 'origin', host, port }, undefined, signal) : undefined;
    return openConnection({
      route,
      host,
      port,
      secure: secure && !raw,
      tunnel: route.kind === 'proxy' && (secure || upgrade || raw),
      userAgent,
      proxy,
      secret,
      origin,
      tcp,
      tls: { ...this.#options.tls, ...tls },
      proxyTls: proxyTlsOptions(this.#options),
      timeout: this.#timeout,
      reportsUnnamed: !named && !raw && !forwards,
      forwards,
      signal,
      lost,
    });
  }

  /** Returns how to authenticate to a peer; undefined without credentials. */
  async #side(peer: Peer, own: Credentials | undefined, signal: AbortSignal): Promise<AuthSide | undefined> {
    const { schemes, channelBindings } = this.#options;
    const question = credentialQuestion(peer, schemes);
    let identity: Identity | undefined = own ?? (await orAborted(this.#credentials.get(question), signal));
    if (identity === undefined) return undefined;
    // A credential function may return other credentials now.
    if (own === undefined && this.#registry.rejection(peer, attemptKey(identity)) !== undefined) {
      identity = (await orAborted(this.#credentials.replace(question, identity), signal)) ?? identity;
    }
    const store = own === undefined ? this.#credentials : undefined;
    return { peer, identity, store, registry: this.#registry, schemes, bind: channelBindings !== 'off' };
  }

  #reachableFirst(routes: Routes): Route[] {
    const oldest = performance.now() - UNREACHABLE_MEMORY;
    const isBad = (route: Route): boolean => (this.#unreachable.get(routeName(route)) ?? -Infinity) > oldest;
    return [...routes.filter((route) => !isBad(route)), ...routes.filter(isBad)];
  }
}

/** Returns the suffix of the plan keys that belong to one caller. */
export function affinityKey(affinity: string): string {
  return ` ${affinity}`;
}

const SLASH = 47;

/** Rejects absolute URLs as paths: a proxy would send the request, and the credentials of one origin, to another origin. */
function checkTarget(path: string, origin: string): void {
  if (path === '*' || (URL.canParse(path) && new URL(path).origin === new URL(origin).origin)) return;
  throw new NtlmError('ERR_NTLM_BAD_TARGET', `the path of the request leads elsewhere than to ${origin}`, {
    advice: 'give a path that begins with a slash; the host belongs into the URL',
  });
}

function routeKey(route: Route): string {
  if (route.kind === 'direct' || route.credentials === undefined) return routeName(route);
  return `${routeName(route)}#${credentialIdentity(route.credentials)}`;
}

function firstPeer({ routes: [route], host, port }: Plan): string {
  return route?.kind === 'proxy' ? `the proxy ${routeName(route)}` : `the server ${hostPort(host, port)}`;
}
