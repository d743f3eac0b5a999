import { load } from './core/load.js';
import { Protection } from './core/generated/tokens.js';

const SIGNATURE_SIZE = 16;
const NOTHING = new Uint8Array();

/**
 * What protects the messages after a handshake (MS-NLMP 3.4). Each side counts its messages, so they must be handled in order.
 */
export class SecuritySession {
  readonly #handle: number;

  /** @internal */
  constructor(handle: number) {
    this.#handle = load().own(this, handle);
  }

  /** The signature, of 16 bytes, of the next outgoing message (`GSS_GetMIC`). */
  sign(message: Uint8Array): Uint8Array {
    return this.#protect(Protection.Sign, message);
  }

  /** Checks the signature of the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#protect(Protection.Verify, message, signature);
  }

  /** Encrypts and signs the next outgoing message. */
  seal(message: Uint8Array): { sealed: Uint8Array; signature: Uint8Array } {
    const whole = this.#protect(Protection.Seal, message);
    return { signature: whole.slice(0, SIGNATURE_SIZE), sealed: whole.slice(SIGNATURE_SIZE) };
  }

  /** Decrypts and checks the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unseal(sealed: Uint8Array, signature: Uint8Array): Uint8Array {
    return this.#protect(Protection.Unseal, sealed, signature);
  }

  /** Seals the next outgoing message, or signs it where sealing was not agreed on, into one piece: signature, then message (`GSS_Wrap`). */
  wrap(message: Uint8Array): Uint8Array {
    return this.#protect(Protection.Wrap, message);
  }

  /** Takes apart, decrypts and checks what the other side wrapped (`GSS_Unwrap`). */
  unwrap(wrapped: Uint8Array): Uint8Array {
    return this.#protect(Protection.Unwrap, wrapped);
  }

  /** In datagram mode: which message comes next, in both directions. */
  setSequence(sequence: number): void {
    load().core.setSequence(this.#handle, sequence);
  }

  /** The session key, of 16 bytes, that other protocols take from here, such as SMB. As secret as the messages. */
  get exportedSessionKey(): Uint8Array {
    return this.#protect(Protection.Key, NOTHING);
  }

  /** The NegotiateFlags that both sides agreed on. */
  get negotiateFlags(): number {
    return load().core.sessionFlags(this.#handle);
  }

  #protect(protection: Protection, message: Uint8Array, signature: Uint8Array = NOTHING): Uint8Array {
    const { core, exchange } = load();
    const { length } = exchange.begin().raw(message).raw(signature);
    return exchange.answer(core.protect(this.#handle, protection, message.length, length));
  }
}
