import { NtlmError } from '../../errors.js';
import { credentialIdentity, type Identity } from './identity.js';

/** Who asks. */
export interface CredentialQuestion {
  readonly host: string;
  readonly port: number;
  readonly isProxy: boolean;
  readonly schemes: readonly string[];
}

/** An account is locked after a few wrong passwords: what was refused is not sent again to the same peer for so long. */
const REFUSAL_MEMORY = 30_000;

/** Which credentials were refused where, and when. */
export class Refusals {
  readonly #times = new Map<string, number>();

  add(ask: CredentialQuestion, identity: Identity): void {
    const now = Date.now();
    for (const [key, time] of this.#times) if (now - time > REFUSAL_MEMORY) this.#times.delete(key);
    this.#times.set(`${peerKey(ask)} ${credentialIdentity(identity)}`, now);
  }

  check(ask: CredentialQuestion, identity: Identity): void {
    if (this.#times.size === 0) return;
    const time = this.#times.get(`${peerKey(ask)} ${credentialIdentity(identity)}`);
    if (time === undefined || Date.now() - time > REFUSAL_MEMORY) return;
    const peer = `${ask.isProxy ? 'the proxy' : 'the server'} ${ask.host}:${ask.port}`;
    throw new NtlmError(
      'ERR_NTLM_REJECTED',
      `${peer} refused these credentials a moment ago, so they are not sent again`,
      {
        advice: 'correct the user name or password; repeating a wrong one locks the account',
      },
    );
  }
}

export function peerKey({ host, port, isProxy }: CredentialQuestion): string {
  return `${isProxy ? 'proxy' : 'origin'} ${host.toLowerCase()}:${port}`;
}
