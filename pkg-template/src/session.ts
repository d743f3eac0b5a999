import { Answer } from './core/answer.js';
import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';

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
    return this.#protect(Operation.Sign, message);
  }

  /** Checks the signature of the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  verify(message: Uint8Array, signature: Uint8Array): void {
    this.#protect(Operation.CheckSignature, message, signature);
  }

  /** Encrypts and signs the next outgoing message. */
  seal(message: Uint8Array): { sealed: Uint8Array; signature: Uint8Array } {
    const whole = this.#protect(Operation.Seal, message);
    return { signature: whole.slice(0, SIGNATURE_SIZE), sealed: whole.slice(SIGNATURE_SIZE) };
  }

  /** Decrypts and checks the next incoming message; throws `ERR_NTLM_SIGNATURE_MISMATCH`. */
  unseal(sealed: Uint8Array, signature: Uint8Array): Uint8Array {
    return this.#protect(Operation.Unseal, sealed, signature);
  }

  /** Seals the next outgoing message, or signs it where sealing was not agreed on, into one piece: signature, then message (`GSS_Wrap`). */
  wrap(message: Uint8Array): Uint8Array {
    return this.#protect(Operation.Wrap, message);
  }

  /** Takes apart, decrypts and checks what the other side wrapped (`GSS_Unwrap`). */
  unwrap(wrapped: Uint8Array): Uint8Array {
    return this.#protect(Operation.Unwrap, wrapped);
  }

  /** In datagram mode: which message comes next, in both directions. */
  setSequence(sequence: number): void {
    load().exchange.begin().askNumber(Operation.SetSequence, this.#handle, sequence);
  }

  /** The session key, of 16 bytes, that other protocols take from here, such as SMB. As secret as the messages. */
  get exportedSessionKey(): Uint8Array {
    return this.#protect(Operation.Key, NOTHING);
  }

  /** The NegotiateFlags that both sides agreed on. */
  get negotiateFlags(): number {
    return new Answer(load().exchange.begin().askBytes(Operation.SessionFlags, this.#handle)).number();
  }

  #protect(operation: Operation, message: Uint8Array, signature: Uint8Array = NOTHING): Uint8Array {
    const { exchange } = load();
    exchange.begin().raw(message).raw(signature);
    return exchange.askBytes(operation, this.#handle, message.length);
  }
}
