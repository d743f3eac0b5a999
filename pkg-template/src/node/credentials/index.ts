import {
  checkedCredentials,
  type Credentials,
  environmentCredentials,
  type Identity,
  isSystemOption,
  systemIdentity,
  type SystemOption,
  credentialIdentity,
} from './identity.js';
import { NtlmError } from '../../errors.js';
import { requiredCredentials } from './stored.js';

export { type Credentials, environmentCredentials, MaskedCredentials } from './identity.js';
export { credentialIdentity, type Identity } from './identity.js';
export { type SystemCredentials, SystemIdentity, type SystemOption } from './identity.js';

type Answer = Credentials | SystemOption | undefined;

/**
 * A name with a secret; 'keychain' for what "ntlm-wasm credential set" has stored; 'system' for the user who is logged on; both, as `['system', { username, password }]`, the
 * second where the system has nothing to sign on with; or a function that is asked once per host, and once more when
 * what it gave was refused.
 */
export type CredentialsOption =
  'keychain' | Credentials | SystemOption | ((ask: CredentialQuestion) => Answer | Promise<Answer>);

export interface CredentialSource {
  /** What to sign on with there. At once when known; undefined: sign on with nothing. */
  find(ask: CredentialQuestion): Identity | undefined | Promise<Identity | undefined>;
  /** The peer refused them. True when another `find` makes sense, since a function may now give others. */
  refused(ask: CredentialQuestion, identity: Identity): boolean;
  /** Goes up when credentials are replaced: connections made before belong to the old ones. */
  readonly generation: number;
}

/**
 * Without an option the environment is read: NTLM_USERNAME with NTLM_PASSWORD or NTLM_HASH, NTLM_DOMAIN,
 * NTLM_WORKSTATION. A proxy URL's own credentials come with its route.
 */
export function createCredentialSource(
  option: CredentialsOption | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): CredentialSource {
  if (option === 'keychain') return new AskingSource(requiredCredentials);
  if (typeof option === 'function') return new AskingSource(option);
  if (option !== undefined) {
    const identity = checked(option);
    return new FixedSource(() => identity);
  }
  let identity: Identity | undefined;
  return new FixedSource(() => (identity ??= environmentCredentials(env)));
}

function checked(given: Credentials | SystemOption): Identity {
  return isSystemOption(given) ? systemIdentity(given) : checkedCredentials(given);
}

class FixedSource implements CredentialSource {
  readonly generation = 0;
  readonly #read: () => Identity | undefined;
  readonly #refusals = new Refusals();

  constructor(read: () => Identity | undefined) {
    this.#read = read;
  }

  find(ask: CredentialQuestion): Identity | undefined {
    const identity = this.#read();
    if (identity !== undefined) this.#refusals.check(ask, identity);
    return identity;
  }

  refused(ask: CredentialQuestion, identity: Identity): boolean {
    this.#refusals.add(ask, identity);
    return false;
  }
}

interface Known {
  answer: Identity | undefined | Promise<Identity | undefined>;
  /** It was given after a refusal: the next refusal is the last word for this request. */
  second: boolean;
}

class AskingSource implements CredentialSource {
  generation = 0;
  readonly #ask: (ask: CredentialQuestion) => Answer | Promise<Answer>;
  readonly #known = new Map<string, Known>();
  readonly #refusals = new Refusals();
  /** Peers whose credentials were refused once and are to be asked for again. */
  readonly #again = new Set<string>();

  constructor(ask: (ask: CredentialQuestion) => Answer | Promise<Answer>) {
    this.#ask = ask;
  }

  find(ask: CredentialQuestion): Identity | undefined | Promise<Identity | undefined> {
    const key = peerKey(ask);
    const known = this.#known.get(key);
    if (known !== undefined) return known.answer;
    const entry: Known = { answer: undefined, second: this.#again.delete(key) };
    entry.answer = Promise.resolve(this.#ask(ask)).then((answer) => {
      const identity = answer === undefined ? undefined : checked(answer);
      if (identity === undefined) this.#known.delete(key);
      else this.#refusals.check(ask, identity);
      entry.answer = identity;
      return identity;
    });
    this.#known.set(key, entry);
    // A function that fails is asked again by the next request.
    entry.answer.catch(() => this.#known.delete(key));
    return entry.answer;
  }

  refused(ask: CredentialQuestion, identity: Identity): boolean {
    const key = peerKey(ask);
    this.#refusals.add(ask, identity);
    const known = this.#known.get(key);
    // Of ten connections that are refused together the first replaces the credentials, the others use the new ones.
    if (known === undefined) return this.#again.has(key);
    if (known.answer !== identity) return true;
    this.#known.delete(key);
    this.generation += 1;
    if (known.second) return false;
    this.#again.add(key);
    return true;
  }
}

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
