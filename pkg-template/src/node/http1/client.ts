import type { Duplex } from 'node:stream';
import { SocketReader } from './socket-reader.js';
import { closedMidHandshake, notHttp } from '../network-errors.js';
import { keepsAlive, type ResponseHead } from './response.js';
import { ResponseReader } from './response.js';

/** The peer closed the connection before the first byte of a response. */
export class ClosedWithoutResponse extends Error {}

/** The response to a request of {@link Http1Client}. Its body is read and discarded. */
export interface Answer {
  readonly head: ResponseHead;
  /** Whether the connection can carry another request. */
  readonly reusable: boolean;
}

/** Sends requests on a new socket, one at a time, until the socket is handed over without losing bytes. */
export class Http1Client {
  readonly #socket: Duplex;
  readonly #reader: SocketReader;
  readonly #peer: string;

  constructor(socket: Duplex, peer: string) {
    this.#socket = socket;
    this.#reader = new SocketReader(socket);
    this.#peer = peer;
  }

  /** Sends a request without a body and reads the response to its end. */
  async request(method: string, text: string): Promise<Answer> {
    if (this.#socket.destroyed || this.#socket.readableEnded) throw new ClosedWithoutResponse();
    this.#socket.write(text, 'latin1');
    const response = new ResponseReader(method);
    let heard = false;
    while (!response.done) {
      const chunk = await this.#read(heard);
      if (chunk === undefined) {
        if (!heard) throw new ClosedWithoutResponse();
        if (response.head === undefined || !response.end()) throw closedMidHandshake(this.#peer);
        return { head: response.head, reusable: false };
      }
      heard = true;
      this.#reader.unread(this.#feed(response, chunk));
    }
    const head = response.head as ResponseHead;
    return { head, reusable: response.complete && keepsAlive(head) && !this.#socket.destroyed };
  }

  /** Whether the peer has sent more than one response. */
  get hasUnread(): boolean {
    return this.#reader.hasKept;
  }

  /** Releases the socket. The next reader gets all bytes after the last response. */
  release(): void {
    this.#reader.release();
  }

  async #read(heard: boolean): Promise<Buffer | undefined> {
    try {
      return await this.#reader.read();
    } catch (error) {
      // A reset instead of a response counts as no response. Timeouts and aborts of this package also arrive here.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
      if (!heard) throw new ClosedWithoutResponse();
      throw closedMidHandshake(this.#peer, error);
    }
  }

  #feed(response: ResponseReader, chunk: Buffer): Buffer {
    try {
      return response.push(chunk);
    } catch (error) {
      throw notHttp(this.#peer, error);
    }
  }
}
