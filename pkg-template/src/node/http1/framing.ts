import { rawFieldValues } from './fields.js';

/** How the end of a message body is determined (RFC 9112, section 6.3). */
export type BodyFraming =
  { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' } | { readonly kind: 'until-close' };

export const NO_BODY: BodyFraming = { kind: 'length', bytes: 0 };

/** A message that violates HTTP/1.1. The response has this status, and the connection is closed. */
export class BadMessage extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'BadMessage';
    this.status = status;
  }
}

/**
 * Returns the framing of a request body. Only unambiguous framing is accepted: one length, `chunked` alone in HTTP/1.1, or
 * neither.
 */
export function requestFraming(raw: readonly string[], version: string): BodyFraming {
  const codings = rawFieldValues(raw, 'transfer-encoding');
  const lengths = rawFieldValues(raw, 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0 || version !== '1.1') {
      throw new BadMessage(400, 'Transfer-Encoding cannot be combined with Content-Length or HTTP/1.0');
    }
    if (codings.length > 1 || !/^[ \t]*chunked[ \t]*$/i.test(codings[0] as string)) {
      throw new BadMessage(400, 'the only transfer coding supported is chunked');
    }
    return { kind: 'chunked' };
  }
  const [length] = lengths;
  if (length === undefined) return NO_BODY;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) throw new BadMessage(400, 'Content-Length is not one number');
  return { kind: 'length', bytes: Number(length) };
}

const LONGEST_LINE = 4096;
const MOST_TRAILER_BYTES = 65_536;
const LF = 10;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

type ChunkState = 'size' | 'data' | 'after-data' | 'trailers' | 'done';

/**
 * Finds the end of one body without storing its bytes.
 */
export class BodyScanner {
  readonly #framing: BodyFraming;
  #left: number;
  #state: ChunkState = 'size';
  #line = '';
  #trailerBytes = 0;

  constructor(framing: BodyFraming) {
    this.#framing = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
  }

  get done(): boolean {
    if (this.#framing.kind === 'length') return this.#left === 0;
    return this.#framing.kind === 'chunked' && this.#state === 'done';
  }

  /** Returns the number of bytes at the start of the chunk that belong to the body. */
  take(chunk: Buffer): number {
    if (this.#framing.kind === 'until-close') return chunk.length;
    if (this.#framing.kind === 'chunked') return this.#takeChunked(chunk);
    const taken = Math.min(this.#left, chunk.length);
    this.#left -= taken;
    return taken;
  }

  /** Called when the peer ends the connection. Returns whether the body is complete. */
  end(): boolean {
    return this.#framing.kind === 'until-close' || this.done;
  }

  #takeChunked(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#state = 'after-data';
      } else {
        const end = chunk.indexOf(LF, at);
        this.#line += chunk.toString('latin1', at, end === -1 ? chunk.length : end);
        if (this.#line.length > LONGEST_LINE) throw new RangeError('a line of a chunked body is too long');
        if (end === -1) return chunk.length;
        at = end + 1;
        this.#endLine(strictly(this.#line));
        this.#line = '';
      }
    }
    return at;
  }

  #endLine(line: string): void {
    if (this.#state === 'size') {
      const match = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/.exec(line);
      if (match === null) throw new RangeError('a chunk does not begin with its size');
      this.#left = Number.parseInt(match[1] as string, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (this.#state === 'after-data') {
      if (line !== '') throw new RangeError('a chunk is longer than its size');
      this.#state = 'size';
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MOST_TRAILER_BYTES) throw new RangeError('the trailers are too long');
      if (line === '') this.#state = 'done';
    }
  }
}

/**
 * Checks a chunk line. Unlike in heads, a bare line feed is rejected: chunks are forwarded unchanged, and a parser that treats
 * the line feed as part of the line would find another end of the body (RFC 9112, section 7.1.1).
 */
function strictly(line: string): string {
  if (line.endsWith('\r') && !CONTROL.test(line.slice(0, -1))) return line.slice(0, -1);
  throw new RangeError('a line of a chunked body does not end with CR LF');
}
