import { bytesArgument, invalid } from './core/arguments.js';
import { checkPassword as checkInCore } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';
import { isHash, isString, withSecret } from './options.js';

/** A recorded handshake and the password to test. Tokens may be wrapped in SPNEGO. */
export interface Handshake {
  /** Message 1. Without it the message integrity code cannot be checked. */
  negotiate?: Uint8Array | undefined;
  challenge: Uint8Array;
  authenticate: Uint8Array;
  password?: string | undefined;
  /** The NT hash, instead of a password: 16 bytes, 32 hexadecimal digits or `LM:NT`. */
  ntHash?: string | Uint8Array | undefined;
}

/** The result of {@link checkPassword}: whether the password matches, and properties of the handshake. */
export interface PasswordCheck {
  matches: boolean;
  ntlmVersion?: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2';
  /** The state of the message integrity code. It is `unchecked` without message 1. */
  mic?: 'absent' | 'right' | 'wrong' | 'unchecked';
  /** The 16-byte session key that signing and sealing keys are derived from. It is a secret. */
  exportedSessionKey?: Uint8Array;
}

/**
 * Checks whether a recorded handshake was created with a password.
 *
 * The age of the handshake and the response version do not matter.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` for invalid arguments, `ERR_NTLM_INVALID_HASH` for an invalid `ntHash`, and the
 * decoder's codes, such as `ERR_NTLM_TRUNCATED`, for damaged tokens.
 * @example
 * ```js
 * const { matches } = checkPassword({ challenge: message2, authenticate: message3, password: 'Password' });
 * ```
 */
export function checkPassword({ negotiate, challenge, authenticate, password, ntHash }: Handshake): PasswordCheck {
  if (!isString(password) && !isHash(ntHash)) throw invalid('password', 'there must be a password or an ntHash');
  const [first, second, third] = [negotiate, challenge, authenticate].map((token) =>
    token === undefined ? undefined : bytesArgument(token, 'challenge'),
  );
  if (second === undefined || third === undefined) {
    throw invalid('challenge', 'the challenge and the answer to it are needed');
  }
  load();
  try {
    const found = withSecret(password, ntHash, (text, hash) => checkInCore(text, hash, first, second, third));
    const { ntlmVersion, mic, exportedSessionKey } = found;
    found.free();
    return { matches: true, ntlmVersion, mic, exportedSessionKey };
  } catch (error) {
    if (error instanceof NtlmError && error.code === 'ERR_NTLM_PROOF_MISMATCH') return { matches: false };
    throw error;
  }
}
