import type { Dispatcher } from './undici.js';

/** Whether this body can be written again. Streams and iterators can be read only once. */
export function isReplayable(body: Dispatcher.DispatchOptions['body']): boolean {
  return (
    body === null ||
    body === undefined ||
    typeof body === 'string' ||
    ArrayBuffer.isView(body) ||
    (body as object) instanceof Blob ||
    (body as object) instanceof FormData
  );
}

/** A body that can be read only once. Another connection continues where the last one stopped. */
export class BodySource {
  readonly #iterator: AsyncIterator<Uint8Array | string>;
  #next: Promise<IteratorResult<Uint8Array | string>> | undefined;
  /** The number of bytes read, and the last chunk. */
  #read = 0;
  #last: Uint8Array = new Uint8Array();
  #turn = 0;
  #ended = false;

  constructor(body: AsyncIterable<Uint8Array | string>) {
    this.#iterator = body[Symbol.asyncIterator]();
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
