import type { Socket } from 'node:net';
import type { Route } from '../routes/route.js';
import type { Conversation, Rescue } from './conversation.js';

/** An open socket with everything that was agreed upon on it. It belongs to one route and one credential for life. */
export class Connection {
  readonly id: number;
  readonly socket: Socket;
  readonly route: Route;
  readonly #conversation: Conversation;
  #requests = 0;

  constructor(id: number, socket: Socket, route: Route, conversation: Conversation) {
    this.id = id;
    this.socket = socket;
    this.route = route;
    this.#conversation = conversation;
  }

  /** Requests that it has carried, without the legs of handshakes. */
  get requests(): number {
    return this.#requests;
  }

  /** To be called before an HTTP client writes a request to the socket. */
  startRequest(origin: string, rescue?: Rescue): void {
    this.#requests += 1;
    this.#conversation.startRequest(origin, rescue);
  }

  /** To be called when the client has read the whole answer. */
  endRequest(): void {
    this.#conversation.endRequest();
  }

  /** The socket as it is, for bytes that are no HTTP, or no longer. */
  rawSocket(): Socket {
    this.#conversation.leave();
    return this.socket;
  }

  /** The peer has begun to answer the current request. */
  get heard(): boolean {
    return this.#conversation.heard;
  }

  /** It failed in a way that shows that the current request was not carried out. */
  get unprocessed(): boolean {
    return this.#conversation.unprocessed;
  }

  /** Another request can be written to it. */
  get usable(): boolean {
    return !this.socket.destroyed && this.socket.writable && !this.socket.readableEnded;
  }
}
