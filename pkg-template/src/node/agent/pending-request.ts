import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { LONGEST_TIMEOUT } from '../options.js';

/** The members of a request that agents use. */
export interface AgentSideRequest extends ClientRequest {
  onSocket(socket: Socket | null, error?: unknown): void;
  timeout?: number;
  timeoutCb?: ((this: Socket) => void) | null;
}

const pending = new WeakMap<ClientRequest, PendingRequest>();

/**
 * A request without a socket. Node destroys such a request, and starts its timeout, only when it gets a socket. That is too late
 * if a handshake comes first, so this class makes `destroy` and `setTimeout` work before.
 */
export class PendingRequest {
  readonly #request: AgentSideRequest;
  readonly #ended = new AbortController();
  #milliseconds: number | undefined;
  #opening = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(request: ClientRequest) {
    this.#request = request as AgentSideRequest;
    this.#milliseconds = this.#request.timeout;
    request.destroy = (error) => {
      delete (request as Partial<ClientRequest>).destroy;
      request.destroy(error);
      // Without an explicit error Node chooses one: ECONNRESET, or none after abort().
      this.fail(undefined);
      return request;
    };
    request.setTimeout = (milliseconds, callback) => {
      Object.getPrototypeOf(request).setTimeout.call(request, milliseconds, callback);
      this.#milliseconds = milliseconds;
      if (this.#opening) this.opens();
      return request;
    };
  }

  static of(request: ClientRequest): PendingRequest {
    let found = pending.get(request);
    if (found === undefined) pending.set(request, (found = new PendingRequest(request)));
    return found;
  }

  /** Aborted when the request is destroyed. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Called when its connection is being opened. As in Node, the timeout does not run while the request is queued. */
  opens(): void {
    this.#opening = true;
    clearTimeout(this.#timer);
    if (this.#milliseconds === undefined || !(this.#milliseconds > 0)) return;
    this.#timer = setTimeout(() => this.#onTimeout(), Math.min(this.#milliseconds, LONGEST_TIMEOUT)).unref();
  }

  /** Called when the request has a socket. */
  done(): void {
    clearTimeout(this.#timer);
    const own = this.#request as Partial<ClientRequest>;
    delete own.destroy;
    delete own.setTimeout;
    pending.delete(this.#request);
  }

  /** Fails the request. `socket` is destroyed: in Node a request whose connection failed has a socket. */
  fail(error: unknown, socket?: Socket): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(error ?? new Error('the request was destroyed'));
    this.done();
    if (socket !== undefined && !this.#request.socket) Object.assign(this.#request, { socket });
    this.#request.onSocket(null, error);
  }

  /** Node emits 'timeout' once per request. */
  #onTimeout(): void {
    const request = this.#request;
    const { timeoutCb } = request;
    if (timeoutCb) request.once('socket', (socket) => socket.off('timeout', timeoutCb));
    else request.timeoutCb = () => {};
    request.emit('timeout');
  }
}

/** The events that Node's client listens to on the socket of a request. */
const EVENTS = ['close', 'data', 'drain', 'end', 'error'] as const;

/** The part of Node's response parser that is needed to release it. */
interface Parser {
  _consumed?: boolean;
  socket?: unknown;
  incoming?: unknown;
  outgoing?: unknown;
  unconsume?(): void;
  remove?(): void;
  close?(): void;
}

/** Detaches a socket from a request before the request notices that the connection failed. */
export class Detachable {
  readonly #socket: Socket;
  /** The listeners of Node's client: the same functions for every request. */
  readonly #listeners: (readonly [string, () => void])[] = [];

  /** @param first the request that will get the socket. */
  constructor(socket: Socket, first: ClientRequest) {
    this.#socket = socket;
    const before = new Set(EVENTS.flatMap((event) => socket.rawListeners(event)));
    // 'socket' is emitted after Node has added its listeners, and before other code can add any.
    first.prependOnceListener('socket', () => {
      for (const event of EVENTS) {
        for (const listener of socket.rawListeners(event)) {
          if (!before.has(listener)) this.#listeners.push([event, listener as () => void]);
        }
      }
    });
  }

  /** Restores the state of the request before it got the socket. */
  detach(request: ClientRequest): void {
    for (const [event, listener] of this.#listeners) this.#socket.off(event, listener);
    this.#freeParser((request as ClientRequest & { parser?: Parser | null }).parser);
    const { timeoutCb } = request as AgentSideRequest;
    if (timeoutCb) this.#socket.off('timeout', timeoutCb);
    Object.assign(request, {
      parser: null,
      reusedSocket: false,
      // Without a socket the request buffers writes.
      socket: null,
      // Node's marker that it listens for the socket's timeout.
      timeoutCb: null,
    });
  }

  /** Frees the parser as Node does when the socket closes; otherwise the parser keeps the connection in memory. */
  #freeParser(parser: Parser | null | undefined): void {
    if (parser === null || parser === undefined) return;
    if (parser._consumed === true) parser.unconsume?.();
    parser.remove?.();
    Object.assign(parser, { socket: null, incoming: null, outgoing: null });
    Object.assign(this.#socket, { parser: null });
    // The parser may be on the stack.
    setImmediate(() => parser.close?.());
  }
}
