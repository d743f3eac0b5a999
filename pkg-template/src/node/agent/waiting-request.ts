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
