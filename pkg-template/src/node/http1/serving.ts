import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { BadMessage, type BodyFraming, requestFraming } from './framing.js';
import { fromRawHeaders, listValues, rawFieldValues } from './fields.js';
import { linger, lingerOnEnd, watchForEnd } from './sockets.js';

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

/** The maximum bytes of an unread request body that are discarded to keep the connection. A longer body closes it. */
const MAX_DRAIN = 4_194_304;

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
export class Serving<Client> {
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
  const hosts = rawFieldValues(req.rawHeaders, 'host').length;
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
  const options = [...listValues(fields, 'connection'), ...listValues(fields, 'proxy-connection')];
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
