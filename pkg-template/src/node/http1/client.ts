import type { Duplex } from 'node:stream';
import { SocketReader } from './socket-reader.js';
import { closedMidHandshake, notHttp } from '../network-errors.js';
import { keepsAlive, type ResponseHead } from './response.js';
import { ResponseReader } from './response.js';

/** The peer closed the connection before the first byte of a response. */
export class ClosedWithoutResponse extends Error {}

/** The response to one of these requests; its body is read and dropped. */
export interface Answer {
  readonly head: ResponseHead;
  /** The connection can carry another request. */
  readonly reusable: boolean;
}

/** Our own requests on a new socket, one after the other, until the socket is handed over with no byte lost. */
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

  /** The peer has sent more than one response. */
  get hasUnread(): boolean {
    return this.#reader.hasKept;
  }

  /** Releases the socket: the next reader finds every byte that was not ours. */
  release(): void {
    this.#reader.release();
  }

  async #read(heard: boolean): Promise<Buffer | undefined> {
    try {
      return await this.#reader.read();
    } catch (error) {
      // A reset instead of a response counts as no response; our own time-outs and aborts come through here too.
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
