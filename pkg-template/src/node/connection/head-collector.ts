/** Node calls it when the bytes are out, or never will be. */
export type Written = (error?: Error | null) => void;

export interface CollectedHead {
  /** Request line and fields, with the empty line. */
  readonly head: string;
  /** What came in the same piece behind it. */
  readonly body: Buffer;
  readonly written: Written | undefined;
}

const END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Clients write a head in one piece, but undici lets the empty line go with the first chunk of a stream. */
export class HeadCollector {
  #text = '';
  #callbacks: Written[] = [];

  /** Nothing of a head has been written. */
  get isEmpty(): boolean {
    return this.#text === '' && this.#callbacks.length === 0;
  }

  /** Undefined until the head is complete. */
  take(data: string | Uint8Array, charset: BufferEncoding, done: Written | undefined): CollectedHead | undefined {
    // Nearly always it is the whole head and nothing else.
    if (this.#text === '' && typeof data === 'string' && data.indexOf(END) === data.length - END.length) {
      return { head: data, body: NOTHING, written: done };
    }
    if (done !== undefined) this.#callbacks.push(done);
    const [text, encoding] = typeof data === 'string' ? [data, charset] : [latin1(data), 'latin1' as const];
    const all = this.#text + text;
    const end = all.indexOf(END);
    this.#text = end === -1 ? all : '';
    if (end === -1) return undefined;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    return {
      head: all.slice(0, end + END.length),
      body: Buffer.from(all.slice(end + END.length), encoding),
      written: (error) => {
        for (const callback of callbacks) callback(error);
      },
    };
  }
}

function latin1(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
