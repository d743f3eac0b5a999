import type { Socket, TcpNetConnectOpts } from 'node:net';
import { type Route, routeName } from '../routes/route.js';
import { type Rescue, RequestInterceptor } from './interceptor.js';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { report } from '../diagnostics.js';
import { Http1Client } from './dialogue.js';
import {
  handshakeTimeout,
  http2Only,
  isHttp2Only,
  proxyUnreachable,
  tooManyLegs,
  unsolicitedBytes,
} from '../network-errors.js';
import { greet, connectTunnel, Reconnect } from './tunnel.js';
import type { AuthSession } from '../auth/session.js';
import type { SignOn } from '../auth/sign-ons.js';
import { openTcp, startTls } from './sockets.js';
import { hostPort, originOf } from '../url.js';

/** An open socket with everything that was agreed upon on it. It belongs to one route and one credential for life. */
export class Connection {
  readonly id: number;
  readonly socket: Socket;
  readonly route: Route;
  readonly #interceptor: RequestInterceptor;
  #requests = 0;

  constructor(id: number, socket: Socket, route: Route, interceptor: RequestInterceptor) {
    this.id = id;
    this.socket = socket;
    this.route = route;
    this.#interceptor = interceptor;
  }

  /** Requests that it has carried, without the legs of handshakes. */
  get requests(): number {
    return this.#requests;
  }

  /** To be called before an HTTP client writes a request to the socket. */
  beginRequest(origin: string, rescue?: Rescue): void {
    this.#requests += 1;
    this.#interceptor.beginRequest(origin, rescue);
  }

  /** To be called when the client has read the whole answer. */
  endRequest(): void {
    this.#interceptor.endRequest();
  }

  /** The socket as it is, for bytes that are no HTTP, or no longer. */
  detach(): Socket {
    this.#interceptor.leave();
    return this.socket;
  }

  /** The peer has begun to answer the current request. */
  get responseStarted(): boolean {
    return this.#interceptor.responseStarted;
  }

  /** It failed in a way that shows that the current request was not carried out. */
  get unprocessed(): boolean {
    return this.#interceptor.unprocessed;
  }

  /** Another request can be written to it. */
  get usable(): boolean {
    return !this.socket.destroyed && this.socket.writable && !this.socket.readableEnded;
  }
}

export interface ConnectionRequest {
  readonly route: Route;
  readonly host: string;
  readonly port: number;
  /** TLS to the origin. */
  readonly secure: boolean;
  /** Through a proxy by CONNECT: always when secure, and for upgrades. */
  readonly tunnel: boolean;
  /** Of the caller's request, for which legs of our own stand in. */
  readonly method: string;
  readonly path: string;
  readonly proxy?: SignOn | undefined;
  readonly origin?: SignOn | undefined;
  readonly tcp?: Partial<TcpNetConnectOpts> | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly proxyTls?: TlsOptions | undefined;
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** One to start with, one for a proxy that closes after its 407, one for a peer that will not have HEAD, one spare. */
const MOST_SOCKETS = 4;

let lastConnection = 0;

/** Opens a connection and goes through everything that must happen on it before the caller's request. */
export async function openConnection(request: ConnectionRequest): Promise<Connection> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(handshakeTimeout(peerOf(request), request.timeout)), request.timeout);
  const onAbort = (): void => deadline.abort(request.signal?.reason);
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    request.signal?.throwIfAborted();
    return await new Opening(request, deadline.signal).run();
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

class Opening {
  readonly #request: ConnectionRequest;
  readonly #signal: AbortSignal;
  // What one socket has taught for the next.
  #legMethod = 'HEAD';
  #greeted = false;
  #proxy: AuthSession | undefined;
  #origin: AuthSession | undefined;

  constructor(request: ConnectionRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
  }

  async run(): Promise<Connection> {
    try {
      const connection = await orAborted(this.#attempts(), this.#signal);
      connection.socket.once('close', () => this.#closeParties());
      return connection;
    } catch (error) {
      this.#closeParties();
      throw error;
    }
  }

  #closeParties(): void {
    this.#proxy?.close();
    this.#origin?.close();
  }

  async #attempts(): Promise<Connection> {
    for (let attempt = 0; attempt < MOST_SOCKETS; attempt += 1) {
      const sockets: Socket[] = [];
      try {
        return await this.#open(sockets);
      } catch (error) {
        // The outer one first: Node.js crashes when a socket ends below a TLS handshake that has just come to its end.
        for (const socket of sockets.reverse()) socket.destroy();
        if (!(error instanceof Reconnect)) throw this.#signal.aborted ? this.#signal.reason : error;
        this.#legMethod = error.next.legMethod ?? this.#legMethod;
        this.#greeted = error.next.greeted ?? false;
      }
    }
    throw tooManyLegs(peerOf(this.#request));
  }

  /** Leaves in `sockets` what has to be closed should it fail half way. */
  async #open(sockets: Socket[]): Promise<Connection> {
    const { route, host, port, secure, tunnel } = this.#request;
    const id = (lastConnection += 1);
    let socket = await this.#connect(sockets);
    report('connect', { connection: id, route: routeName(route), target: hostPort(host, port) });
    if (route.kind === 'proxy') {
      this.#proxy = this.#enter(this.#proxy, this.#request.proxy, socket, id);
      await this.#begin(this.#proxy, this.#request.proxy, tunnel);
      if (tunnel) await this.#tunnel(socket);
    }
    if (secure) socket = await this.#startTls(socket, sockets);
    this.#origin = this.#enter(this.#origin, this.#request.origin, socket, id);
    await this.#begin(this.#origin, this.#request.origin, false);
    const parties = [tunnel ? undefined : this.#proxy, this.#origin].filter((party) => party !== undefined);
    await this.#greet(socket, parties);
    const interceptor = new RequestInterceptor(socket, {
      parties,
      absoluteForm: this.#absoluteForm,
      peer: peerOf(this.#request),
      legMethod: this.#legMethod,
    });
    return new Connection(id, socket, route, interceptor);
  }

  /** The first hop, with TLS if that hop wants it for itself. */
  async #connect(sockets: Socket[]): Promise<Socket> {
    const { route, host, port, tcp, proxyTls } = this.#request;
    if (route.kind === 'direct') {
      const socket = await openTcp({ ...tcp, host, port }, this.#signal);
      sockets.push(socket);
      return socket;
    }
    const socket = await openTcp({ host: route.host, port: route.port }, this.#signal).catch((error: unknown) => {
      throw this.#signal.aborted ? error : proxyUnreachable(routeName(route), error);
    });
    sockets.push(socket);
    if (!route.tls) return socket;
    const secured = await startTls(socket, route.host, { ...proxyTls }, this.#signal);
    sockets.push(secured);
    return secured;
  }

  async #startTls(socket: Socket, sockets: Socket[]): Promise<Socket> {
    const secured = await startTls(socket, this.#request.host, { ...this.#request.tls }, this.#signal).catch(
      (error: unknown) => {
        const { host, port } = this.#request;
        throw isHttp2Only(error) ? http2Only(`the server ${hostPort(host, port)}`, error) : error;
      },
    );
    sockets.push(secured);
    return secured;
  }

  /** A handshake that was told to go on with a new connection does, if that leads to the same peer; any other starts afresh. */
  #enter(
    before: AuthSession | undefined,
    signOn: SignOn | undefined,
    socket: Socket,
    id: number,
  ): AuthSession | undefined {
    // What waited for the operating system comes back here also when nobody wants it any more.
    this.#signal.throwIfAborted();
    if (signOn === undefined) return undefined;
    const continuesOn = before?.header !== undefined && signOn.continuesOn(before, socket);
    if (!continuesOn) before?.close();
    const party = continuesOn ? before : signOn.createSession(socket);
    party.connection = id;
    return party;
  }

  async #begin(party: AuthSession | undefined, signOn: SignOn | undefined, always: boolean): Promise<void> {
    if (party === undefined || party.header !== undefined) return;
    if (always || (signOn?.expected === true && !this.#greeted)) await party.begin();
  }

  async #tunnel(socket: Socket): Promise<void> {
    const peer = peerOf(this.#request);
    const dialogue = new Http1Client(socket, peer);
    await connectTunnel(dialogue, peer, hostPort(this.#request.host, this.#request.port), this.#proxy);
    dialogue.release();
    this.#proxy?.close();
  }

  async #greet(socket: Socket, parties: readonly AuthSession[]): Promise<void> {
    if (parties.every((party) => party.header === undefined)) return;
    const { method, path, proxy, origin } = this.#request;
    const authority = originOf(this.#request);
    // `OPTIONS *` asks about the server as a whole, and a HEAD needs a path.
    const target = path.startsWith('/') ? path : '/';
    const peer = peerOf(this.#request);
    const dialogue = new Http1Client(socket, peer);
    this.#legMethod = await greet(dialogue, peer, parties, {
      leg: {
        target: this.#absoluteForm ? authority + target : target,
        host: authority.slice(authority.indexOf('//') + 2),
      },
      legMethod: this.#legMethod,
      method,
      complete: () => origin?.unproven(method) === true || (this.#absoluteForm && proxy?.unproven(method) === true),
    });
    if (dialogue.hasUnread) throw unsolicitedBytes(peer);
    dialogue.release();
    // Servers mostly want a ticket with each request, so that of the caller goes out with its own.
    if (this.#origin?.header === undefined && this.#origin?.authenticated === true && this.#origin.singleToken) {
      await this.#origin.begin();
    }
  }

  get #absoluteForm(): boolean {
    return this.#request.route.kind === 'proxy' && !this.#request.tunnel;
  }
}

/** What waits for the operating system cannot be stopped; whoever waits for it can. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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

function peerOf({ route, host, port }: ConnectionRequest): string {
  return route.kind === 'direct' ? `the server ${hostPort(host, port)}` : `the proxy ${routeName(route)}`;
}
