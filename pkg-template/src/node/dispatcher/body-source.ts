import { Readable } from 'node:stream';
import type { Dispatcher } from './undici.js';

type Body = Dispatcher.DispatchOptions['body'];
type Chunks = AsyncIterator<Uint8Array | string>;

/** Whether the body is the FormData of any library. The form-data package's is a stream instead. */
export function isForm(body: Body): boolean {
  const named = body as { [Symbol.toStringTag]?: unknown; pipe?: unknown } | null | undefined;
  return named?.[Symbol.toStringTag] === 'FormData' && named.pipe === undefined;
}

/** Whether this body can be written again. Streams and iterators can be read only once. */
export function isReplayable(body: Body): boolean {
  if (body === null || body === undefined || typeof body === 'string' || ArrayBuffer.isView(body)) return true;
  return isForm(body) || !(Symbol.asyncIterator in body || Symbol.iterator in body || 'pipe' in body);
}

function chunksOf(body: object): Chunks {
  if (Symbol.asyncIterator in body) return (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  if (Symbol.iterator in body) return asynchronous(body as Iterable<Uint8Array>);
  // A stream from before Node 10, such as that of the form-data package, which starts on resume().
  const stream = new Readable().wrap(body as NodeJS.ReadableStream);
  (body as NodeJS.ReadableStream).resume();
  return stream[Symbol.asyncIterator]();
}

async function* asynchronous(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

/** A body that can be read only once. Another connection continues where the last one stopped. */
export class BodySource {
  readonly #iterator: Chunks;
  #next: Promise<IteratorResult<Uint8Array | string>> | undefined;
  /** The number of bytes read, and the last chunk. */
  #read = 0;
  #last: Uint8Array = new Uint8Array();
  #turn = 0;
  #ended = false;

  constructor(body: object) {
    this.#iterator = chunksOf(body);
  }

  /** Yields the whole body. `written` is the start of the body that has already reached a socket. */
  async *from(written: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    const turn = (this.#turn += 1);
    if (written.length > 0) yield written;
    // The last chunk that was read may not have been written.
    const missing = this.#read - written.length;
    if (missing > 0) yield this.#last.subarray(this.#last.length - missing);
    for (;;) {
      // The next reader also gets the chunk that an earlier reader was waiting for.
      const { done, value } = await (this.#next ??= this.#iterator.next());
      if (turn !== this.#turn) return;
      this.#next = undefined;
      if (done === true) {
        this.#ended = true;
        return;
      }
      const chunk = typeof value === 'string' ? Buffer.from(value) : value;
      this.#read += chunk.length;
      this.#last = chunk;
      yield chunk;
    }
  }

  /** Ends the reading. */
  close(): void {
    this.#turn += 1;
    if (!this.#ended) this.#iterator.return?.().catch(() => {});
  }
}
