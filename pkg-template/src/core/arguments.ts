import { NtlmError } from '../errors.js';

/** The maximum length of an argument in bytes. The core copies arguments into memory that never shrinks (at most 4 GiB). */
const MAX_LENGTH = 64 * 1024 * 1024;

/** The maximum length of a name in UTF-16 code units: a message field has at most 65,535 bytes. */
const MAX_NAME_LENGTH = 32_767;

/** Reads the length of a typed array even if a subclass overrides it. */
const lengthOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get as (
  this: Uint8Array,
) => number;

/** Checks that a value is a `Uint8Array` within the maximum length. */
export function bytesArgument(value: unknown, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalid(name, `the ${name} must be a Uint8Array`);
  if (lengthOf.call(value) > MAX_LENGTH) throw tooLong(name, MAX_LENGTH);
  if (lengthOf.call(value) !== value.length) throw invalid(name, `the ${name} must be a Uint8Array`);
  return value;
}

/** Checks that a value is a string within the maximum length. */
export function textArgument(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalid(name, `the ${name} must be a string`);
  if (value.length > MAX_LENGTH) throw tooLong(name, MAX_LENGTH);
  return value;
}

/** Checks that a value is absent or a string that fits into a message field. */
export function nameArgument(value: string | null | undefined, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(name, `the option ${name} must be a string`);
  if (value.length > MAX_NAME_LENGTH) throw tooLong(name, MAX_NAME_LENGTH);
  return value;
}

/** Creates an error about an option. It does not quote the value, which may be a secret. */
export function invalid(name: string, message: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, { advice: `see the documentation of ${name}` });
}

/** Creates an error about an argument that is too long. */
export function tooLong(name: string, limit: number): NtlmError {
  const message = `the ${name} is longer than ${limit.toLocaleString('en')}`;
  return new NtlmError('ERR_NTLM_TOO_LONG', message, { advice: `pass a shorter ${name}` });
}
