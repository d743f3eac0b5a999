import { NtlmError } from '../../errors.js';
import { BodyMeter } from '../http1/framing.js';
import type { Connection } from '../connection/index.js';
import { notHttp } from '../network-errors.js';
import { keepsAlive, parseResponseHead, type ResponseHead, responseFraming } from '../http1/response.js';
import { endOfHead, LONGEST_HEAD } from '../http1/response.js';
import { endToEnd, type Fields, valueOf, without } from '../http1/fields.js';
import { joinSockets } from '../http1/serving.js';
import type { Exchange } from '../http1/serve-connection.js';
import { SocketReader } from '../http1/socket-reader.js';
import { routeName } from '../routes/route.js';
import { closedMidResponse } from '../network-errors.js';
import { isUpgrade } from './upstream-request.js';

export interface Outcome {
  readonly status: number;
  /** The connection can carry another request. */
  readonly stays: boolean;
  /** Both sides have left HTTP, and the connection belongs to them. */
  readonly upgraded: boolean;
}

const LENGTH: ReadonlySet<string> = new Set(['content-length']);

/** A proxy before us on the way may have gone by the length, and take the rest for its next answer (RFC 9112, section 6.1). */
function isAmbiguous({ fields }: ResponseHead): boolean {
  return valueOf(fields, 'transfer-encoding') !== undefined && valueOf(fields, 'content-length') !== undefined;
}

/** The answer of the next hop, passed on to the client while it arrives. */
export class UpstreamResponse {
  readonly #connection: Connection;
  readonly #exchange: Exchange;

  constructor(connection: Connection, exchange: Exchange) {
    this.#connection = connection;
    this.#exchange = exchange;
  }

  /** By 'data' events: a small answer comes in one piece and goes out in one, without a turn of the loop in between. */
  pass(): Promise<Outcome> {
    const { socket } = this.#connection;
    return new Promise((resolve, reject) => {
      let pending: Buffer | undefined;
      const finish = (outcome: Promise<Outcome>): void => {
        socket.off('data', onData).off('end', onOver).off('close', onOver).off('error', onOver);
        outcome.then(resolve, reject);
      };
      const onData = (chunk: Buffer): void => {
        try {
          const { head, rest } = this.#takeHead(pending === undefined ? chunk : Buffer.concat([pending, chunk]));
          // At once: what comes next must find somebody who listens.
          if (head === undefined) pending = rest;
          else finish(this.#passOn(head, rest));
        } catch (error) {
          finish(Promise.reject(error as Error));
        }
      };
      const onOver = (error?: unknown): void => finish(Promise.reject(this.#closed(error)));
      socket.on('data', onData).on('end', onOver).on('close', onOver).on('error', onOver);
      if (socket.destroyed) onOver(socket.errored ?? undefined);
      else socket.resume();
    });
  }

  async #passOn(head: ResponseHead, rest: Buffer): Promise<Outcome> {
    if (head.status === 101) {
      // Whoever had not asked would go on with HTTP, and show the secret of this proxy to the other side.
      if (!isUpgrade(this.#exchange.head)) throw notHttp(this.#peer, undefined);
      return this.#upgrade(head, rest);
    }
    const framing = responseFraming(head, this.#exchange.head.method);
    const { response } = this.#exchange;
    // A length beside a coding, or of nothing, is for nobody but a reader who would look for another answer behind it.
    const hasLength = framing.kind === 'length' && head.status !== 204;
    const fields = hasLength ? endToEnd(head.fields) : without(endToEnd(head.fields), LENGTH);
    // The chunks go through as they are, trailers included.
    if (framing.kind === 'chunked') fields.push(['Transfer-Encoding', 'chunked']);
    // Bytes behind the body answer no question: the connection is not used again.
    const clean =
      framing.kind === 'until-close'
        ? await this.#copy(head, fields, rest)
        : await this.#passAsItIs(head, fields, rest, new BodyMeter(framing));
    await response.end();
    return { status: head.status, stays: clean && keepsAlive(head) && !isAmbiguous(head), upgraded: false };
  }

  /** A body that ends with the connection: the client gets it in chunks, and so can keep its own. */
  async #copy(head: ResponseHead, fields: Fields, rest: Buffer): Promise<false> {
    const { response } = this.#exchange;
    const reader = new SocketReader(this.#connection.socket);
    reader.unread(rest);
    try {
      await response.begin(head.status, fields, head.reason);
      for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
        await response.write(chunk);
      }
    } catch (error) {
      throw this.#closed(error);
    } finally {
      reader.release();
    }
    return false;
  }

  /** Says whether the body ended where the bytes did. */
  async #passAsItIs(head: ResponseHead, fields: Fields, rest: Buffer, meter: BodyMeter): Promise<boolean> {
    const { response } = this.#exchange;
    const taken = this.#measured(meter, rest);
    const sent = response.begin(head.status, fields, head.reason, rest.subarray(0, taken));
    if (meter.done) {
      await sent;
      return taken === rest.length;
    }
    const behind = await response.pumpFrom(this.#connection.socket, meter).catch((error: unknown) => {
      throw error instanceof RangeError ? notHttp(this.#peer, error) : this.#closed(error);
    });
    if (behind === undefined) throw closedMidResponse(this.#peer);
    return behind.length === 0;
  }

  #measured(meter: BodyMeter, bytes: Buffer): number {
    try {
      return meter.take(bytes);
    } catch (error) {
      throw notHttp(this.#peer, error);
    }
  }

  /** The head of the answer, as soon as it is there, and what follows it. */
  #takeHead(bytes: Buffer): { head: ResponseHead | undefined; rest: Buffer } {
    let rest = bytes;
    for (let end = endOfHead(rest); end !== -1; end = endOfHead(rest)) {
      const head = this.#parse(rest.toString('latin1', 0, end).trimEnd());
      rest = rest.subarray(end);
      // The client has had its 100 from here, and needs none of the others.
      if (head.status >= 200 || head.status === 101) return { head, rest };
    }
    if (rest.length > LONGEST_HEAD) throw notHttp(this.#peer, undefined);
    return { head: undefined, rest };
  }

  /** A reset in the middle of an answer is told like an end there; what the connection itself has to say, as it is. */
  #closed(error: unknown): Error {
    return error instanceof NtlmError ? error : closedMidResponse(this.#peer, error);
  }

  #parse(text: string): ResponseHead {
    try {
      return parseResponseHead(text);
    } catch (error) {
      throw notHttp(this.#peer, error);
    }
  }

  #upgrade(head: ResponseHead, rest: Buffer): Outcome {
    const lines: Fields = head.fields;
    // Until somebody reads it again.
    this.#connection.socket.pause();
    this.#connection.socket.unshift(rest);
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
