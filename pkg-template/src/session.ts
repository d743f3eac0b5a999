import { bytesArgument } from './core/arguments.js';
import type { SecuritySession as Session } from './core/generated/tokens.js';

const SIGNATURE_SIZE = 16;

/**
 * Protects the messages after a handshake (MS-NLMP 3.4). Each side counts its messages, so they must be processed in order.
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

  /** The 16-byte signature of the next outgoing message (`GSS_GetMIC`). */
  sign(message: Uint8Array): Uint8Array {
    return this.#core.sign(bytesArgument(message, 'message'));
  }

  /** Checks the signature of the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#core.verify(bytesArgument(message, 'message'), bytesArgument(signature, 'signature'));
  }

  /** Encrypts and signs the next outgoing message. */
  seal(message: Uint8Array): { sealed: Uint8Array; signature: Uint8Array } {
    const whole = this.#core.seal(bytesArgument(message, 'message'));
    return { signature: whole.slice(0, SIGNATURE_SIZE), sealed: whole.slice(SIGNATURE_SIZE) };
  }

  /** Decrypts and checks the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unseal(sealed: Uint8Array, signature: Uint8Array): Uint8Array {
    return this.#core.unseal(bytesArgument(sealed, 'message'), bytesArgument(signature, 'signature'));
  }

  /** Seals the next outgoing message, or signs it where sealing was not negotiated: the signature, then the message (`GSS_Wrap`). */
  wrap(message: Uint8Array): Uint8Array {
    return this.#core.wrap(bytesArgument(message, 'message'));
  }

  /** Decrypts and checks the next incoming message, which the peer wrapped (`GSS_Unwrap`). */
  unwrap(wrapped: Uint8Array): Uint8Array {
    return this.#core.unwrap(bytesArgument(wrapped, 'message'));
  }

  /** In datagram mode: the number of the next message, in both directions. */
  setSequence(sequence: number): void {
    this.#core.setSequence(sequence);
  }

  /** The 16-byte session key that other protocols, such as SMB, take from here. It is as secret as the messages. */
  get exportedSessionKey(): Uint8Array {
    return this.#core.exportedSessionKey;
  }

  /** The NegotiateFlags that both sides agreed on. */
  get negotiateFlags(): number {
    return this.#core.negotiateFlags;
  }
}
