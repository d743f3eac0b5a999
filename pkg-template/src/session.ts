import { guard } from './core/guard.js';
import type { Session } from './core/generated/tokens.js';

/**
 * What protects the messages after a handshake (MS-NLMP 3.4). Each side counts its messages, so they must be handled in order.
 */
export class SecuritySession {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /** The signature, of 16 bytes, of the next outgoing message (`GSS_GetMIC`). */
  sign(message: Uint8Array): Uint8Array {
    return guard(() => this.#session.sign(message));
  }

  /** Checks the signature of the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  verify(message: Uint8Array, signature: Uint8Array): void {
    guard(() => this.#session.verify(message, signature));
  }

  /** Encrypts and signs the next outgoing message. */
  seal(message: Uint8Array): { sealed: Uint8Array; signature: Uint8Array } {
    const whole = guard(() => this.#session.seal(message));
    return { signature: whole.slice(0, SIGNATURE_SIZE), sealed: whole.slice(SIGNATURE_SIZE) };
  }

  /** Decrypts and checks the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unseal(sealed: Uint8Array, signature: Uint8Array): Uint8Array {
    return guard(() => this.#session.unseal(sealed, signature));
  }

  /** Seals the next outgoing message, or signs it where sealing was not agreed on, into one piece: signature, then message (`GSS_Wrap`). */
  wrap(message: Uint8Array): Uint8Array {
    return guard(() => this.#session.wrap(message));
  }

  /** Takes apart, decrypts and checks what the other side wrapped (`GSS_Unwrap`). */
  unwrap(wrapped: Uint8Array): Uint8Array {
    return guard(() => this.#session.unwrap(wrapped));
  }

  /** In datagram mode: which message comes next, in both directions. */
  setSequence(sequence: number): void {
    this.#session.setSequence(sequence);
  }

  /** The session key, of 16 bytes, that other protocols take from here, such as SMB. As secret as the messages. */
  get exportedSessionKey(): Uint8Array {
    return this.#session.exportedSessionKey();
  }

  /** The NegotiateFlags that both sides agreed on. */
  get negotiateFlags(): number {
    return this.#session.flags();
  }
}

const SIGNATURE_SIZE = 16;
