import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { NtlmError } from '../errors.js';
import { certificateOf, createAuthenticator } from './authenticator.js';
import type { Connection } from './connection/connection.js';
import { handshakeTimeout } from './connection/failures.js';
import { openConnection, originOf, type SignOn } from './connection/open-connection.js';
import { Party } from './connection/party.js';
import { checkOptions, type ConnectionOptions, LONGEST_TIMEOUT, proxyTlsOptions } from './connection-options.js';
import {
  type Credentials,
  type CredentialQuestion,
  type CredentialSource,
  credentialIdentity,
  createCredentialSource,
  type Identity,
  SystemIdentity,
} from './credentials.js';
import { createServerMatcher } from './named-servers.js';
import { createRouteResolver } from './routes/resolver.js';
import { hostPort, type Route, type RouteResolver, type Routes, routeName } from './routes/route.js';
import { orGivenUp, type Trial, Trials } from './trials.js';

/** What a request tells about where it wants to go. */
export interface Destination {
  /** Scheme, host and port count. It may be shared by requests, and is never changed. */
  readonly url: URL;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** An upgrade (WebSocket) goes through a tunnel, also without TLS. */
  readonly upgrade: boolean;
  /** Only bytes are wanted, for somebody who speaks TLS or another protocol himself: a way there and no more. */
  readonly raw?: boolean | undefined;
  readonly tcp?: Partial<TcpNetConnectOpts> | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Told apart from connections with other TCP or TLS options. */
  readonly variant?: string | undefined;
}

/** Where a request will go: decided anew for each, redirects too. */
export interface Plan {
  /** Connections of the same key may stand in for each other. */
  readonly key: string;
  readonly destination: Destination;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** For absolute-form requests. */
  readonly origin: string;
  /** For the Host field. */
  readonly authority: string;
  readonly routes: Routes;
}

/** What a URL says about where to connect. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly origin: string;
  readonly authority: string;
  /** It may be sent the credentials. */
  readonly named: boolean;
  /** The key of the last usual request, and what it was made of: that of the next one is mostly the same. */
  last: { readonly key: string; readonly way: Way; readonly generation: number; readonly variant: string } | undefined;
}

/** What a list of routes says about its connections. */
interface Way {
  readonly key: string;
  readonly proxiesOnly: boolean;
}

const HANDSHAKE_TIMEOUT = 30_000;
/** An account is locked after a few wrong passwords: what was refused is not sent again for so long. */
const REFUSAL_MEMORY = 30_000;
/** A proxy that could not be reached goes to the end of the list for so long. */
const UNREACHABLE_MEMORY = 30_000;

/** Finds the route and the credentials of each request, and opens the connections. Every adapter has one. */
export class Connector {
  readonly #options: ConnectionOptions;
  readonly #resolveRoutes: RouteResolver;
  readonly #credentials: CredentialSource;
  readonly #isNamed: (url: URL) => boolean;
  readonly #asksForCredentials: boolean;
  // Worked out once for each URL and each list of routes, of which most requests bring the same again.
  readonly #places = new WeakMap<URL, Place>();
  readonly #ways = new WeakMap<Routes, Way>();
  readonly #unreachable = new Map<string, number>();
  /** Peers that answered a first leg without asking for the second. They are not greeted before they do. */
  readonly #unasking = new Set<string>();
  readonly #trials = new Trials();
  readonly #refused = new Map<string, { error: NtlmError; time: number }>();
  /** Which credentials each peer has accepted. */
  readonly #proven = new Map<string, string>();

  constructor(options: ConnectionOptions = {}) {
    checkOptions(options);
    this.#options = options;
    this.#resolveRoutes = createRouteResolver(options.proxy);
    this.#credentials = createCredentialSource(options.credentials);
    this.#asksForCredentials = typeof options.credentials === 'function';
    this.#isNamed = createServerMatcher(options.servers);
  }

  plan(destination: Destination): Plan | Promise<Plan> {
    const routes = this.#resolveRoutes(destination.url, destination.path);
    return routes instanceof Promise
      ? routes.then((found) => this.#planFor(destination, found))
      : this.#planFor(destination, routes);
  }

  /** Along the routes until one leads somewhere. */
  async open(plan: Plan, signal?: AbortSignal): Promise<Connection> {
    let failure: unknown;
    for (const route of this.#reachableFirst(plan.routes)) {
      try {
        return await this.#openRoute(plan, route, signal);
      } catch (error) {
        if (!(error instanceof NtlmError) || error.code !== 'ERR_NTLM_PROXY_UNREACHABLE') throw error;
        this.#unreachable.set(routeName(route), Date.now());
        failure = error;
      }
    }
    throw failure;
  }

  #planFor(destination: Destination, routes: Routes): Plan {
    const place = this.#placeOf(destination.url);
    const { host, port, secure, origin, authority, named } = place;
    if (named && destination.path.charCodeAt(0) !== SLASH) checkTarget(destination.path, origin);
    const key = this.#keyOf(destination, place, this.#wayOf(routes));
    return { key, destination, host, port, secure, origin, authority, routes };
  }

  #keyOf({ upgrade, raw = false, variant = '' }: Destination, place: Place, way: Way): string {
    const { generation } = this.#credentials;
    const { last } = place;
    const usual = !upgrade && !raw;
    if (usual && last?.way === way && last.generation === generation && last.variant === variant) return last.key;
    let key = `${generation} ${way.key}`;
    // A proxy that reads the requests takes those for any origin on one connection, unless the origin signs on too.
    const anyOrigin = !place.secure && !upgrade && !raw && !place.named && way.proxiesOnly;
    if (!anyOrigin) key += ` ${place.origin}${upgrade ? ' upgrade' : ''}${raw ? ' raw' : ''} ${variant}`;
    if (usual) place.last = { key, way, generation, variant };
    return key;
  }

  #placeOf(url: URL): Place {
    let place = this.#places.get(url);
    if (place === undefined) {
      const secure = url.protocol === 'https:';
      const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      const origin = originOf({ secure, host, port });
      place = { host, port, secure, origin, authority: url.host, named: this.#isNamed(url), last: undefined };
      this.#places.set(url, place);
    }
    return place;
  }

  #wayOf(routes: Routes): Way {
    let way = this.#ways.get(routes);
    if (way === undefined) {
      way = { key: routes.map(routeKey).join(' '), proxiesOnly: routes.every((route) => route.kind === 'proxy') };
      this.#ways.set(routes, way);
    }
    return way;
  }

  /** Credentials that a function gave and the peer refused are asked for once more; no others are tried twice. */
  async #openRoute(plan: Plan, route: Route, signal: AbortSignal | undefined): Promise<Connection> {
    const refusals = { askAgain: false };
    try {
      return await this.#openOnce(plan, route, signal, refusals);
    } catch (error) {
      if (!refusals.askAgain) throw error;
      return await this.#openOnce(plan, route, signal, refusals).catch((again: unknown) => {
        // What was said first says more, if the same credentials were given again.
        throw again instanceof NtlmError && again.code === 'ERR_NTLM_REJECTED' ? error : again;
      });
    }
  }

  async #openOnce(
    plan: Plan,
    route: Route,
    signal: AbortSignal | undefined,
    refusals: { askAgain: boolean },
  ): Promise<Connection> {
    const { host, port, secure, destination } = plan;
    const { method, path, upgrade, raw = false, tcp, tls } = destination;
    const named = !raw && this.#placeOf(destination.url).named;
    const proxy =
      route.kind === 'proxy'
        ? await this.#signOn(true, route.host, route.port, refusals, signal, route.credentials)
        : undefined;
    const origin = named
      ? await this.#signOn(false, host, port, refusals, signal).catch((error: unknown) => {
          proxy?.endTrial();
          throw error;
        })
      : undefined;
    const endTrials = (): void => {
      proxy?.endTrial();
      origin?.endTrial();
    };
    const opening = openConnection({
      route,
      host,
      port,
      secure: secure && !raw,
      tunnel: route.kind === 'proxy' && (secure || upgrade || raw),
      method,
      path,
      proxy,
      origin,
      tcp,
      tls: { ...this.#options.tls, ...tls },
      proxyTls: proxyTlsOptions(this.#options),
      timeout: this.#timeout,
      signal,
    });
    opening.then(({ socket }) => socket.once('close', endTrials), endTrials);
    return opening;
  }

  async #signOn(
    isProxy: boolean,
    host: string,
    port: number,
    refusals: { askAgain: boolean },
    signal: AbortSignal | undefined,
    ownCredentials?: Credentials,
  ): Promise<(SignOn & { endTrial(): void }) | undefined> {
    const { schemes, channelBindings } = this.#options;
    const ask: CredentialQuestion = { host, port, isProxy, schemes: schemes ?? ['Negotiate', 'NTLM'] };
    const peer = `${isProxy ? 'the proxy' : 'the server'} ${hostPort(host, port)}`;
    const othersTry = (outcome: Promise<void>, since: number): Promise<void> =>
      orGivenUp(outcome, since + this.#timeout - Date.now(), () => handshakeTimeout(peer, this.#timeout), signal);
    const asked = Date.now();
    let credentials: Identity;
    let key: string;
    let identity: string;
    let trial: Trial | undefined;
    for (;;) {
      const found = ownCredentials ?? (await this.#credentials.find(ask));
      if (found === undefined) return undefined;
      credentials = found;
      identity = credentialIdentity(credentials);
      key = `${peer} ${identity}`;
      if (ownCredentials !== undefined) this.#checkRefused(key);
      // Who does not ask is not shown anything to try; should he ask after all, there is `beforeProof`.
      if (this.#proven.get(peer) === identity || this.#unasking.has(peer)) break;
      const others = this.#trials.underWay(key);
      if (others === undefined) {
        trial = this.#trials.start(key);
        break;
      }
      await othersTry(others, asked);
    }
    const endTrial = (): void => {
      trial?.end();
      trial = undefined;
    };
    const myTurn = async (others: Promise<void>): Promise<void> => {
      const since = Date.now();
      for (
        let outcome: Promise<void> | undefined = others;
        outcome !== undefined;
        outcome = this.#trials.underWay(key)
      ) {
        await othersTry(outcome, since);
        this.#checkRefused(key);
        if (this.#proven.get(peer) === identity) return;
      }
      trial = this.#trials.start(key, true);
    };
    const observer = {
      beforeProof: (): Promise<void> | undefined => {
        if (trial !== undefined || this.#proven.get(peer) === identity) return undefined;
        const others = this.#trials.underWay(key);
        if (others !== undefined) return myTurn(others);
        trial = this.#trials.start(key, true);
        return undefined;
      },
      content: (authenticated: boolean): void => {
        endTrial();
        if (authenticated) {
          this.#proven.set(peer, identity);
          this.#unasking.delete(peer);
        } else {
          this.#unasking.add(peer);
        }
      },
      refused: (error: unknown): void => {
        if (error instanceof NtlmError && error.code === 'ERR_NTLM_REJECTED') {
          this.#proven.delete(peer);
          if (ownCredentials === undefined) refusals.askAgain = this.#credentials.refused(ask, credentials);
          this.#refused.set(key, { error, time: Date.now() });
        }
        endTrial();
      },
    };
    const bindingOf = (socket: Socket): Uint8Array | undefined =>
      channelBindings === 'off' ? undefined : certificateOf(socket);
    return {
      createParty: (socket) => {
        const certificate = bindingOf(socket);
        const authenticator = createAuthenticator(credentials, { isProxy, host, schemes, certificate });
        return new Party(authenticator, isProxy, peer, observer, certificate);
      },
      goesOn: ({ certificate = NONE }, socket) => Buffer.compare(certificate, bindingOf(socket) ?? NONE) === 0,
      expected: !this.#unasking.has(peer),
      unproven: (method) =>
        trial?.isAwaited() === true ||
        (this.#proven.get(peer) !== identity &&
          // A ticket would ride on the request at once, and not every request can be sent once more.
          (this.#asksForCredentials || (credentials instanceof SystemIdentity && !isRepeatable(method)))),
      endTrial,
    };
  }

  get #timeout(): number {
    return Math.min(this.#options.handshakeTimeout ?? HANDSHAKE_TIMEOUT, LONGEST_TIMEOUT);
  }

  /** Those of a proxy's URL, and those that are about to be tried; others are remembered where they come from. */
  #checkRefused(key: string): void {
    const refusal = this.#refused.get(key);
    if (refusal === undefined) return;
    if (Date.now() - refusal.time < REFUSAL_MEMORY) throw refusal.error;
    this.#refused.delete(key);
  }

  #reachableFirst(routes: Routes): Route[] {
    const oldest = Date.now() - UNREACHABLE_MEMORY;
    const isBad = (route: Route): boolean => (this.#unreachable.get(routeName(route)) ?? 0) > oldest;
    return [...routes.filter((route) => !isBad(route)), ...routes.filter(isBad)];
  }
}

const SLASH = 47;
const NONE = new Uint8Array();

/** A path may be a whole URL, which a proxy goes by: the credentials of the one origin would ride to the other. */
function checkTarget(path: string, origin: string): void {
  if (path === '*' || (URL.canParse(path) && new URL(path).origin === new URL(origin).origin)) return;
  throw new NtlmError('ERR_NTLM_BAD_TARGET', `the path of the request leads elsewhere than to ${origin}`, {
    advice: 'give a path that begins with a slash; the host belongs into the URL',
  });
}

/** Nothing happens twice, and there is no body. */
function isRepeatable(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function routeKey(route: Route): string {
  if (route.kind === 'direct' || route.credentials === undefined) return routeName(route);
  return `${routeName(route)}#${credentialIdentity(route.credentials)}`;
}
