import { bytesArgument } from './core/arguments.js';
import type { SecuritySession as Session } from './core/generated/tokens.js';

const SIGNATURE_SIZE = 16;

/**
 * Signs and encrypts the messages after a handshake (MS-NLMP 3.4). Messages are numbered and must be processed in order.
 *
 * @example
 * ```js
 * const client = new NtlmClient({ username: 'alice', password: 'Password', seal: true });
 * // After the handshake:
 * const wrapped = client.session.wrap(new TextEncoder().encode('hello'));
 * ```
 */
export class SecuritySession {
  readonly #core: Session;

  /** @internal */
  constructor(core: Session) {
    this.#core = core;
  }

  /** Returns the 16-byte signature of the next outgoing message (`GSS_GetMIC`). */
  sign(message: Uint8Array): Uint8Array {
    return this.#core.sign(bytesArgument(message, 'message'));
  }

  /** Verifies the signature of the next incoming message. Throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#core.verify(bytesArgument(message, 'message'), bytesArgument(signature, 'signature'));
  }

  /** Encrypts and signs the next outgoing message. */
  seal(message: Uint8Array): { sealed: Uint8Array; signature: Uint8Array } {
    const whole = this.#core.seal(bytesArgument(message, 'message'));
    return { signature: whole.slice(0, SIGNATURE_SIZE), sealed: whole.slice(SIGNATURE_SIZE) };
  }

  /** Decrypts and verifies the next incoming message. Throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unseal(sealed: Uint8Array, signature: Uint8Array): Uint8Array {
    return this.#core.unseal(bytesArgument(sealed, 'message'), bytesArgument(signature, 'signature'));
  }

  /**
   * Seals the next outgoing message, or signs it if sealing was not negotiated (`GSS_Wrap`). Returns the 16-byte signature
   * followed by the message.
   */
  wrap(message: Uint8Array): Uint8Array {
    return this.#core.wrap(bytesArgument(message, 'message'));
  }

  /** Decrypts and verifies the next incoming wrapped message (`GSS_Unwrap`). Throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unwrap(wrapped: Uint8Array): Uint8Array {
    return this.#core.unwrap(bytesArgument(wrapped, 'message'));
  }

  /** Sets the sequence number of the next message in both directions, for datagram mode. */
  setSequence(sequence: number): void {
    this.#core.setSequence(sequence);
  }

  /** The 16-byte session key for other protocols, such as SMB. It is as sensitive as the messages. */
  get exportedSessionKey(): Uint8Array {
    return this.#core.exportedSessionKey;
  }

  /** The negotiated NegotiateFlags. */
  get negotiateFlags(): number {
    return this.#core.negotiateFlags;
  }
}
