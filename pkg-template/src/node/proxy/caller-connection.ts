import { valuesOf } from '../http1/fields.js';
import type { RequestHead } from '../http1/request-head.js';
import type { Pool } from '../pool.js';

let last = 0;

/**
 * One connection of a caller, who may sign on to an origin by himself, through this proxy. What he signs on is an upstream
 * connection (RFC 4559, section 6): it must be the same one for all his messages, and nobody else's afterwards.
 */
export class CallerConnection {
  readonly #name = `caller ${(last += 1)}`;
  readonly #ownKeys = new Set<string>();
  #signsOn = false;

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
