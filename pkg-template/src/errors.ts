/** What an {@link NtlmError} can carry besides its code and its sentence. */
export interface NtlmErrorOptions {
  /** What to do about it, in one sentence. */
  advice?: string;
  /** What caused it. */
  cause?: unknown;
  /** Where in the message, in bytes from its first one. */
  position?: number;
}

/** Marks errors of every copy of this package, so that `instanceof` holds across copies. */
const brand = Symbol.for('ntlm-wasm.NtlmError');

/**
 * An error of this package. Programs match on {@link code}, which is stable; the sentences are for people and may change.
 *
 * No error holds a password, a hash or a token.
 */
export class NtlmError extends Error {
  /** A stable code such as `ERR_NTLM_TRUNCATED`. All are listed in the documentation. */
  readonly code: string;
  /** What to do about it, in one sentence. */
  readonly advice: string;
  /** Where in the message, in bytes from its first one, if the error is about a place. */
  readonly position: number | undefined;
  /** @internal */
  readonly [brand] = true;

  constructor(code: string, message: string, options: NtlmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NtlmError';
    this.code = code;
    this.advice = options.advice ?? '';
    this.position = options.position;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
