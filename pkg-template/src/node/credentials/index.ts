import {
  checkedCredentials,
  credentialIdentity,
  type Credentials,
  environmentCredentials,
  type Identity,
  isSystemOption,
  systemIdentity,
  type SystemOption,
} from './identity.js';
import { requiredCredentials } from './stored.js';

export {
  attemptKey,
  credentialIdentity,
  type Credentials,
  environmentCredentials,
  type Identity,
  MaskedCredentials,
  type SystemCredentials,
  SystemIdentity,
  type SystemOption,
} from './identity.js';

/** The peer that wants to know who we are. */
export interface CredentialQuestion {
  readonly host: string;
  readonly port: number;
  readonly isProxy: boolean;
  readonly schemes: readonly string[];
}

type Answer = Credentials | SystemOption | undefined;
type CredentialFunction = (ask: CredentialQuestion) => Answer | Promise<Answer>;

/**
 * A user name with a secret; 'keychain' for what `ntlm-wasm credential set` has stored; 'system' for the current user; both, as `['system', { username, password }]`, where the
 * second is used if the system has no credentials for the peer; or a function that is called once per peer, and once
 * more when the peer rejects what it returned.
 */
export type CredentialsOption = 'keychain' | Credentials | SystemOption | CredentialFunction;

interface Known {
  answer: Identity | undefined | Promise<Identity | undefined>;
}

/**
 * The credentials for each peer. Without an option the environment is read: NTLM_USERNAME with NTLM_PASSWORD or
 * NTLM_HASH, NTLM_DOMAIN, NTLM_WORKSTATION. The credentials in a proxy URL are part of its route instead.
 */
export class CredentialStore {
  #generation = 0;
  readonly #function: CredentialFunction | undefined;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #fixed: Identity | undefined;
  readonly #known = new Map<string, Known>();
  readonly #replacing = new Map<string, Promise<Identity | undefined>>();

  constructor(option: CredentialsOption | undefined, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#env = env;
    if (option === 'keychain') this.#function = requiredCredentials;
    else if (typeof option === 'function') this.#function = option;
    else if (option !== undefined) this.#fixed = checked(option);
  }

  /** Goes up when credentials are replaced: earlier connections belong to the old ones. */
  get generation(): number {
    return this.#generation;
  }

  /** Whom to authenticate as; at once unless a function must be asked. Undefined: there are no credentials. */
  get(question: CredentialQuestion): Identity | undefined | Promise<Identity | undefined> {
    if (this.#function === undefined) return (this.#fixed ??= environmentCredentials(this.#env));
    const key = peerKey(question);
    const known = this.#known.get(key);
    if (known !== undefined) return known.answer;
    const entry: Known = { answer: undefined };
    const asked = this.#ask(this.#function, question);
    entry.answer = asked.then((identity) => {
      if (identity === undefined) this.#known.delete(key);
      entry.answer = identity;
      return identity;
    });
    // A function that fails is called again for the next request.
    entry.answer.catch(() => this.#known.delete(key));
    this.#known.set(key, entry);
    return entry.answer;
  }

  /** The peer has rejected them. Resolves with other credentials; undefined: there are none. */
  async replace(question: CredentialQuestion, rejected: Identity): Promise<Identity | undefined> {
    if (this.#function === undefined) return undefined;
    const key = peerKey(question);
    const current = await this.get(question);
    // Of ten connections that are rejected together, one asks for all.
    if (current !== undefined && !isSame(current, rejected)) return current;
    let replacing = this.#replacing.get(key);
    if (replacing === undefined) {
      replacing = this.#ask(this.#function, question).finally(() => this.#replacing.delete(key));
      this.#replacing.set(key, replacing);
    }
    const found = await replacing;
    if (found === undefined || isSame(found, rejected)) return undefined;
    if (this.#known.get(key)?.answer === current) {
      this.#known.set(key, { answer: found });
      this.#generation += 1;
    }
    return found;
  }

  async #ask(ask: CredentialFunction, question: CredentialQuestion): Promise<Identity | undefined> {
    const answer = await ask(question);
    return answer === undefined ? undefined : checked(answer);
  }
}

function checked(given: Credentials | SystemOption): Identity {
  return isSystemOption(given) ? systemIdentity(given) : checkedCredentials(given);
}

function isSame(one: Identity, other: Identity): boolean {
  return credentialIdentity(one) === credentialIdentity(other);
}

function peerKey({ host, port, isProxy }: CredentialQuestion): string {
  return `${isProxy ? 'proxy' : 'origin'} ${host.toLowerCase()}:${port}`;
}
