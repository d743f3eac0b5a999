import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { type BodyFraming, BadMessage, requestFraming } from './framing.js';
import { fromRawHeaders, listOf, rawValuesOf } from './fields.js';
import { linger, lingerOnEnd, SOCKET_BUFFER, watchForEnd } from './sockets.js';

export interface ListenOptions {
  /** A loopback address, unless `admits` is given, because these servers use credentials. */
  readonly host: string;
  /** Whether a client is allowed. Others are disconnected without a response. */
  readonly admits?: ((socket: Socket) => boolean) | undefined;
  /** The port; 0 for any free port. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** The maximum number of clients. Further clients wait. */
  readonly maxConnections: number;
  /** Called when a client must wait. */
  readonly onWait?: () => void;
  /** Milliseconds without a byte in either direction, after which a connection is closed. */
  readonly idleTimeout: number;
}

/** The handlers of a server. */
export interface Service<Client> {
  /** Called when a client has connected. */
  connect(socket: Socket): Client;
  /** Answers one request with a valid head. The requests of one client are processed one at a time. */
  answer(exchange: Exchange, client: Client): void;
}

/** One request and its response. CONNECT and upgrades are HTTP until `takeOver`. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly target: string;
  readonly framing: BodyFraming;
  /** Whether the client requests another protocol, so that `takeOver` may be called. */
  readonly raw: boolean;
  /** Takes the socket for another protocol. It first yields the bytes after the head. */
  takeOver(): Socket;
  /**
   * Must be called before the body is read: sends `100 Continue` to a client that waits for it. Otherwise a body that is long, or
   * may never arrive, ends the connection.
   */
  wantBody(): void;
}

export interface Listener {
  readonly host: string;
  /** The IP address that the server listens on, also for `localhost`. */
  readonly address: string;
  readonly port: number;
  readonly openConnections: number;
  /** Returns the bytes since the start, including TLS records. */
  traffic(): { bytesReceived: number; bytesSent: number };
  /** Stops accepting connections. Sockets that are still open after `grace` milliseconds are destroyed. */
  close(grace: number): Promise<void>;
}

/**
 * The bytes that a socket may buffer before its source must wait. Node reads up to 64 KiB at a time. With the default limit
 * of 16 KiB (Node 20), every chunk of a long body would pause the source.
 */
const MAX_HEADER_SIZE = 65_536;
/** Milliseconds for a request head to arrive. */
const HEADERS_TIMEOUT = 10_000;
/** The maximum bytes of an unread request body that are discarded to keep the connection. A longer body closes it. */
const MAX_DRAIN = 4_194_304;

/** Whether the host is in 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

function notLoopback(host: string): NtlmError {
  return new NtlmError('ERR_NTLM_NOT_LOOPBACK', `will not listen on ${host}`, {
    advice: 'use an address of this machine alone, such as 127.0.0.1 or ::1, or name with --allow who may connect',
  });
}

/** Serves HTTP/1.1 over TCP or TLS with the strict parser of node:http. */
export async function listen<Client>(options: ListenOptions, service: Service<Client>): Promise<Listener> {
  if (options.admits === undefined && !isLoopback(options.host)) throw notLoopback(options.host);
  const settings: ServerOptions & { highWaterMark: number } = {
    // CONNECT and absolute-form targets contain the destination, so the Host field is not required.
    requireHostHeader: false,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_SIZE,
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: 0,
    connectionsCheckingInterval: HEADERS_TIMEOUT / 2,
    keepAliveTimeout: 0,
    noDelay: true,
    highWaterMark: SOCKET_BUFFER,
  };
  const server =
    options.tls === undefined
      ? createServer(settings)
      : createTlsServer({ ...settings, ...options.tls, ALPNProtocols: ['http/1.1'] });
  server.timeout = options.idleTimeout;
  // A field beyond a limit could be the one that frames the body.
  server.maxHeadersCount = 0;
  const traffic = new Traffic();
  holdBack(server, options, traffic);
  const serving = new Serving(server, service, options.tls === undefined ? 'connection' : 'secureConnection');
  await start(server, options);
  const address = server.address();
  const bound =
    typeof address === 'object' && address !== null ? address : { address: options.host, port: options.port };
  // A hosts file may map `localhost` to another machine.
  if (options.admits === undefined && !isLoopback(bound.address)) {
    server.close();
    throw notLoopback(bound.address);
  }
  return {
    host: options.host,
    address: bound.address,
    port: bound.port,
    get openConnections() {
      return [...traffic.sockets].filter((socket) => !socket.destroyed).length;
    },
    traffic: () => traffic.sum(),
    async close(grace) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      serving.finish();
      const timer = setTimeout(() => {
        for (const socket of traffic.sockets) socket.destroy();
      }, grace);
      await closed;
      clearTimeout(timer);
    },
  };
}

function start(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      reject(
        new NtlmError('ERR_NTLM_LISTEN', `cannot listen on ${host}:${port} (${cause.code ?? cause.message})`, {
          advice: 'choose another port, or 0 for any free one',
          cause,
        }),
      );
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** The TCP sockets of one server. A TLS socket closes with the TCP socket below it. */
class Traffic {
  readonly sockets = new Set<Socket>();
  #bytesReceived = 0;
  #bytesSent = 0;

  add(socket: Socket): void {
    this.sockets.add(socket);
    // A client may reset its connection. Without a listener the event would end the process.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.#bytesReceived += socket.bytesRead;
      this.#bytesSent += socket.bytesWritten;
    });
  }

  sum(): { bytesReceived: number; bytesSent: number } {
    let [bytesReceived, bytesSent] = [this.#bytesReceived, this.#bytesSent];
    for (const socket of this.sockets) {
      bytesReceived += socket.bytesRead;
      bytesSent += socket.bytesWritten;
    }
    return { bytesReceived, bytesSent };
  }
}

/**
 * Limits the number of connections. Those beyond `maxConnections` are passed to node:http when another one closes. A waiting
 * client loses no data, whereas node:net would reset it.
 */
function holdBack(server: Server, { maxConnections, onWait, admits }: ListenOptions, traffic: Traffic): void {
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  const waiting: Socket[] = [];
  const served = new WeakSet<Socket>();
  let open = 0;
  const serve = (socket: Socket): void => {
    open += 1;
    served.add(socket);
    socket.once('close', () => {
      open -= 1;
      let next = waiting.shift();
      while (next?.destroyed === true) next = waiting.shift();
      if (next !== undefined) serve(next);
    });
    for (const listener of accept) listener.call(server, socket);
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (served.has(socket)) {
      for (const listener of accept) listener.call(server, socket);
      return;
    }
    if (admits?.(socket) === false) {
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return;
    }
    traffic.add(socket);
    if (open < maxConnections) {
      serve(socket);
    } else {
      waiting.push(socket);
      onWait?.();
    }
  });
}

/** The state of one connection. */
interface Served<Client> {
  readonly client: Client;
  /** A request, or another protocol, is active. */
  busy: boolean;
  current: ServerResponse | undefined;
  readonly queue: (() => void)[];
  /** No further requests are read. */
  closing: boolean;
}

/** Turns the events of a node:http server into requests, one at a time for each connection. */
class Serving<Client> {
  readonly #server: Server;
  readonly #service: Service<Client>;
  readonly #event: 'connection' | 'secureConnection';
  readonly #connections = new Map<Socket, Served<Client>>();
  #finishing = false;

  constructor(server: Server, service: Service<Client>, event: 'connection' | 'secureConnection') {
    this.#server = server;
    this.#service = service;
    this.#event = event;
    server.on(event, (socket: Socket) => void this.#of(socket));
    server.on('tlsClientError', () => {});
    server.on('request', (req, res) => this.#onRequest(req, res, false));
    server.on('checkContinue', (req, res) => this.#onRequest(req, res, true));
    server.on('connect', (req, socket, head) => this.#onRaw(req, socket as Socket, head));
    server.on('upgrade', (req, socket, head) => this.#onRaw(req, socket as Socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#onBroken(error, socket as Socket));
  }

  /** Closes idle connections immediately, and the others after the current response. */
  finish(): void {
    this.#finishing = true;
    for (const [socket, served] of this.#connections) if (!served.busy) socket.destroy();
  }

  #of(socket: Socket): Served<Client> {
    let served = this.#connections.get(socket);
    if (served === undefined) {
      socket.on('error', () => {});
      served = { client: this.#service.connect(socket), busy: false, current: undefined, queue: [], closing: false };
      this.#connections.set(socket, served);
      socket.once('close', () => this.#connections.delete(socket));
    }
    return served;
  }

  #onRequest(req: IncomingMessage, res: ServerResponse, expects: boolean): void {
    const { socket } = req;
    const served = this.#of(socket);
    if (served.closing) return;
    this.#inTurn(served, socket, () => {
      served.current = res;
      res.once('close', () => this.#next(socket, served));
      this.#answer(req, res, served, expects, () => {
        throw new Error('the client did not ask for another protocol');
      });
    });
  }

  /** Handles a socket that node:http has released. While it is HTTP, a separate response object writes the answer. */
  #onRaw(req: IncomingMessage, socket: Socket, head: Buffer): void {
    const served = this.#of(socket);
    if (served.closing) return;
    socket.setTimeout(this.#server.timeout, () => socket.destroy());
    // The parser has read ahead, so the requests after this one cannot be ordered.
    if (served.busy) {
      served.closing = true;
      served.queue.push(() => void refuse(socket, 400, 'a request for another protocol cannot be pipelined'));
      return;
    }
    served.busy = true;
    if (head.length > 0) socket.unshift(head);
    const res = new ServerResponse(req);
    res.shouldKeepAlive = keepsAlive(req);
    res.assignSocket(socket);
    const watch = watchForEnd(socket);
    let taken = false;
    res.once('finish', () => {
      watch.stop();
      if (taken) return;
      res.detachSocket(socket);
      if (!res.shouldKeepAlive) {
        linger(socket);
        return;
      }
      // Return the socket to node:http for the next request.
      this.#server.emit(this.#event, socket);
      socket.resume();
      this.#next(socket, served);
    });
    this.#answer(
      req,
      res,
      served,
      false,
      () => {
        taken = true;
        watch.stop();
        res.detachSocket(socket);
        return socket;
      },
      true,
    );
  }

  #answer(
    req: IncomingMessage,
    res: ServerResponse,
    served: Served<Client>,
    expects: boolean,
    takeOver: () => Socket,
    raw = false,
  ): void {
    let framing: BodyFraming;
    try {
      framing = checkHead(req, raw);
    } catch (error) {
      const { status, message } = error as BadMessage;
      served.closing = true;
      res.shouldKeepAlive = false;
      lingerOnEnd(req.socket);
      sendText(res, status, [], `${message}\n`);
      return;
    }
    const stays = res.shouldKeepAlive && !this.#finishing;
    res.shouldKeepAlive = stays && !expects && (framing.kind === 'length' ? framing.bytes : Infinity) <= MAX_DRAIN;
    if (stays && !res.shouldKeepAlive) lingerOnEnd(req.socket);
    let wanted = false;
    this.#service.answer(
      {
        req,
        res,
        method: req.method ?? '',
        target: req.url ?? '',
        framing,
        raw,
        takeOver,
        wantBody: () => {
          if (wanted) return;
          wanted = true;
          res.shouldKeepAlive = stays;
          if (expects) res.writeContinue();
        },
      },
      served.client,
    );
  }

  #inTurn(served: Served<Client>, socket: Socket, run: () => void): void {
    if (served.busy) {
      // Pipelined requests that were already read wait in memory; no more are read.
      served.queue.push(run);
      socket.pause();
    } else {
      served.busy = true;
      run();
    }
  }

  #next(socket: Socket, served: Served<Client>): void {
    served.current = undefined;
    const run = served.queue.shift();
    if (run !== undefined && !socket.destroyed) {
      run();
      return;
    }
    served.busy = false;
    if (this.#finishing) socket.destroySoon();
    else if (socket.isPaused()) socket.resume();
  }

  /** Answers a request that the parser rejected, unless a response has started, and closes the connection. */
  #onBroken(error: NodeJS.ErrnoException, socket: Socket): void {
    const served = this.#of(socket);
    if (served.closing) return;
    served.closing = true;
    const res = served.current;
    served.queue.length = 0;
    if (res?.headersSent === true || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy(error);
      return;
    }
    refuse(socket, STATUS_OF[error.code ?? ''] ?? 400, 'the request is not well-formed HTTP/1.1');
    if (res === undefined) return;
    // The service does not wait for the socket to close.
    res.detachSocket(socket);
    res.destroyed = true;
    res.emit('close');
  }
}

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Sends a final response on a released connection. */
function refuse(socket: Socket, status: number, message: string): void {
  const text = `${message}\n`;
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
  linger(socket);
}

const REQUEST_TARGET = /^[!-~\x80-\xff]+$/;

/**
 * Rejects ambiguous heads that node:http accepts, to prevent request smuggling (RFC 9112, section 11.2). Returns the framing of
 * the body.
 */
function checkHead(req: IncomingMessage, raw: boolean): BodyFraming {
  if (req.httpVersion !== '1.1' && req.httpVersion !== '1.0') throw new BadMessage(400, 'the version is not HTTP/1.1');
  if (!REQUEST_TARGET.test(req.url ?? '')) throw new BadMessage(400, 'the target of the request is not well-formed');
  const hosts = rawValuesOf(req.rawHeaders, 'host').length;
  if (hosts > 1) throw new BadMessage(400, 'the request has more than one Host field');
  if (hosts === 0 && req.httpVersion === '1.1' && !raw && (req.url ?? '').startsWith('/')) {
    throw new BadMessage(400, 'the request has no Host field');
  }
  const framing = requestFraming(req.rawHeaders, req.httpVersion);
  if (raw && (framing.kind !== 'length' || framing.bytes > 0)) {
    throw new BadMessage(400, 'a request for another protocol cannot have a body');
  }
  return framing;
}

/** Whether the client will send another request on this connection (RFC 9112, section 9.3). */
function keepsAlive(req: IncomingMessage): boolean {
  const fields = fromRawHeaders(req.rawHeaders);
  // HTTP/1.0 clients of a proxy send the non-standard field Proxy-Connection.
  const options = [...listOf(fields, 'connection'), ...listOf(fields, 'proxy-connection')];
  return !options.includes('close') && (req.httpVersion === '1.1' || options.includes('keep-alive'));
}

/** Sends a complete text response. `fields` is a flat list of names and values. */
export function sendText(
  res: ServerResponse,
  status: number,
  fields: readonly string[],
  text: string,
  reason?: string,
): void {
  const head = [
    ...fields,
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(text)),
  ];
  res.writeHead(status, reason ?? STATUS_CODES[status] ?? 'Unknown', head);
  res.end(text);
}
