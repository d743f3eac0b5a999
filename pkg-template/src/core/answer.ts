import { ABSENT } from './exchange.js';
import { TextView } from './text-view.js';

/** Made when a name is read: clients read none, and the first of its kind takes its time. */
let names: InstanceType<typeof TextDecoder> | undefined;

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

  /** Bytes that may be absent. */
  bytes(): Uint8Array | undefined {
    const length = this.number();
    if (length === ABSENT) return undefined;
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, length);
    this.#at += length;
    return bytes;
  }

  /** Bytes that may be absent, in base64. */
  optionalBase64(): string | undefined {
    const bytes = this.bytes();
    return bytes && new TextView(bytes).base64(bytes.length);
  }

  /** Text in UTF-16LE that may be absent. */
  optionalText(): string | undefined {
    const bytes = this.bytes();
    // Nothing that a name may begin with is left out.
    names ??= new TextDecoder('utf-16le', { ignoreBOM: true });
    return bytes && names.decode(bytes);
  }

  text(): string {
    return this.optionalText() ?? '';
  }
}
