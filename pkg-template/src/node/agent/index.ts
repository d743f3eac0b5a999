import * as http from 'node:http';
import type { ClientRequest } from 'node:http';
import * as https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Connection } from '../connection/index.js';
import type { TlsStartOptions } from '../connection/sockets.js';
import type { LostRequest, OnLost } from '../connection/lost-request.js';
import { Connector, type Plan } from '../connector.js';
import { isWatched, report } from '../diagnostics.js';
import { KEEP_ALIVE_TIMEOUT, LONGEST_TIMEOUT } from '../options.js';
import { routeName } from '../routes/route.js';
import { type AgentOptions, sortOptions } from './agent-options.js';
import { type AgentSideRequest, Detachable, PendingRequest } from './pending-request.js';
import {
  type AgentRequestOptions,
  isSecure,
  nodeName,
  serverName,
  settlePort,
  targetOf,
  tlsOptions,
  UNSET_PORT,
} from './request-target.js';

export type { AgentOptions };

/** The safe methods, which may be repeated (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The next kept connection may be as stale as the one that failed. After this many, the request fails. */
const MOST_LOSSES = 5;

/** Node passes options from one of its methods to the next, and keeps their symbols. */
const NAME = Symbol('name');
const SECURE = Symbol('secure');
const OPENING = Symbol('opening');

interface OwnOptions extends AgentRequestOptions {
  [NAME]?: string;
  [SECURE]?: boolean;
  [OPENING]?: Opening;
}

/** A request that uses the connector. */
interface Use {
  readonly agent: NtlmAgent;
  readonly plan: Plan;
  readonly options: OwnOptions;
  /** The request that another connection lost, and the number of losses. */
  lost: LostRequest | undefined;
  losses: number;
}

/** A placeholder in Node's socket lists until there is a socket, so that `maxSockets` counts it. */
interface Opening {
  readonly request: ClientRequest;
  readonly use: Use;
  readonly placeholder: Socket;
}

const uses = new WeakMap<ClientRequest, Use>();

/**
 * An agent for `http:` and `https:` requests that finds the proxy and authenticates to proxies and servers.
 *
 * It extends Node's agent and works with everything built on Node's HTTP client: http.request, https.request, axios, got,
 * node-fetch, superagent, ws. The constructor throws `ERR_NTLM_INVALID_OPTION` for invalid options. Requests emit 'error' with
 * an `NtlmError`, such as `ERR_NTLM_REJECTED`.
 *
 * @example
 * const agent = new NtlmAgent({ proxy: 'http://proxy.corp.example:8080' });
 * https.get('https://www.example.com/', { agent }, (response) => response.pipe(process.stdout));
 */
export class NtlmAgent extends https.Agent {
  /** Node's count of open and opening sockets. */
  declare totalSocketCount: number;
  readonly #connector: Connector;
  readonly #keepAliveTimeout: number;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #detachables = new WeakMap<Connection, Detachable>();
  #opening = 0;

  constructor(options: AgentOptions = {}) {
    const { own, node } = sortOptions(options);
    super({ keepAlive: true, ...node });
    this.#connector = Connector.for(own);
    this.#keepAliveTimeout = Math.min(own.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT, LONGEST_TIMEOUT);
    // No protocol means any protocol to http.request.
    Object.defineProperties(this, {
      protocol: { value: undefined, configurable: true, writable: true },
      defaultPort: { value: UNSET_PORT, configurable: true, writable: true },
    });
    // This must run before Node's listener, which gives the socket to the next request.
    this.prependListener('free', (socket: Socket) => this.#onFree(socket));
  }

  /** Called by Node for each request. */
  addRequest(request: ClientRequest, given: AgentRequestOptions | string, port?: number, localAddress?: string): void {
    const options: OwnOptions =
      typeof given === 'string' ? ({ host: given, port, localAddress } as OwnOptions) : (given as OwnOptions);
    const secure = isSecure(options, (this as { protocol?: string }).protocol);
    settlePort(request, options, secure);
    options[SECURE] = secure;
    if (goesByItself(request, options)) return addRequest.call(this, request, options);
    const merged: OwnOptions = { ...options, ...(this.options as OwnOptions) };
    const servername = serverName(request, merged);
    if (servername !== undefined) options.servername = merged.servername = servername;
    try {
      const name = nodeName(merged, secure);
      const plan = this.#connector.plan(
        targetOf(request, merged, secure, name, () => this.#tlsOptions(merged, options[NAME] as string)),
      );
      if (!(plan instanceof Promise)) return this.#add(request, options, plan, name);
      const pending = PendingRequest.of(request);
      pending.opens();
      plan.then(
        (found) => {
          if (!pending.signal.aborted) this.#add(request, options, found, name);
        },
        (error: unknown) => pending.fail(error),
      );
    } catch (error) {
      PendingRequest.of(request).fail(error);
    }
  }

  /** @internal Node calls this when there is no free socket and room for another one. */
  createSocket(request: ClientRequest, options: OwnOptions, callback: SocketCallback): void {
    const use = uses.get(request);
    if (use === undefined) return createSocket.call(this, request, options, callback);
    // Programs read `_host`, which Node sets, from the socket of a failed request.
    const placeholder = Object.assign(new Socket(), { _host: use.options.host });
    const opening: Opening = { request, use, placeholder };
    (this.sockets as Record<string, Socket[]>)[this.getName(use.options)] ??= [];
    (this.sockets as Record<string, Socket[]>)[this.getName(use.options)]?.push(placeholder);
    this.totalSocketCount += 1;
    this.#opening += 1;
    // Node's `agent.destroy()` closes the placeholder.
    placeholder.once('close', () => opening.request.destroy());
    createSocket.call(this, request, { ...use.options, [OPENING]: opening }, callback);
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const { [OPENING]: opening, [SECURE]: secure } = options as OwnOptions;
    if (opening === undefined) {
      const { createConnection } = (secure === false ? http : https).Agent.prototype;
      return createConnection.call(this, options, callback);
    }
    void this.#open(opening, options as OwnOptions, callback as SocketCallback);
    return undefined;
  }

  override getName(options: AgentRequestOptions = {}): string {
    const { [NAME]: name, [SECURE]: secure } = options as OwnOptions;
    return name ?? nodeName(options, secure ?? isSecure(options, (this as { protocol?: string }).protocol));
  }

  override keepSocketAlive(socket: Socket): boolean {
    const keeps = super.keepSocketAlive(socket) as unknown as boolean;
    const limit = this.#keepAliveTimeout;
    // In Node, zero means no timeout.
    const { timeout = 0 } = socket;
    if (timeout === 0 || timeout > limit) socket.setTimeout(Math.min(limit, hintOf(socket)));
    return keeps;
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    socket.setTimeout(this.options.timeout ?? 0);
  }

  /** The number of open connections. */
  get size(): number {
    return this.totalSocketCount - this.#opening;
  }

  #add(request: ClientRequest, options: OwnOptions, plan: Plan, name: string): void {
    // The request was destroyed by a signal that was already aborted.
    if (request.destroyed) return (request as AgentSideRequest).onSocket(null);
    options[NAME] = isPlain(plan) ? name : plan.key;
    uses.set(request, { agent: this, plan, options, lost: undefined, losses: 0 });
    (request as AgentSideRequest).onSocket = giveSocket;
    this.#enqueue(request, options);
  }

  #enqueue(request: ClientRequest, options: OwnOptions): void {
    addRequest.call(this, request, options);
    const queue = this.requests[options[NAME] as string];
    if (queue?.at(-1) === (request as unknown)) {
      const pending = PendingRequest.of(request);
      pending.signal.addEventListener('abort', () => this.#unqueue(request, options), { once: true });
    }
  }

  #unqueue(request: ClientRequest, options: OwnOptions): void {
    const name = options[NAME] as string;
    const queue = this.requests[name] as unknown as ClientRequest[] | undefined;
    const index = queue?.indexOf(request) ?? -1;
    if (index === -1) return;
    queue?.splice(index, 1);
    if (queue?.length === 0) delete (this.requests as Record<string, unknown>)[name];
  }

  async #open(opening: Opening, options: OwnOptions, callback: SocketCallback): Promise<void> {
    const { request, use, placeholder } = opening;
    const pending = PendingRequest.of(request);
    pending.opens();
    try {
      if (request.destroyed) pending.fail(undefined);
      pending.signal.throwIfAborted();
      const connection = await this.#connector.open(use.plan, pending.signal, use.lost);
      const { socket } = connection;
      this.#connections.set(socket, connection);
      pending.done();
      placeholder.removeAllListeners('close');
      this.#removePlaceholder(placeholder, use.options);
      if (this.options.timeout !== undefined) socket.setTimeout(this.options.timeout);
      socket.once('close', () => report('closed', described(connection)));
      callback(null, socket);
    } catch (error) {
      placeholder.removeAllListeners('close');
      placeholder.destroy();
      this.#unqueue(request, use.options);
      pending.fail(error, placeholder);
      // As Node does when a socket closes, before it opens one for the next queued request.
      this.totalSocketCount -= 1;
      this.#opening -= 1;
      (this as unknown as NodeAgent).removeSocket(placeholder, options);
    }
  }

  #removePlaceholder(placeholder: Socket, options: OwnOptions): void {
    this.totalSocketCount -= 1;
    this.#opening -= 1;
    const list = (this.sockets as Record<string, Socket[]>)[this.getName(options)];
    const index = list?.indexOf(placeholder) ?? -1;
    if (index !== -1) list?.splice(index, 1);
  }

  /** Called before the request gets the socket. Nothing has been written yet. */
  begin(request: ClientRequest, socket: Socket, use: Use): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    const reused = connection.requests > 0;
    if (reused && isWatched('reused')) report('reused', described(connection));
    let detachable = this.#detachables.get(connection);
    if (detachable === undefined) this.#detachables.set(connection, (detachable = new Detachable(socket, request)));
    const onLost: OnLost = (lost) => this.#resend(request, connection, lost, use, reused);
    connection.beginRequest(use.plan.origin, use.losses < MOST_LOSSES ? onLost : undefined);
    const { lost } = use;
    use.lost = undefined;
    if (lost === undefined) return;
    // Another connection has taken over the handshakes.
    if (reused) for (const session of lost.sessions) session.close();
    if (lost.head === undefined) return;
    socket.write(lost.head, 'latin1');
    for (const piece of lost.body) socket.write(piece);
  }

  /**
   * Sends a request again if its kept connection failed before the response: the peer probably closed it while it was idle.
   * This applies to safe requests, requests that were not written yet, and requests that were only challenged.
   */
  #resend(request: ClientRequest, connection: Connection, lost: LostRequest, use: Use, reused: boolean): boolean {
    const harmless = reused && (lost.head === undefined || SAFE.has(request.method));
    if (request.destroyed || !(harmless || lost.unprocessed)) return false;
    this.#detachables.get(connection)?.detach(request);
    // The idle connections to the same peer are as stale as this one.
    for (const idle of [...(this.freeSockets[use.options[NAME] as string] ?? [])]) idle.destroy();
    use.losses += 1;
    use.lost = lost;
    this.#enqueue(request, use.options);
    return true;
  }

  #onFree(socket: Socket): void {
    const connection = this.#connections.get(socket);
    // A new socket is also free if it was opened for a queued request.
    if (connection === undefined || connection.requests === 0) return;
    connection.endRequest();
    if (!connection.reusable) socket.destroy();
  }

  #tlsOptions(options: OwnOptions, name: string): TlsStartOptions {
    const sessions = this as unknown as NodeAgent;
    const session = sessions._getSession?.(name);
    return {
      ...(session === undefined ? {} : { session }),
      ...tlsOptions(options),
      onTlsSocket: (socket) => this.#watchTls(socket, name),
    };
  }

  /** Does what Node's agent does with a TLS socket before its handshake. */
  #watchTls(socket: TLSSocket, name: string): void {
    const sessions = this as unknown as NodeAgent;
    socket.on('session', (session) => sessions._cacheSession?.(name, session));
    socket.once('close', (failed) => {
      if (failed) sessions._evictSession?.(name);
    });
    if (this.listenerCount('keylog') === 0) return;
    const onKeylog = (line: Buffer): void => void this.emit('keylog', line, socket);
    socket.on('keylog', onKeylog);
    // Node adds its own listener once the socket is open.
    socket.once('secureConnect', () => socket.off('keylog', onKeylog));
  }
}

type SocketCallback = (error: unknown, socket?: Socket) => void;

/** The members of Node's agents that their types lack. */
interface NodeAgent {
  addRequest(request: ClientRequest, options: object): void;
  createSocket(request: ClientRequest, options: object, callback: SocketCallback): void;
  removeSocket(socket: Socket, options: object): void;
  _getSession?(name: string): Buffer | undefined;
  _cacheSession?(name: string, session: Buffer): void;
  _evictSession?(name: string): void;
}

const { addRequest, createSocket } = http.Agent.prototype as unknown as NodeAgent;

/** Replaces the request's `onSocket` method and calls it. */
function giveSocket(this: AgentSideRequest, socket: Socket | null, error?: unknown): void {
  const use = uses.get(this);
  if (use !== undefined && socket && !error && !this.destroyed) use.agent.begin(this, socket, use);
  (http.ClientRequest.prototype as AgentSideRequest).onSocket.call(this, socket, error);
}

/** Whether the program provides the connection itself: no proxy and no credentials are used. */
function goesByItself(request: ClientRequest, options: OwnOptions): boolean {
  return typeof options.socketPath === 'string' || options.socket !== undefined || request.method === 'CONNECT';
}

/** Whether the connection is the same as one of Node's agent, and has the same name. */
function isPlain({ key, routes }: Plan): boolean {
  return key.startsWith('0 ') && routes.every(({ kind }) => kind === 'direct');
}

/** Returns the milliseconds of `Keep-Alive: timeout=5`, less one second for network delay. */
function hintOf(socket: Socket & { _httpMessage?: { res?: http.IncomingMessage } | null }): number {
  const field = socket._httpMessage?.res?.headers['keep-alive'];
  const seconds = typeof field === 'string' ? /\btimeout=(\d+)/i.exec(field)?.[1] : undefined;
  return seconds === undefined ? Infinity : Math.max(Number(seconds) * 1000 - 1000, 1);
}

function described({ id, route, requests }: Connection): { connection: number; route: string; requests: number } {
  return { connection: id, route: routeName(route), requests };
}
