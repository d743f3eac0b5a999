import { ABSENT } from './exchange.js';

const decoder = new TextDecoder();

/** Takes an answer of several parts apart, in their order. */
export class Answer {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  number(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  optionalText(): string | undefined {
    const length = this.number();
    if (length === ABSENT) return undefined;
    const text = decoder.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, length));
    this.#at += length;
    return text;
  }

  text(): string {
    return this.optionalText() ?? '';
  }
}
