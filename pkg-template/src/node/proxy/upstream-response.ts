import { NtlmError } from '../../errors.js';
import { BodyMeter } from '../connection/body-meter.js';
import type { Connection } from '../connection/connection.js';
import { notHttp } from '../connection/failures.js';
import { keepsAlive, parseResponseHead, type ResponseHead, responseFraming } from '../connection/response-head.js';
import { endOfHead, LONGEST_HEAD } from '../connection/response-reader.js';
import { endToEnd, type Fields } from '../http1/fields.js';
import { joinSockets } from '../http1/join-sockets.js';
import type { Exchange } from '../http1/serve-connection.js';
import { SocketReader } from '../http1/socket-reader.js';
import { routeName } from '../routes/route.js';
import { closedMidResponse } from './failures.js';

export interface Outcome {
  readonly status: number;
  /** The connection can carry another request. */
  readonly stays: boolean;
  /** Both sides have left HTTP, and the connection belongs to them. */
  readonly upgraded: boolean;
}

/** The answer of the next hop, passed on to the client while it arrives. */
export class UpstreamResponse {
  readonly #connection: Connection;
  readonly #exchange: Exchange;
  readonly #reader: SocketReader;
  #released = false;

  constructor(connection: Connection, exchange: Exchange) {
    this.#connection = connection;
    this.#exchange = exchange;
    this.#reader = new SocketReader(connection.socket);
  }

  async pass(): Promise<Outcome> {
    const head = await this.#readHead();
    if (head.status === 101) return this.#upgrade(head);
    const framing = responseFraming(head, this.#exchange.head.method);
    const { response } = this.#exchange;
    const fields = endToEnd(head.fields);
    // The chunks go through as they are, trailers included.
    if (framing.kind === 'chunked') fields.push(['Transfer-Encoding', 'chunked']);
    await response.begin(head.status, fields, head.reason);
    const meter = new BodyMeter(framing);
    // Bytes behind the body answer no question: the connection is not used again.
    const clean = framing.kind === 'until-close' ? await this.#copy() : await this.#passAsItIs(meter);
    await response.end();
    return { status: head.status, stays: clean && keepsAlive(head), upgraded: false };
  }

  /** A body that ends with the connection: the client gets it in chunks, and so can keep its own. */
  async #copy(): Promise<false> {
    for (let chunk = await this.#read(); chunk !== undefined; chunk = await this.#read()) {
      await this.#exchange.response.write(chunk);
    }
    return false;
  }

  /** Says whether the body ended where the bytes did. */
  async #passAsItIs(meter: BodyMeter): Promise<boolean> {
    // What came together with the head; the rest, if any, goes from socket to socket.
    while (this.#reader.hasKept && !meter.done) {
      const chunk = (await this.#reader.read()) as Buffer;
      const taken = meter.take(chunk);
      await this.#exchange.response.write(taken < chunk.length ? chunk.subarray(0, taken) : chunk);
      if (taken < chunk.length) this.#reader.unread(chunk.subarray(taken));
    }
    if (meter.done) return !this.#reader.hasKept;
    this.release();
    const behind = await this.#exchange.response.pumpFrom(this.#connection.socket, meter).catch((error: unknown) => {
      throw error instanceof RangeError ? notHttp(this.#peer, error) : error;
    });
    if (behind === undefined) throw closedMidResponse(this.#peer);
    return behind.length === 0;
  }

  /** Lets go of the socket, whoever has it next. */
  release(): void {
    if (!this.#released) this.#reader.release();
    this.#released = true;
  }

  async #readHead(): Promise<ResponseHead> {
    let bytes: Buffer = Buffer.alloc(0);
    for (;;) {
      const end = endOfHead(bytes);
      if (end !== -1) {
        const head = this.#parse(bytes.toString('latin1', 0, end).trimEnd());
        bytes = bytes.subarray(end);
        // The client has had its 100 from here, and needs none of the others.
        if (head.status < 200 && head.status !== 101) continue;
        this.#reader.unread(bytes);
        return head;
      }
      if (bytes.length > LONGEST_HEAD) throw notHttp(this.#peer, undefined);
      const chunk = await this.#read();
      if (chunk === undefined) throw closedMidResponse(this.#peer);
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    }
  }

  /** A reset in the middle of an answer is told like an end there; what the connection itself has to say, as it is. */
  async #read(): Promise<Buffer | undefined> {
    try {
      return await this.#reader.read();
    } catch (error) {
      throw error instanceof NtlmError ? error : closedMidResponse(this.#peer, error);
    }
  }

  #parse(text: string): ResponseHead {
    try {
      return parseResponseHead(text);
    } catch (error) {
      throw notHttp(this.#peer, error);
    }
  }

  #upgrade(head: ResponseHead): Outcome {
    const lines: Fields = head.fields;
    this.release();
    const socket = this.#exchange.takeOver();
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${text}\r\n`, 'latin1');
    void joinSockets(socket, this.#connection.socket);
    return { status: 101, stays: false, upgraded: true };
  }

  get #peer(): string {
    const { route } = this.#connection;
    return route.kind === 'direct' ? 'the server' : `the proxy ${routeName(route)}`;
  }
}
