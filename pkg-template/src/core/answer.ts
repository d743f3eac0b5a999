import { ABSENT } from './exchange.js';

// Nothing that a name may begin with is left out.
const names = new TextDecoder('utf-16le', { ignoreBOM: true });
const words = new TextDecoder();

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

  /** Text in UTF-16LE. */
  optionalText(): string | undefined {
    return this.#text(names);
  }

  /** Base64 and the like. */
  optionalWord(): string | undefined {
    return this.#text(words);
  }

  #text(decoder: typeof names): string | undefined {
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
