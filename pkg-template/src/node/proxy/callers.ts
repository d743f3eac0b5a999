import { valueOf, valuesOf } from '../http1/fields.js';
import type { RequestHead } from '../http1/served-head.js';
import type { Pool } from '../dispatcher/pool.js';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { NtlmError } from '../../errors.js';

let last = 0;

/**
 * One connection of a caller, who may sign on to an origin by himself, through this proxy. What he signs on is an upstream
 * connection (RFC 4559, section 6): it must be the same one for all his messages, and nobody else's afterwards.
 */
export class CallerConnection {
  readonly #name = `caller ${(last += 1)}`;
  readonly #ownKeys = new Set<string>();
  readonly #secret: CallerSecret | undefined;
  /** What has admitted him before: to repeat it tells him nothing new, and needs no digest. */
  #shown: string | undefined;
  #signsOn = false;

  constructor(secret: CallerSecret | undefined) {
    this.#secret = secret;
  }

  /** Whether he has shown the secret, if there is one. */
  isAdmitted({ fields }: RequestHead): boolean {
    if (this.#secret === undefined) return true;
    const shown = valueOf(fields, 'proxy-authorization');
    if (shown !== undefined && shown === this.#shown) return true;
    if (!this.#secret.admits(shown)) return false;
    this.#shown = shown;
    return true;
  }

  /** Which upstream connections may carry this request: everybody's, until the caller signs one on. */
  poolKey(key: string, head: RequestHead): string {
    this.#signsOn ||= valuesOf(head.fields, 'authorization').some((value) => /^(?:ntlm|negotiate)\b/i.test(value));
    if (!this.#signsOn) return key;
    const ownKey = `${key} ${this.#name}`;
    this.#ownKeys.add(ownKey);
    return ownKey;
  }

  /** The caller has gone, and what he signed on goes with him. */
  end(pool: Pool): void {
    for (const key of this.#ownKeys) pool.dropIdle(key);
  }
}

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
