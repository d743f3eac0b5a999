import type { Socket, TcpNetConnectOpts } from 'node:net';
import { type Route, routeName } from '../routes/route.js';
import { hostPort } from '../url.js';
import { RequestInterceptor } from './interceptor.js';
import type { OnLongBody } from './long-body.js';
import type { LostRequest, OnLost } from './lost-request.js';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { report } from '../diagnostics.js';
import { Http1Client } from '../http1/client.js';
import {
  http2Only,
  isHttp2Only,
  proxyTlsFailed,
  proxyUnreachable,
  serverUnreachable,
  tooManyLegs,
} from '../network-errors.js';
import { connectTunnel, Reconnect } from './tunnel.js';
import { peerName } from '../auth/registry.js';
import { AuthSession, type AuthSide, certificateOf } from '../auth/session.js';
import { openTcp, startTls, type TlsStartOptions } from './sockets.js';

/** An open socket with its handshakes. It belongs to one route and one identity for its whole life. */
export class Connection {
  readonly id: number;
  readonly socket: Socket;
  readonly route: Route;
  readonly #interceptor: RequestInterceptor;
  readonly #retired: boolean;
  #requests = 0;

  constructor(id: number, socket: Socket, route: Route, interceptor: RequestInterceptor, retired = false) {
    this.id = id;
    this.socket = socket;
    this.route = route;
    this.#interceptor = interceptor;
    this.#retired = retired;
  }

  /** The number of requests, without the legs of handshakes. */
  get requests(): number {
    return this.#requests;
  }

  /** Must be called before an HTTP client writes a request to the socket. */
  beginRequest(origin: string, onLost?: OnLost, onLongBody?: OnLongBody): void {
    this.#requests += 1;
    this.#interceptor.beginRequest(origin, onLost, onLongBody);
  }

  /** Must be called when the client has read the whole response. */
  endRequest(): void {
    this.#interceptor.endRequest();
  }

  /** Returns the raw socket, for protocols other than HTTP. */
  detach(): Socket {
    this.#interceptor.detach();
    return this.socket;
  }

  /** Whether the response to the current request has started. */
  get responseStarted(): boolean {
    return this.#interceptor.responseStarted;
  }

  /** Whether the connection failed in a way that shows that the current request was not processed. */
  get unprocessed(): boolean {
    return this.#interceptor.unprocessed;
  }

  /** Whether a handshake is pending that may have to continue on another connection. */
  get mayReconnect(): boolean {
    return this.#interceptor.mayReconnect;
  }

  /** Whether a request can be written. */
  get usable(): boolean {
    return !this.socket.destroyed && this.socket.writable && !this.socket.readableEnded;
  }

  /** Whether the connection may be kept for other requests with the same credentials. */
  get reusable(): boolean {
    return this.usable && !this.#retired && !this.#interceptor.retired;
  }
}

export interface ConnectionRequest {
  readonly route: Route;
  readonly host: string;
  readonly port: number;
  /** TLS to the origin. */
  readonly secure: boolean;
  /** Use CONNECT through a proxy: always if secure, and for upgrades. */
  readonly tunnel: boolean;
  readonly userAgent?: string | undefined;
  readonly proxy?: AuthSide | undefined;
  /** The `Proxy-Authorization` value for a local proxy, which requires nothing else. */
  readonly secret?: string | undefined;
  readonly origin?: AuthSide | undefined;
  readonly tcp?: Partial<TcpNetConnectOpts> | undefined;
  readonly tls?: TlsStartOptions | undefined;
  readonly proxyTls?: TlsOptions | undefined;
  /** Milliseconds for each leg of a handshake on the open connection. */
  readonly timeout: number;
  /** Report a 401 that would be answered if `servers` named the origin. */
  readonly reportsUnnamed: boolean;
  /** Whether long data will be forwarded to another socket. */
  readonly forwards: boolean;
  /** Aborts the opening with its reason. */
  readonly signal: AbortSignal;
  /** A request that failed on another connection, with handshakes to continue here. */
  readonly lost?: LostRequest | undefined;
}

/** The maximum number of sockets: the first, one after a proxy that closes after its 407, and two spare. */
const MOST_SOCKETS = 4;
/** Milliseconds to wait for the verdict about a proof after the caller has given up. */
const ORPHAN_PATIENCE = 10_000;

let lastConnection = 0;

/** Opens a connection to the point where the caller's request can be written. */
export function openConnection(request: ConnectionRequest): Promise<Connection> {
  return new Opening(request).run();
}

class Opening {
  readonly #request: ConnectionRequest;
  readonly #signal: AbortSignal;
  #sockets: Socket[] = [];
  #proxy: AuthSession | undefined;
  #origin: AuthSession | undefined;
  #orphaned = false;

  constructor(request: ConnectionRequest) {
    this.#request = request;
    this.#signal = request.signal;
    for (const session of request.lost?.sessions ?? []) {
      if (session.isProxy) this.#proxy = session;
      else this.#origin = session;
    }
  }

  async run(): Promise<Connection> {
    const attempts = this.#attempts();
    const onAbort = (): void => this.#giveUp();
    this.#signal.addEventListener('abort', onAbort);
    try {
      return await orAborted(attempts, this.#signal);
    } catch (error) {
      if (!this.#orphaned) this.#closeSessions();
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', onAbort);
      // A call into the operating system cannot be cancelled, so its result is closed.
      if (this.#signal.aborted)
        attempts.then(({ socket }) => socket.destroy(), ignore).finally(() => this.#closeSessions());
    }
  }

  /** Gives up the opening. The verdict about a proof sent to the proxy still counts for later requests. */
  #giveUp(): void {
    if (this.#proxy?.isProving !== true) return this.#destroySockets();
    this.#orphaned = true;
    this.#proxy.orphan();
    for (const socket of this.#sockets) socket.unref();
    setTimeout(() => this.#destroySockets(), ORPHAN_PATIENCE).unref();
  }

  #closeSessions(): void {
    this.#proxy?.close();
    this.#origin?.close();
  }

  /** Destroys the outer socket first: Node.js crashes if a socket ends below a TLS handshake that has just completed. */
  #destroySockets(): void {
    for (const socket of this.#sockets.splice(0).reverse()) socket.destroy();
  }

  async #attempts(): Promise<Connection> {
    for (let attempt = 0; attempt < MOST_SOCKETS; attempt += 1) {
      try {
        return await this.#open();
      } catch (error) {
        this.#destroySockets();
        if (!(error instanceof Reconnect)) throw this.#signal.aborted ? this.#signal.reason : error;
      }
    }
    throw tooManyLegs(peerOf(this.#request));
  }

  async #open(): Promise<Connection> {
    const { route, host, port, secure, tunnel, timeout } = this.#request;
    const id = (lastConnection += 1);
    let socket = await this.#connect();
    report('connect', { connection: id, route: routeName(route), target: hostPort(host, port) });
    if (route.kind === 'proxy') this.#proxy = this.#enter(this.#proxy, this.#request.proxy, socket, id);
    if (tunnel) await this.#tunnel(socket);
    if (secure) socket = await this.#startTls(socket);
    this.#origin = this.#enter(this.#origin, this.#request.origin, socket, id);
    const sessions = [tunnel ? undefined : this.#proxy, this.#origin].filter((session) => session !== undefined);
    const absoluteForm = route.kind === 'proxy' && !tunnel;
    const interceptor = new RequestInterceptor(socket, {
      sessions,
      absoluteForm,
      secret: absoluteForm ? this.#request.secret : undefined,
      peer: peerOf(this.#request),
      timeout,
      reportsUnnamed: this.#request.reportsUnnamed,
    });
    this.#sockets = [];
    return new Connection(id, socket, route, interceptor, tunnel && this.#proxy?.retired === true);
  }

  /** Connects to the first hop, with TLS for an `https:` proxy. */
  async #connect(): Promise<Socket> {
    const { route, host, port, tcp, proxyTls, secure } = this.#request;
    // TLS has its own buffers.
    const forwards = this.#request.forwards && !secure && !(route.kind === 'proxy' && route.tls);
    if (route.kind === 'direct') {
      const socket = await openTcp({ ...tcp, host, port }, this.#signal, forwards).catch((error: unknown) => {
        throw this.#signal.aborted ? error : serverUnreachable(peerOf(this.#request), error);
      });
      this.#sockets.push(socket);
      return socket;
    }
    const socket = await openTcp({ host: route.host, port: route.port }, this.#signal, forwards).catch(
      (error: unknown) => {
        throw this.#signal.aborted ? error : proxyUnreachable(routeName(route), error);
      },
    );
    this.#sockets.push(socket);
    if (!route.tls) return socket;
    const secured = await startTls(socket, route.host, { ...proxyTls }, this.#signal).catch((error: unknown) => {
      throw this.#signal.aborted ? error : proxyTlsFailed(routeName(route), error);
    });
    this.#sockets.push(secured);
    return secured;
  }

  async #startTls(socket: Socket): Promise<Socket> {
    const secured = await startTls(socket, this.#request.host, { ...this.#request.tls }, this.#signal).catch(
      (error: unknown) => {
        const peer = `the server ${hostPort(this.#request.host, this.#request.port)}`;
        if (this.#signal.aborted) throw error;
        throw isHttp2Only(error) ? http2Only(peer, error) : serverUnreachable(peer, error);
      },
    );
    this.#sockets.push(secured);
    return secured;
  }

  /** Continues a handshake on a new connection to the same peer; otherwise the handshake starts over. */
  #enter(
    before: AuthSession | undefined,
    side: AuthSide | undefined,
    socket: Socket,
    id: number,
  ): AuthSession | undefined {
    // Calls into the operating system end here even if the caller has given up.
    this.#signal.throwIfAborted();
    if (side === undefined) return undefined;
    const certificate = side.bind ? certificateOf(socket) : undefined;
    const continues = before !== undefined && before.name === peerName(side.peer) && before.continuesOn(certificate);
    if (!continues) before?.close();
    const session = continues ? before : new AuthSession(side, certificate);
    session.connection = id;
    return session;
  }

  async #tunnel(socket: Socket): Promise<void> {
    const { host, port, userAgent, secret } = this.#request;
    const peer = peerOf(this.#request);
    const client = new Http1Client(socket, peer);
    await connectTunnel(client, peer, { authority: hostPort(host, port), userAgent, secret }, this.#proxy);
    client.release();
    this.#proxy?.close();
  }
}

/** Waits for a promise until the signal is aborted. The underlying call into the operating system continues. */
export async function orAborted<T>(promise: T | Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function ignore(): void {}

function peerOf({ route, host, port }: ConnectionRequest): string {
  return route.kind === 'direct' ? `the server ${hostPort(host, port)}` : `the proxy ${routeName(route)}`;
}
