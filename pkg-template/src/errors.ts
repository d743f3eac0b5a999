/** Optional properties of an {@link NtlmError}. */
export interface NtlmErrorOptions {
  /** The recommended action, in one sentence. */
  advice?: string;
  /** The underlying error. */
  cause?: unknown;
  /** The byte offset in the NTLM message. */
  position?: number;
}

/** Marks the errors of every copy of this package, so that `instanceof` works across copies. */
const brand = Symbol.for('ntlm-wasm.NtlmError');

/**
 * The error class of this package. Programs match on {@link code}, which is stable. The message is for people and may change.
 *
 * Errors never contain a password, a hash or a token.
 *
 * @example
 * if (error instanceof NtlmError && error.code === 'ERR_NTLM_REJECTED') console.error(error.message, error.advice);
 */
export class NtlmError extends Error {
  /** A stable code, such as `ERR_NTLM_TRUNCATED`. The documentation lists all codes. */
  readonly code: string;
  /** The recommended action, in one sentence. */
  readonly advice: string;
  /** The byte offset in the NTLM message; undefined if the error has no position. */
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
