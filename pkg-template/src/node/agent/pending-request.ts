import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** The members of a request that agents use. */
interface AgentSideRequest extends ClientRequest {
  onSocket(socket: Socket | null, error?: unknown): void;
  timeout?: number;
}

/**
 * A request that has no socket yet. Node lets such a request fail only once it has one, which is soon enough for a TCP
 * connection but not for a handshake; so its end and its time-out are passed on from here.
 */
export class WaitingRequest {
  readonly #request: AgentSideRequest;
  readonly #ended = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #destroy: ClientRequest['destroy'];

  constructor(request: ClientRequest) {
    this.#request = request as AgentSideRequest;
    const { timeout } = this.#request;
    if (timeout !== undefined && timeout > 0) this.#timer = setTimeout(() => request.emit('timeout'), timeout).unref();
    this.#destroy = request.destroy;
    request.destroy = (error) => {
      this.#destroy.call(request, error);
      this.#ended.abort(error ?? new Error('the request was destroyed'));
      return request;
    };
    if (request.destroyed) this.#ended.abort(new Error('the request was destroyed'));
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** It waits no longer. */
  done(): void {
    clearTimeout(this.#timer);
    this.#request.destroy = this.#destroy;
  }

  fail(error: unknown): void {
    this.done();
    this.#request.onSocket(null, error);
  }
}

/** From here on the request is Node's. */
export function giveSocket(request: ClientRequest, socket: Socket, reused: boolean): void {
  const { timeout, onSocket } = request as AgentSideRequest;
  if (reused) request.reusedSocket = true;
  onSocket.call(request, socket);
  // The request listens to the socket's time-out; to set it is the agent's part, in Node's agent too.
  if (timeout !== undefined) socket.setTimeout(timeout);
}

/** The events that Node's client listens to on the socket of a request. */
const EVENTS = ['close', 'data', 'drain', 'end', 'error'] as const;

/** Node's parser of answers, as far as it has to be given back. */
interface Parser {
  _consumed?: boolean;
  socket?: unknown;
  incoming?: unknown;
  outgoing?: unknown;
  unconsume?(): void;
  remove?(): void;
  close?(): void;
}

/** A socket that can be taken from a request before the request hears that it has died. */
export class Detachable {
  readonly #socket: Socket;
  /** What Node's client listens with: the same functions for every request. */
  readonly #listeners: (readonly [string, () => void])[] = [];

  /** @param first the request that the socket is about to be given to. */
  constructor(socket: Socket, first: ClientRequest) {
    this.#socket = socket;
    const before = new Set(EVENTS.flatMap((event) => socket.rawListeners(event)));
    // Emitted when Node listens, and before anybody else can.
    first.prependOnceListener('socket', () => {
      for (const event of EVENTS) {
        for (const listener of socket.rawListeners(event)) {
          if (!before.has(listener)) this.#listeners.push([event, listener as () => void]);
        }
      }
    });
  }

  /** The request is as it was before it got the socket, and can be given another. */
  detach(request: ClientRequest): void {
    for (const [event, listener] of this.#listeners) this.#socket.off(event, listener);
    this.#freeParser((request as ClientRequest & { parser?: Parser | null }).parser);
    Object.assign(request, {
      parser: null,
      reusedSocket: false,
      // Without a socket what is written waits for one; with a dead one it is dropped.
      socket: null,
      // Node's mark that it listens to the socket's time-out.
      timeoutCb: null,
    });
  }

  /** What Node does when it hears that the socket is closed: without it the parser lives for ever, and the connection with it. */
  #freeParser(parser: Parser | null | undefined): void {
    if (parser === null || parser === undefined) return;
    if (parser._consumed === true) parser.unconsume?.();
    parser.remove?.();
    Object.assign(parser, { socket: null, incoming: null, outgoing: null });
    Object.assign(this.#socket, { parser: null });
    // Its own code may be at work further down the stack.
    setImmediate(() => parser.close?.());
  }
}
