import { bytesArgument, invalid, textArgument } from './core/arguments.js';
import { base64Of, bytesOf, unitsOf } from './core/bytes.js';
import { type NtlmClient as Client, ntHash as computeNtHash } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { clock, createClient, type NtlmClientOptions } from './options.js';
import { SecuritySession } from './session.js';

/** The kinds of response, oldest first. */
export type NtlmVersion = 'NTLMv1' | 'NTLM2 session' | 'NTLMv2';

/**
 * The client side of a handshake: message 1 with {@link negotiate}, then message 3 for the server's message 2 with {@link authenticate}.
 *
 * It keeps hashes of the password in the memory of the WebAssembly module, not the password.
 *
 * @example
 * ```js
 * const client = new NtlmClient({ username: 'CORP\\alice', password: 'Password' });
 * const first = `NTLM ${client.negotiate()}`;
 * // The server answers with `WWW-Authenticate: NTLM TlRMTVNTUAAC…`.
 * const last = (challenge) => `NTLM ${client.authenticate(challenge)}`;
 * ```
 */
export class NtlmClient {
  readonly #core: Client;
  readonly #now: () => number;
  readonly #usesSpnego: boolean;
  /** Message 1 of plain NTLM, which depends only on the options. */
  #negotiate: string | undefined;
  #session: SecuritySession | undefined;

  /** Throws `ERR_NTLM_INVALID_OPTION`, `ERR_NTLM_INVALID_HASH` or `ERR_NTLM_TOO_LONG`. */
  constructor(options: NtlmClientOptions) {
    this.#usesSpnego = options?.mechanism === 'negotiate';
    this.#core = createClient(options, this.#usesSpnego ? 'Negotiate' : 'NTLM');
    this.#now = clock(options);
  }

  /** The NEGOTIATE_MESSAGE in base64. */
  negotiate(): string {
    if (this.#negotiate !== undefined) {
      this.reset();
      return this.#negotiate;
    }
    this.#session = undefined;
    const message = this.#core.negotiate();
    if (!this.#usesSpnego) this.#negotiate = message;
    return message;
  }

  /** The NEGOTIATE_MESSAGE. */
  negotiateBytes(): Uint8Array {
    return bytesOf(this.negotiate());
  }

  /** The AUTHENTICATE_MESSAGE in base64, for a challenge in base64, in bytes, or within the header value. */
  authenticate(challenge: string | Uint8Array): string {
    const now = this.#now();
    this.#session = undefined;
    if (typeof challenge === 'string') return this.#core.authenticate(textArgument(challenge, 'challenge'), now);
    return base64Of(this.#core.authenticateBytes(bytesArgument(challenge, 'challenge'), now));
  }

  /** The AUTHENTICATE_MESSAGE. */
  authenticateBytes(challenge: string | Uint8Array): Uint8Array {
    if (typeof challenge === 'string') return bytesOf(this.authenticate(challenge));
    const now = this.#now();
    this.#session = undefined;
    return this.#core.authenticateBytes(bytesArgument(challenge, 'challenge'), now);
  }

  /** Whether the last message was created. */
  get done(): boolean {
    return this.#core.done;
  }

  /** The kind of response that the last `authenticate` created; undefined before it, and for an anonymous client. */
  get ntlmVersion(): NtlmVersion | undefined {
    return this.#core.ntlmVersion;
  }

  /** Protects the messages after the handshake, from `authenticate` on. */
  get session(): SecuritySession | undefined {
    if (this.#session === undefined) {
      const session = this.#core.session;
      if (session !== undefined) this.#session = new SecuritySession(session);
    }
    return this.#session;
  }

  /** Drops the handshake, so that the next one can begin. The credentials stay. */
  reset(): void {
    this.#session = undefined;
    this.#core.reset();
  }
}

/**
 * The NT hash of a password (MS-NLMP 3.3.1): 16 bytes, which this package accepts instead of the password.
 *
 * It is as secret as the password itself.
 *
 * @example
 * ```js
 * const client = new NtlmClient({ username: 'alice', ntHash: ntHash('Password') });
 * ```
 */
export function ntHash(password: string): Uint8Array {
  if (typeof password !== 'string') throw invalid('password', 'the password must be a string');
  const units = unitsOf(textArgument(password, 'password'));
  load();
  const hash = computeNtHash(units);
  units.fill(0);
  return hash;
}
