const { Buffer } = globalThis;
const encoder = new TextEncoder();

/**
 * Bytes as text. Where there is a `Buffer`, as in Node, Deno and Bun, it does the work: with short texts in a quarter of the time
 * that the functions of the web take, which stand in for it elsewhere.
 */
export class TextView {
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#buffer = Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Writes text in UTF-8, for which there must be room: how many bytes it took. */
  write(text: string, at: number): number {
    return this.#buffer?.write(text, at) ?? encoder.encodeInto(text, this.#bytes.subarray(at)).written;
  }

  /** The first bytes in base64. */
  base64(length: number): string {
    if (this.#buffer !== undefined) return this.#buffer.toString('base64', 0, length);
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.#bytes[i]!);
    return btoa(text);
  }
}
