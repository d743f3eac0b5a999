import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { NtlmError } from '../../errors.js';

/** The user name that goes with the secret; it is not one. */
export const CALLER_NAME = 'ntlm-wasm';

/**
 * Every program on this machine can reach a port on loopback, and this port spends somebody's credentials: its callers
 * show a secret that only they were told.
 */
export class CallerSecret {
  readonly value: string;
  readonly #digest: Buffer;

  constructor(value: string = randomBytes(24).toString('base64url')) {
    // An unset variable would otherwise let in whoever knows the user name.
    if (value === '') {
      throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'the secret of the local proxy is empty', {
        advice: 'leave the option secret out for a random one, or say false to let everybody on this machine in',
      });
    }
    this.value = value;
    this.#digest = digestOf(`${CALLER_NAME}:${value}`);
  }

  /** Whether the value of a `Proxy-Authorization` field shows it (RFC 7617). */
  admits(header: string | undefined): boolean {
    const token = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
    if (token === undefined) return false;
    // Digests have one length, and take the same time to compare wherever they differ.
    return timingSafeEqual(digestOf(Buffer.from(token, 'base64')), this.#digest);
  }
}

function digestOf(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
