import type { Socket } from 'node:net';
import { endOfHead, parseResponseHead, responseFraming } from '../http1/response.js';
import { fieldValues } from '../http1/fields.js';
import { ReusedBuffer } from '../http1/reused-buffer.js';

/** Takes the body of a response before the client gets the head. */
export type OnLongBody = (body: LongBody) => void;

/** The end of a chunked body without trailers. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The minimum number of missing bytes. A shorter body is cheaper to copy. */
const LONG = 65_536;

/**
 * The body of a response, with a known length, that goes directly from the socket to a receiver. The client would copy every
 * byte. It gets the head of a chunked response, and after the body its last chunk.
 */
export class LongBody {
  /** The length of the whole body in bytes. */
  readonly length: number;
  /** Called after the last byte, with the bytes that were read with it. */
  onEnd: (rest: Buffer) => void = () => {};
  readonly #source: ReusedBuffer;
  readonly #early: Buffer[];

  constructor(source: ReusedBuffer, length: number, first: Buffer) {
    this.#source = source;
    this.length = length;
    this.#early = [first];
  }

  /** Keeps bytes that arrive before the start. Reading stops. */
  keep(chunk: Buffer): false {
    this.#early.push(chunk);
    return false;
  }

  /** Writes the body to the socket. */
  start(socket: Socket): void {
    const early = Buffer.concat(this.#early.splice(0));
    const part = early.subarray(0, this.length);
    if (part.length > 0) socket.write(part);
    if (part.length < this.length) {
      this.#source.forward(socket, this.length - part.length, (rest) => this.onEnd(rest));
    } else {
      // The client must read the head to its end first.
      setImmediate(() => this.onEnd(early.subarray(part.length)));
    }
  }
}

/**
 * Returns the long body of a response that starts with these bytes, and the head for the client. The client parses all
 * other fields; a response that is not clearly framed by one length is left to it.
 */
export function longBodyOf(
  socket: Socket,
  bytes: Buffer,
  method: string,
): { head: Buffer; body: LongBody } | undefined {
  const source = ReusedBuffer.of(socket);
  const end = source === undefined ? -1 : endOfHead(bytes);
  if (source === undefined || end === -1) return undefined;
  const text = bytes.toString('latin1', 0, end);
  if (!LENGTH_LINE.test(text)) return undefined;
  try {
    const head = parseResponseHead(text.trimEnd());
    const framing = responseFraming(head, method);
    if (framing.kind !== 'length' || framing.bytes - (bytes.length - end) < LONG || head.version !== '1.1')
      return undefined;
    const chunked = text.replace(LENGTH_LINE, 'Transfer-Encoding: chunked\r\n');
    if (fieldValues(parseResponseHead(chunked.trimEnd()).fields, 'content-length').length > 0) return undefined;
    return {
      head: Buffer.from(chunked, 'latin1'),
      body: new LongBody(source, framing.bytes, bytes.subarray(end)),
    };
  } catch {
    return undefined;
  }
}

const LENGTH_LINE = /^content-length:[ \t]*\d{5,15}[ \t]*\r\n/im;
