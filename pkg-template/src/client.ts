import { invalid, textArgument } from './core/arguments.js';
import { bytesOf } from './core/bytes.js';
import type { NtlmClient as Client } from './core/generated/tokens.js';
import { ntHashOf } from './core/password.js';
import { tokenBytes } from './core/token.js';
import { clock, createClient, otherOptions, type NtlmClientOptions } from './options.js';
import { SecuritySession } from './session.js';

/** The NTLM response versions, oldest first. */
export type NtlmVersion = 'NTLMv1' | 'NTLM2 session' | 'NTLMv2';

/** Message 1 in base64, after it was created. */
interface KeptMessage {
  text?: string;
}

/** Message 1 of all clients without special options: it contains no name. */
const usual: KeptMessage = {};

/**
 * The client side of an NTLM handshake.
 *
 * {@link negotiate} creates message 1. {@link authenticate} creates message 3 from the server's message 2. The client stores
 * hashes of the password in WebAssembly memory, not the password.
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
  /** Message 1, once it is known. It depends only on the options. */
  #message: KeptMessage | undefined;
  #session: SecuritySession | undefined;

  /**
   * Creates a client.
   *
   * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION`, `ERR_NTLM_INVALID_HASH` or `ERR_NTLM_TOO_LONG`.
   */
  constructor(options: NtlmClientOptions) {
    const others = otherOptions(options);
    const scheme = options.mechanism === 'negotiate' ? 'Negotiate' : 'NTLM';
    this.#core = createClient(options, scheme, others);
    this.#now = clock(options);
    // With SPNEGO and in datagram mode (a flag), the core must know whether message 1 was sent.
    if (scheme === 'NTLM') this.#message = others === undefined ? usual : others.flags === undefined ? {} : undefined;
  }

  /** Creates the NEGOTIATE_MESSAGE (message 1) in base64. */
  negotiate(): string {
    const kept = this.#message?.text;
    if (kept !== undefined) {
      this.reset();
      return kept;
    }
    this.#session = undefined;
    const message = this.#core.negotiate();
    if (this.#message !== undefined) this.#message.text = message;
    return message;
  }

  /** Creates the NEGOTIATE_MESSAGE (message 1) as bytes. */
  negotiateBytes(): Uint8Array {
    return bytesOf(this.negotiate());
  }

  /**
   * Creates the AUTHENTICATE_MESSAGE (message 3) in base64.
   *
   * @param challenge message 2: base64, bytes, or the value of the `WWW-Authenticate` or `Proxy-Authenticate` header.
   * @throws {NtlmError} A code such as `ERR_NTLM_NOT_NTLM` or `ERR_NTLM_TRUNCATED` if the challenge is invalid.
   */
  authenticate(challenge: string | Uint8Array): string {
    const now = this.#now();
    this.#session = undefined;
    return this.#core.authenticate(tokenBytes(challenge, 'challenge'), now);
  }

  /** Creates the AUTHENTICATE_MESSAGE (message 3) as bytes; see {@link authenticate}. */
  authenticateBytes(challenge: string | Uint8Array): Uint8Array {
    const now = this.#now();
    this.#session = undefined;
    return this.#core.authenticateBytes(tokenBytes(challenge, 'challenge'), now);
  }

  /** Whether the final message was created. */
  get done(): boolean {
    return this.#core.done;
  }

  /** The response version of the last message 3; undefined before `authenticate()` and for an anonymous client. */
  get ntlmVersion(): NtlmVersion | undefined {
    return this.#core.ntlmVersion;
  }

  /** The session security of the completed handshake; undefined before `authenticate()`. */
  get session(): SecuritySession | undefined {
    if (this.#session === undefined) {
      const session = this.#core.session;
      if (session !== undefined) this.#session = new SecuritySession(session);
    }
    return this.#session;
  }

  /** Discards the current handshake so that a new one can start. The credentials are kept. */
  reset(): void {
    this.#session = undefined;
    this.#core.reset();
  }
}

/**
 * Computes the NT hash of a password (MS-NLMP 3.3.1): 16 bytes that this package accepts instead of the password.
 *
 * The hash is as sensitive as the password itself.
 *
 * @example
 * ```js
 * const client = new NtlmClient({ username: 'alice', ntHash: ntHash('Password') });
 * ```
 */
export function ntHash(password: string): Uint8Array {
  if (typeof password !== 'string') throw invalid('password', 'the password must be a string');
  return ntHashOf(textArgument(password, 'password'));
}
