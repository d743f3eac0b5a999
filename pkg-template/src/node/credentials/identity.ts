import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { NtlmError } from '../../errors.js';
import { nearest } from '../nearest.js';
import { sharedState } from '../shared-state.js';

/** The identity of one connection. */
export type Identity = Credentials | SystemIdentity;

const poolKeys = new WeakMap<Identity, string>();
const attemptKeys = new WeakMap<Identity, string>();

/**
 * Returns an id that is equal for equal credentials. It is keyed with a secret of this process, so pools may store it and logs
 * may show it.
 */
export function credentialIdentity(credentials: Identity): string {
  return hashed(credentials, poolKeys, partsOf);
}

/**
 * Returns an id that is equal for credentials with the same account and password, regardless of the notation of the name and
 * of the workstation. If a domain controller rejects one of them, it rejects all.
 */
export function attemptKey(credentials: Identity): string {
  return hashed(credentials, attemptKeys, accountOf);
}

function hashed(
  identity: Identity,
  cache: WeakMap<Identity, string>,
  parts: (identity: Identity) => unknown[],
): string {
  const known = cache.get(identity);
  if (known !== undefined) return known;
  const key = (sharedState()['identityKey'] ??= randomBytes(32)) as Buffer;
  const text = JSON.stringify(parts(identity));
  const made = createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
  // Cache only internal copies, because the caller may modify its objects.
  if (identity instanceof ExplicitIdentity || identity instanceof SystemIdentity) cache.set(identity, made);
  return made;
}

function partsOf(credentials: Identity): unknown[] {
  if (credentials instanceof SystemIdentity) {
    const { system, fallback } = credentials;
    return ['system', Object.entries(system).sort(), fallback === undefined ? null : partsOf(fallback)];
  }
  const { username = '', password, ntHash, domain = '', workstation = '' } = credentials;
  return [username, domain, workstation, password ?? null, hexOf(ntHash)];
}

function accountOf(credentials: Identity): unknown[] {
  if (credentials instanceof SystemIdentity) return partsOf(credentials);
  const { username = '', password, ntHash, domain = '' } = credentials;
  const slash = domain === '' ? username.indexOf('\\') : -1;
  const name = slash === -1 ? [domain, username] : [username.slice(0, slash), username.slice(slash + 1)];
  return [...name.map((part) => part.toLowerCase()), password ?? null, hexOf(ntHash)];
}

function hexOf(ntHash: string | Uint8Array | undefined): string {
  return typeof ntHash === 'string' ? ntHash.toLowerCase() : Buffer.from(ntHash ?? []).toString('hex');
}

/** Explicit credentials. `username` may contain the domain: "CORP\\alice", "alice@corp.example". */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** The NT hash, instead of a password: 16 bytes, or 32 hexadecimal digits. */
  readonly ntHash?: string | Uint8Array;
  readonly domain?: string;
  readonly workstation?: string;
}

/** Credentials that hide their secret when printed. */
export class ExplicitIdentity implements Credentials {
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

/** Returns a masked copy of a user name and a secret, or throws a coded error. */
export function checkedCredentials(given: unknown): ExplicitIdentity {
  if (given instanceof ExplicitIdentity) return given;
  const { username, password, ntHash } = (given ?? {}) as Credentials;
  if (typeof username !== 'string' || username === '' || (typeof password !== 'string' && ntHash === undefined)) {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'credentials need a user name, and a password or an NT hash', {
      advice: "pass { username, password }, { username, ntHash }, or 'system' for the signed-in user",
    });
  }
  for (const name of Object.keys(given as Credentials)) checkMember(name);
  return new ExplicitIdentity({ ...(given as Credentials), username: accountName(username) });
}

const MEMBERS = ['username', 'password', 'ntHash', 'domain', 'workstation'];

function checkMember(name: string): void {
  if (MEMBERS.includes(name)) return;
  const meant = nearest(name, MEMBERS);
  throw new NtlmError('ERR_NTLM_INVALID_OPTION', `credentials have no "${name}"`, {
    advice: meant === undefined ? `they have ${MEMBERS.join(', ')}` : `did you mean "${meant}"?`,
  });
}

/**
 * Returns the account name to send. Quotes, doubled backslashes and `CORP/alice` are normalized to `CORP\\alice`. Names with a
 * colon contain a password: they are rejected, and the error does not quote them.
 */
export function accountName(written: string): string {
  const name = written
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
    .replace(/^([^\\/@]+)(?:\\{2,}|\/)([^\\/@]+)$/, '$1\\$2');
  const wrong = name.includes(':') ? 'a colon' : /["/]|\\.*\\/.test(name) ? 'a character that no account name has' : '';
  if (wrong === '' && name !== '') return name;
  const message = name === '' ? 'the user name is empty' : `the user name contains ${wrong}`;
  throw new NtlmError('ERR_NTLM_INVALID_OPTION', message, {
    advice: 'write CORP\\alice or alice@corp.example; give the password in the option password or in NTLM_PASSWORD',
  });
}

/** Reads NTLM_USERNAME with NTLM_PASSWORD or NTLM_HASH, NTLM_DOMAIN and NTLM_WORKSTATION; undefined without a user name. */
export function environmentCredentials(
  env: Readonly<Record<string, string | undefined>>,
): ExplicitIdentity | undefined {
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
  return new ExplicitIdentity({
    username: accountName(NTLM_USERNAME),
    ...(NTLM_HASH ? { ntHash: NTLM_HASH } : { password: NTLM_PASSWORD as string }),
    ...(NTLM_DOMAIN ? { domain: NTLM_DOMAIN } : {}),
    ...(NTLM_WORKSTATION ? { workstation: NTLM_WORKSTATION } : {}),
  });
}

/**
 * Single sign-on by the operating system: SSPI on Windows, GSS-API elsewhere. `{ system: true }` is the same as 'system': the
 * current user, with Kerberos if there is a ticket, otherwise with NTLM.
 */
export interface SystemCredentials {
  readonly system: true;
  /** The identity to use, if the user has several: "alice@CORP.EXAMPLE". GSS-API only. */
  readonly principal?: string;
  /** The Kerberos ticket cache, for processes that serve several users: "FILE:/run/tickets/alice". */
  readonly credentialCache?: string;
  /** The service principal name. Default: HTTP/host. */
  readonly targetName?: string;
  /** Another user than the current one, authenticated by the system's implementation. */
  readonly username?: string;
  readonly password?: string;
  readonly domain?: string;
}

/** The current user, optionally with a user name and a secret that are used if the system has no credentials for the peer. */
export type SystemOption =
  | 'system'
  | SystemCredentials
  | readonly ['system' | SystemCredentials]
  | readonly ['system' | SystemCredentials, Credentials];

const NAMES = ['principal', 'credentialCache', 'targetName', 'username', 'password', 'domain'] as const;

/** The request to the operating system and the fallback credentials. It hides secrets when printed. */
export class SystemIdentity {
  readonly system: Omit<SystemCredentials, 'system'>;
  readonly fallback: ExplicitIdentity | undefined;

  constructor(system: Omit<SystemCredentials, 'system'>, fallback: ExplicitIdentity | undefined) {
    this.system = system;
    this.fallback = fallback;
    Object.defineProperty(this, 'system', { enumerable: false });
  }

  toString(): string {
    const { principal, username, credentialCache } = this.system;
    const who = principal ?? username ?? (credentialCache === undefined ? 'the signed-in user' : credentialCache);
    return `Credentials of ${who}${this.fallback === undefined ? '' : `, otherwise: ${this.fallback}`}`;
  }

  toJSON(): Record<string, unknown> {
    const { password, ...shown } = this.system;
    return {
      system: true,
      ...shown,
      ...(password === undefined ? {} : { password: '[hidden]' }),
      ...(this.fallback === undefined ? {} : { fallback: this.fallback }),
    };
  }

  [inspect.custom](): Record<string, unknown> {
    return this.toJSON();
  }
}

export function isSystemOption(given: unknown): given is SystemOption {
  const [first] = Array.isArray(given) ? given : [given];
  return first === 'system' || (typeof first === 'object' && first !== null && 'system' in first);
}

/** Returns a copy of the option, or throws a coded error. */
export function systemIdentity(given: SystemOption): SystemIdentity {
  const [first, fallback, ...more] = Array.isArray(given) ? (given as unknown[]) : [given];
  if (more.length > 0) throw badOption('a list of credentials has more than the system and one fallback');
  const wishes = (first === 'system' ? { system: true } : first) as Record<string, unknown>;
  const { system: really, ...rest } = wishes;
  if (really !== true) throw badOption('system is not true');
  for (const [name, value] of Object.entries(rest)) {
    if (!(NAMES as readonly string[]).includes(name)) throw badOption(`system credentials have no "${name}"`);
    if (value !== undefined && typeof value !== 'string')
      throw badOption(`${name} of system credentials is not a string`);
  }
  if ((rest['username'] === undefined) !== (rest['password'] === undefined)) {
    throw badOption('system credentials have only one of username and password');
  }
  return new SystemIdentity(rest, fallback === undefined ? undefined : checkedCredentials(fallback));
}

function badOption(message: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, {
    advice: "pass 'system', { system: true, principal, credentialCache }, or ['system', { username, password }]",
  });
}
