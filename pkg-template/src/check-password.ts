import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';
import { invalid, isHash, isString, writeProof } from './options.js';

/** A handshake that was recorded, and a password to try on it. Tokens may be wrapped in SPNEGO. */
export interface Handshake {
  /** Message 1; without it the message integrity code cannot be checked. */
  negotiate?: Uint8Array | undefined;
  challenge: Uint8Array;
  authenticate: Uint8Array;
  password?: string | undefined;
  /** Instead of a password: 16 bytes, or 32 hexadecimal digits, or `LM:NT`. */
  ntHash?: string | Uint8Array | undefined;
}

/** Whether it was this password, and what it opens. */
export interface PasswordCheck {
  matches: boolean;
  ntlmVersion?: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2';
  /** The message integrity code: `unchecked` without message 1. */
  mic?: 'absent' | 'right' | 'wrong' | 'unchecked';
  /** With it, whatever was signed or sealed in the session can be read. */
  exportedSessionKey?: Uint8Array;
}

const VERSIONS = ['NTLMv1', 'NTLM2 session', 'NTLMv2'] as const;
const MICS = ['absent', 'right', 'wrong', 'unchecked'] as const;

/** Whether a recorded handshake was made with a password. Nothing else is required of it: neither its age nor its strength. */
export function checkPassword({ negotiate, challenge, authenticate, password, ntHash }: Handshake): PasswordCheck {
  if (!isString(password) && !isHash(ntHash)) throw invalid('password', 'there must be a password or an ntHash');
  for (const token of [challenge, authenticate, ...(negotiate === undefined ? [] : [negotiate])]) {
    if (!(token instanceof Uint8Array)) throw invalid('challenge', 'the messages must be of type Uint8Array');
  }
  const { exchange } = load();
  exchange.begin();
  writeProof(password, ntHash);
  exchange.bytes(negotiate).bytes(challenge).bytes(authenticate);
  try {
    const found = exchange.askBytes(Operation.Examine);
    const [version = 0, mic = 0] = found;
    const exportedSessionKey = found.slice(2);
    found.fill(0);
    return { matches: true, ntlmVersion: VERSIONS[version - 1]!, mic: MICS[mic]!, exportedSessionKey };
  } catch (error) {
    if (error instanceof NtlmError && error.code === 'ERR_NTLM_PROOF_MISMATCH') return { matches: false };
    throw error;
  }
}
