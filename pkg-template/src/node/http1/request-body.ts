import { BadMessage } from './bad-message.js';
import type { Framing } from './served-head.js';
import type { SocketReader } from './socket-reader.js';

const LONGEST_CHUNK_LINE = 1024;
const MOST_TRAILERS = 64;

/** The body of one request, read once, in the pieces in which it arrives. */
export class RequestBody implements AsyncIterable<Buffer> {
  readonly #framing: Framing;
  readonly #pieces: AsyncGenerator<Buffer, void, void>;
  #bytes = 0;
  #finished: boolean;

  constructor(reader: SocketReader, framing: Framing) {
    this.#framing = framing;
    this.#finished = framing.kind === 'length' && framing.bytes === 0;
    this.#pieces = framing.kind === 'chunked' ? readChunked(reader) : readLength(reader, framing.bytes);
  }

  /** No body at all, as opposed to one that turns out to be empty. */
  get absent(): boolean {
    return this.#framing.kind === 'length' && this.#framing.bytes === 0;
  }

  /** The next request begins right after what has been read. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Bytes of content read so far, without the chunk lines. */
  get bytes(): number {
    return this.#bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const { done, value } = await this.#pieces.next();
      if (done === true) break;
      this.#bytes += value.length;
      yield value;
    }
    this.#finished = true;
  }

  /** Reads and forgets the rest, at most `limit` bytes; says whether the end was reached. */
  async drain(limit: number): Promise<boolean> {
    if (this.#finished) return true;
    const start = this.#bytes;
    for await (const _piece of this) {
      if (this.#bytes - start > limit) return false;
    }
    return this.#finished;
  }
}

async function* readLength(reader: SocketReader, length: number): AsyncGenerator<Buffer, void, void> {
  let left = length;
  while (left > 0) {
    const chunk = await reader.read();
    if (chunk === undefined) throw new BadMessage(400, `the peer closed ${left} bytes before the end of the body`);
    if (chunk.length > left) reader.unread(chunk.subarray(left));
    const piece = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= piece.length;
    yield piece;
  }
}

/** RFC 9112, section 7.1. Extensions and trailers are read and dropped. */
async function* readChunked(reader: SocketReader): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const size = parseChunkSize(await readLine(reader));
    if (size === 0) break;
    yield* readLength(reader, size);
    if ((await readLine(reader)) !== '') throw new BadMessage(400, 'a chunk is longer than it said');
  }
  for (let count = 0; (await readLine(reader)) !== ''; count += 1) {
    if (count === MOST_TRAILERS) throw new BadMessage(431, `more than ${MOST_TRAILERS} trailers`);
  }
}

function parseChunkSize(line: string): number {
  const match = /^([0-9A-Fa-f]{1,12})[ \t]*(;.*)?$/.exec(line);
  if (match === null) throw new BadMessage(400, 'a chunk does not begin with its size');
  return Number.parseInt(match[1] as string, 16);
}

async function readLine(reader: SocketReader): Promise<string> {
  const line = await reader.readUntil('\r\n', LONGEST_CHUNK_LINE);
  if (line === undefined) throw new BadMessage(400, 'the peer closed in the middle of a chunked body');
  return line.toString('latin1');
}
