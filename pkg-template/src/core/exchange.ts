import { NtlmError } from '../errors.js';
import { errors } from './generated/errors.js';
import type { Core, Operation } from './generated/tokens.js';
import { TextView } from './text-view.js';

/** The memory of the module; its buffer is another one after the module has asked for more. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** Stands for what is absent, where a length stands otherwise. */
export const ABSENT = 0xffff_ffff;

const INITIAL_SIZE = 4096;

/**
 * The stretch of the module's memory through which arguments and answers pass. Whatever passed is wiped at once: it may have
 * been a password or a key.
 */
export class Exchange {
  readonly #core: Core;
  readonly #memory: Memory;
  #size = INITIAL_SIZE;
  #bytes = new Uint8Array();
  #text = new TextView(this.#bytes);
  /** How far it was written. */
  #length = 0;

  constructor(core: Core, memory: Memory) {
    this.#core = core;
    this.#memory = memory;
    this.#look();
  }

  /** Begins to write arguments. Until the call nothing else moves the memory. */
  begin(): this {
    this.#length = 0;
    this.#stay();
    return this;
  }

  /** The length of the arguments, for the call that they are for. */
  get length(): number {
    return this.#length;
  }

  /** A number of up to 32 bits. */
  number(value: number): this {
    const bytes = this.#room(4);
    let at = this.#length;
    bytes[at++] = value;
    bytes[at++] = value >>> 8;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
    this.#length = at;
    return this;
  }

  /** Bytes alone. */
  raw(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** Text alone, in UTF-8, of which a code unit takes up to three bytes. */
  rawText(value: string): this {
    this.#room(3 * value.length);
    this.#length += this.#text.write(value, this.#length);
    return this;
  }

  /** UTF-16 code units alone, lone surrogates included: passwords made by machines hold them. */
  rawUnits(value: string): this {
    const bytes = this.#room(2 * value.length);
    let at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      bytes[at++] = unit;
      bytes[at++] = unit >>> 8;
    }
    this.#length = at;
    return this;
  }

  /** Bytes that may be absent, behind their length. */
  bytes(value: Uint8Array | undefined): this {
    return value === undefined ? this.number(ABSENT) : this.number(value.length).raw(value);
  }

  /** Text that may be absent, in UTF-16LE behind its length. */
  text(value: string | undefined): this {
    return value === undefined ? this.number(ABSENT) : this.number(2 * value.length).rawUnits(value);
  }

  /** Has the core do something with what was written that comes to a number. */
  askNumber(operation: Operation, handle = 0, detail = 0): number {
    const result = this.#ask(operation, handle, detail, 0);
    this.#wipe(0);
    return result;
  }

  /** Has the core do something with what was written that is answered in bytes. */
  askBytes(operation: Operation, handle = 0, detail = 0, now = 0): Uint8Array {
    const length = this.#ask(operation, handle, detail, now);
    this.#reach(length);
    const bytes = this.#bytes.slice(0, length);
    this.#wipe(length);
    return bytes;
  }

  /** As {@link askBytes}, in base64. */
  askBase64(operation: Operation, handle = 0, detail = 0, now = 0): string {
    const length = this.#ask(operation, handle, detail, now);
    this.#reach(length);
    const text = this.#text.base64(length);
    this.#wipe(length);
    return text;
  }

  #ask(operation: Operation, handle: number, detail: number, now: number): number {
    const result = this.#core.call(operation, handle, this.#length, detail, now);
    if (result < 0) this.#fail(result);
    return result;
  }

  /** The stretch with room for `more` bytes behind what was written. */
  #room(more: number): Uint8Array {
    const size = this.#length + more;
    if (size > this.#size) {
      this.#size = 2 * size;
      this.#look();
    }
    return this.#bytes;
  }

  /** Makes an answer's bytes readable: the call may have moved the stretch and the whole memory. */
  #reach(length: number): void {
    if (length > this.#size) {
      this.#size = length;
      this.#look();
    }
    this.#stay();
  }

  /** Looks again if the memory has grown: what was looked at has no bytes any more. */
  #stay(): void {
    if (this.#bytes.length === 0) this.#look();
  }

  #look(): void {
    const start = this.#core.room(this.#size);
    this.#bytes = new Uint8Array(this.#memory.buffer, start, this.#size);
    this.#text = new TextView(this.#bytes);
  }

  /** Wipes the arguments and the answer. */
  #wipe(answered: number): void {
    this.#stay();
    this.#bytes.fill(0, 0, Math.max(answered, this.#length));
    this.#length = 0;
  }

  /** An error's kind stands in the low eight bits of its number, plus one; the position, plus one, above them. */
  #fail(result: number): never {
    this.#wipe(0);
    const kind = (-result & 0xff) - 1;
    const position = (-result >>> 8) - 1;
    const [code, message, advice] = errors[kind] ?? ['ERR_NTLM_INVALID_OPTION', 'an option is wrong', ''];
    throw position < 0
      ? new NtlmError(code, message, { advice })
      : new NtlmError(code, `${message} (at byte ${position})`, { advice, position });
  }
}
