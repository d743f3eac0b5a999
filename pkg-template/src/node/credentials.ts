import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { NtlmError } from '../errors.js';

/** Who signs on. `username` may hold the domain: "CORP\\alice", "alice@corp.example". */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** Instead of a password: 16 bytes, or hex. */
  readonly ntHash?: string | Uint8Array;
  readonly domain?: string;
  readonly workstation?: string;
}

/** Who asks. */
export interface CredentialQuestion {
  readonly host: string;
  readonly port: number;
  readonly isProxy: boolean;
  readonly schemes: readonly string[];
}

type Answer = Credentials | 'system' | undefined;

/** Credentials, or a function that is asked once per host, and once more when what it gave was refused. */
export type CredentialsOption = Credentials | 'system' | ((ask: CredentialQuestion) => Answer | Promise<Answer>);

export interface CredentialSource {
  /** What to sign on with there. At once when known; undefined: sign on with nothing. */
  find(ask: CredentialQuestion): Credentials | undefined | Promise<Credentials | undefined>;
  /** The peer refused them. True when another `find` makes sense, since a function may now give others. */
  refused(ask: CredentialQuestion, credentials: Credentials): boolean;
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
  if (typeof option === 'function') return new AskingSource(option);
  if (option !== undefined) {
    const credentials = checked(option);
    return new FixedSource(() => credentials);
  }
  let credentials: Credentials | undefined;
  return new FixedSource(() => (credentials ??= environmentCredentials(env)));
}

/** An account is locked after a few wrong passwords: what was refused is not sent again to the same peer for so long. */
const REFUSAL_MEMORY = 30_000;

/** Which credentials were refused where, and when. */
class Refusals {
  readonly #times = new Map<string, number>();

  add(ask: CredentialQuestion, credentials: Credentials): void {
    const now = Date.now();
    for (const [key, time] of this.#times) if (now - time > REFUSAL_MEMORY) this.#times.delete(key);
    this.#times.set(`${peerKey(ask)} ${credentialIdentity(credentials)}`, now);
  }

  check(ask: CredentialQuestion, credentials: Credentials): void {
    if (this.#times.size === 0) return;
    const time = this.#times.get(`${peerKey(ask)} ${credentialIdentity(credentials)}`);
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

class FixedSource implements CredentialSource {
  readonly generation = 0;
  readonly #read: () => Credentials | undefined;
  readonly #refusals = new Refusals();

  constructor(read: () => Credentials | undefined) {
    this.#read = read;
  }

  find(ask: CredentialQuestion): Credentials | undefined {
    const credentials = this.#read();
    if (credentials !== undefined) this.#refusals.check(ask, credentials);
    return credentials;
  }

  refused(ask: CredentialQuestion, credentials: Credentials): boolean {
    this.#refusals.add(ask, credentials);
    return false;
  }
}

interface Known {
  answer: Credentials | undefined | Promise<Credentials | undefined>;
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

  find(ask: CredentialQuestion): Credentials | undefined | Promise<Credentials | undefined> {
    const key = peerKey(ask);
    const known = this.#known.get(key);
    if (known !== undefined) return known.answer;
    const entry: Known = { answer: undefined, second: this.#again.delete(key) };
    entry.answer = Promise.resolve(this.#ask(ask)).then((answer) => {
      const credentials = answer === undefined ? undefined : checked(answer);
      if (credentials === undefined) this.#known.delete(key);
      else this.#refusals.check(ask, credentials);
      entry.answer = credentials;
      return credentials;
    });
    this.#known.set(key, entry);
    // A function that fails is asked again by the next request.
    entry.answer.catch(() => this.#known.delete(key));
    return entry.answer;
  }

  refused(ask: CredentialQuestion, credentials: Credentials): boolean {
    const key = peerKey(ask);
    this.#refusals.add(ask, credentials);
    const known = this.#known.get(key);
    // Of ten connections that are refused together the first replaces the credentials, the others use the new ones.
    if (known === undefined) return this.#again.has(key);
    if (known.answer !== credentials) return true;
    this.#known.delete(key);
    this.generation += 1;
    if (known.second) return false;
    this.#again.add(key);
    return true;
  }
}

function peerKey({ host, port, isProxy }: CredentialQuestion): string {
  return `${isProxy ? 'proxy' : 'origin'} ${host.toLowerCase()}:${port}`;
}

function environmentCredentials(env: Readonly<Record<string, string | undefined>>): Credentials | undefined {
  const { NTLM_USERNAME, NTLM_PASSWORD, NTLM_HASH, NTLM_DOMAIN, NTLM_WORKSTATION } = env;
  if (NTLM_USERNAME === undefined || NTLM_USERNAME === '') return undefined;
  if (NTLM_PASSWORD === undefined && !NTLM_HASH) {
    throw new NtlmError(
      'ERR_NTLM_CREDENTIALS_INCOMPLETE',
      'NTLM_USERNAME is set, but neither NTLM_PASSWORD nor NTLM_HASH',
      {
        advice: 'set one of them; "ntlm-wasm hash" prints the value for NTLM_HASH',
      },
    );
  }
  return new MaskedCredentials({
    username: NTLM_USERNAME,
    ...(NTLM_HASH ? { ntHash: NTLM_HASH } : { password: NTLM_PASSWORD as string }),
    ...(NTLM_DOMAIN ? { domain: NTLM_DOMAIN } : {}),
    ...(NTLM_WORKSTATION ? { workstation: NTLM_WORKSTATION } : {}),
  });
}

/** A masked copy of what the caller gave, or a coded error. */
function checked(given: Credentials | 'system'): Credentials {
  if (given === 'system') {
    throw new NtlmError(
      'ERR_NTLM_SSO_UNAVAILABLE',
      'signing on as the logged-on user is not part of this package yet',
      {
        advice: 'give credentials, or set NTLM_USERNAME and NTLM_PASSWORD',
      },
    );
  }
  if (given instanceof MaskedCredentials) return given;
  const { username, password, ntHash } = (given ?? {}) as Credentials;
  if (typeof username !== 'string' || username === '' || (typeof password !== 'string' && ntHash === undefined)) {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'credentials need a user name, and a password or an NT hash', {
      advice: 'pass { username, password } or { username, ntHash }',
    });
  }
  return new MaskedCredentials(given);
}

/** Credentials that do not show their secret when somebody prints them. */
export class MaskedCredentials implements Credentials {
  declare readonly username: string;
  declare readonly password?: string;
  declare readonly ntHash?: string | Uint8Array;
  declare readonly domain?: string;
  declare readonly workstation?: string;

  constructor(given: Credentials) {
    for (const name of ['username', 'password', 'ntHash', 'domain', 'workstation'] as const) {
      if (given[name] !== undefined) Object.defineProperty(this, name, { value: given[name], enumerable: true });
    }
  }

  toString(): string {
    return `Credentials of ${this.domain === undefined ? '' : `${this.domain}\\`}${this.username}`;
  }

  toJSON(): Record<string, string> {
    const { username, domain, workstation } = this;
    return {
      username,
      ...(this.password === undefined ? {} : { password: '[hidden]' }),
      ...(this.ntHash === undefined ? {} : { ntHash: '[hidden]' }),
      ...(domain === undefined ? {} : { domain }),
      ...(workstation === undefined ? {} : { workstation }),
    };
  }

  [inspect.custom](): Record<string, string> {
    return this.toJSON();
  }
}

const identityKey = randomBytes(32);
const identities = new WeakMap<Credentials, string>();

/**
 * The same for the same credentials and, without the key that never leaves this process, worth nothing: a pool may keep
 * it and a log may show it.
 */
export function credentialIdentity(credentials: Credentials): string {
  const known = identities.get(credentials);
  if (known !== undefined) return known;
  const { username = '', password, ntHash, domain = '', workstation = '' } = credentials;
  const hash = typeof ntHash === 'string' ? ntHash.toLowerCase() : Buffer.from(ntHash ?? []).toString('hex');
  const parts = [username, domain, workstation, password ?? null, hash];
  const identity = createHmac('sha256', identityKey).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
  // Only our own copies: an object of the caller's may change.
  if (credentials instanceof MaskedCredentials) identities.set(credentials, identity);
  return identity;
}
