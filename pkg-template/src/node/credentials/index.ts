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
  ExplicitIdentity,
  type SystemCredentials,
  SystemIdentity,
  type SystemOption,
} from './identity.js';

/** The argument of a credential function: the peer that requires authentication. */
export interface CredentialQuestion {
  readonly host: string;
  readonly port: number;
  readonly isProxy: boolean;
  readonly schemes: readonly string[];
}

type Answer = Credentials | SystemOption | undefined;
type CredentialFunction = (ask: CredentialQuestion) => Answer | Promise<Answer>;

/**
 * The credentials option:
 * - a user name with a password or an NT hash
 * - 'keychain': the credentials stored by `ntlm-wasm credential set`
 * - 'system': the current user
 * - `['system', { username, password }]`: the current user, or these credentials if the system has none for the peer
 * - a function, called once per peer and again if the peer rejects its result
 */
export type CredentialsOption = 'keychain' | Credentials | SystemOption | CredentialFunction;

interface Known {
  answer: Identity | undefined | Promise<Identity | undefined>;
}

/**
 * The credentials for each peer. The default is the environment: NTLM_USERNAME with NTLM_PASSWORD or NTLM_HASH, NTLM_DOMAIN,
 * NTLM_WORKSTATION. Credentials in a proxy URL belong to its route instead.
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

  /** Increases when credentials are replaced. Earlier connections belong to the old credentials. */
  get generation(): number {
    return this.#generation;
  }

  /** Returns the identity for a peer; a promise only for a credential function. Undefined without credentials. */
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
    // After an error the function is called again for the next request.
    entry.answer.catch(() => this.#known.delete(key));
    this.#known.set(key, entry);
    return entry.answer;
  }

  /** Called when the peer has rejected the credentials. Resolves with other credentials; undefined if there are none. */
  async replace(question: CredentialQuestion, rejected: Identity): Promise<Identity | undefined> {
    if (this.#function === undefined) return undefined;
    const key = peerKey(question);
    const current = await this.get(question);
    // If several connections are rejected together, the function is called once for all.
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
