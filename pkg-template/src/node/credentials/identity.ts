import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { NtlmError } from '../../errors.js';
import { nearest } from '../nearest.js';
import { sharedState } from '../shared-state.js';

/** Whom one connection authenticates as. */
export type Identity = Credentials | SystemIdentity;

const poolKeys = new WeakMap<Identity, string>();
const attemptKeys = new WeakMap<Identity, string>();

/**
 * The same for the same credentials and, without a key that never leaves this process, worthless: a pool may keep it and
 * a log may show it.
 */
export function credentialIdentity(credentials: Identity): string {
  return hashed(credentials, poolKeys, partsOf);
}

/**
 * The same for credentials that a domain controller takes for the same password of the same account, however the name is
 * written and whatever the workstation: one of them is wrong if the other is.
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
  // Only our own copies: an object of the caller's may change.
  if (identity instanceof MaskedCredentials || identity instanceof SystemIdentity) cache.set(identity, made);
  return made;
}

function partsOf(credentials: Identity): unknown[] {
  if (credentials instanceof SystemIdentity) {
    const { system, reserve } = credentials;
    return ['system', Object.entries(system).sort(), reserve === undefined ? null : partsOf(reserve)];
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

/** Explicit credentials. `username` may hold the domain: "CORP\\alice", "alice@corp.example". */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** Instead of a password: 16 bytes, or hex. */
  readonly ntHash?: string | Uint8Array;
  readonly domain?: string;
  readonly workstation?: string;
}

/** Credentials that do not show their secret when they are printed. */
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

/** A masked copy of a name and a secret, or a coded error. */
export function checkedCredentials(given: unknown): MaskedCredentials {
  if (given instanceof MaskedCredentials) return given;
  const { username, password, ntHash } = (given ?? {}) as Credentials;
  if (typeof username !== 'string' || username === '' || (typeof password !== 'string' && ntHash === undefined)) {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'credentials need a user name, and a password or an NT hash', {
      advice: "pass { username, password }, { username, ntHash }, or 'system' for the user who is logged on",
    });
  }
  for (const name of Object.keys(given as Credentials)) checkMember(name);
  return new MaskedCredentials({ ...(given as Credentials), username: accountName(username) });
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
 * An account name as it is sent. Quotes, doubled backslashes and `CORP/alice` come from shells and habits, and mean
 * `CORP\\alice`. Names with a colon hold a password: they are refused, and not repeated.
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

/** From NTLM_USERNAME with NTLM_PASSWORD or NTLM_HASH, NTLM_DOMAIN and NTLM_WORKSTATION, if a name is set. */
export function environmentCredentials(
  env: Readonly<Record<string, string | undefined>>,
): MaskedCredentials | undefined {
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
    username: accountName(NTLM_USERNAME),
    ...(NTLM_HASH ? { ntHash: NTLM_HASH } : { password: NTLM_PASSWORD as string }),
    ...(NTLM_DOMAIN ? { domain: NTLM_DOMAIN } : {}),
    ...(NTLM_WORKSTATION ? { workstation: NTLM_WORKSTATION } : {}),
  });
}

/**
 * The operating system authenticates: SSPI on Windows, GSS-API elsewhere. `{ system: true }` is the same as 'system': the
 * current user, with Kerberos where there is a ticket and NTLM otherwise.
 */
export interface SystemCredentials {
  readonly system: true;
  /** Which of the user's own identities: "alice@CORP.EXAMPLE". GSS-API only. */
  readonly principal?: string;
  /** Kerberos tickets other than the usual ones: "FILE:/run/tickets/alice". For processes that serve several users. */
  readonly credentialCache?: string;
  /** The service principal name, where it is not HTTP/host. */
  readonly targetName?: string;
  /** Another user than the current one, by the implementation of the system. */
  readonly username?: string;
  readonly password?: string;
  readonly domain?: string;
}

/** 'system'; with a user name and a secret that are used if the system has no credentials for the peer. */
export type SystemOption =
  | 'system'
  | SystemCredentials
  | readonly ['system' | SystemCredentials]
  | readonly ['system' | SystemCredentials, Credentials];

const NAMES = ['principal', 'credentialCache', 'targetName', 'username', 'password', 'domain'] as const;

/** What the operating system is asked for, and the credentials that replace it. Shows no secret. */
export class SystemIdentity {
  readonly system: Omit<SystemCredentials, 'system'>;
  readonly reserve: MaskedCredentials | undefined;

  constructor(system: Omit<SystemCredentials, 'system'>, reserve: MaskedCredentials | undefined) {
    this.system = system;
    this.reserve = reserve;
    Object.defineProperty(this, 'system', { enumerable: false });
  }

  toString(): string {
    const { principal, username, credentialCache } = this.system;
    const who =
      principal ?? username ?? (credentialCache === undefined ? 'the user who is logged on' : credentialCache);
    return `Credentials of ${who}${this.reserve === undefined ? '' : `, in reserve: ${this.reserve}`}`;
  }

  toJSON(): Record<string, unknown> {
    const { password, ...shown } = this.system;
    return {
      system: true,
      ...shown,
      ...(password === undefined ? {} : { password: '[hidden]' }),
      ...(this.reserve === undefined ? {} : { reserve: this.reserve }),
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

/** A copy of what was given, or a coded error. */
export function systemIdentity(given: SystemOption): SystemIdentity {
  const [first, reserve, ...more] = Array.isArray(given) ? (given as unknown[]) : [given];
  if (more.length > 0) throw badOption('a list of credentials holds more than the system and one reserve');
  const wishes = (first === 'system' ? { system: true } : first) as Record<string, unknown>;
  const { system: really, ...rest } = wishes;
  if (really !== true) throw badOption('system is not true');
  for (const [name, value] of Object.entries(rest)) {
    if (!(NAMES as readonly string[]).includes(name)) throw badOption(`system credentials have no "${name}"`);
    if (value !== undefined && typeof value !== 'string') throw badOption(`${name} of system credentials is no string`);
  }
  if ((rest['username'] === undefined) !== (rest['password'] === undefined)) {
    throw badOption('system credentials have only one of username and password');
  }
  return new SystemIdentity(rest, reserve === undefined ? undefined : checkedCredentials(reserve));
}

function badOption(message: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, {
    advice: "pass 'system', { system: true, principal, credentialCache }, or ['system', { username, password }]",
  });
}
