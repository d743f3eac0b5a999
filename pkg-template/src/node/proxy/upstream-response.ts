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
    while (!meter.done) {
      const chunk = await this.#reader.read();
      if (chunk === undefined) {
        if (meter.end()) break;
        throw closedMidResponse(this.#peer);
      }
      const taken = meter.take(chunk);
      // Whatever lies behind the body answers no question: the connection is not used again.
      if (taken < chunk.length) this.#reader.unread(chunk.subarray(taken));
      await response.write(taken < chunk.length ? chunk.subarray(0, taken) : chunk);
    }
    await response.end();
    const stays = framing.kind !== 'until-close' && keepsAlive(head) && !this.#reader.hasKept;
    return { status: head.status, stays, upgraded: false };
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
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    }
  }

  async #read(): Promise<Buffer> {
    let cause: unknown;
    const chunk = await this.#reader.read().catch((error: unknown) => {
      if (error instanceof NtlmError) throw error;
      cause = error;
      return undefined;
    });
    if (chunk === undefined) throw closedMidResponse(this.#peer, cause);
    return chunk;
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
