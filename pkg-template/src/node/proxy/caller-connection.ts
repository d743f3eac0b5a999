import { valueOf, valuesOf } from '../http1/fields.js';
import type { RequestHead } from '../http1/request-head.js';
import type { Pool } from '../pool.js';
import type { CallerSecret } from './caller-secret.js';

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
