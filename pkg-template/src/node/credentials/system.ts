import { inspect } from 'node:util';
import { NtlmError } from '../../errors.js';
import { checkedCredentials, type Credentials, type MaskedCredentials } from './explicit.js';

/**
 * The operating system signs on: SSPI on Windows, GSS-API elsewhere. `{ system: true }` is the same as 'system': the
 * user who is logged on, with Kerberos where there is a ticket and NTLM otherwise.
 */
export interface SystemCredentials {
  readonly system: true;
  /** Which of the user's own identities: "alice@CORP.EXAMPLE". GSS-API only. */
  readonly principal?: string;
  /** Kerberos tickets other than the usual ones: "FILE:/run/tickets/alice". For processes that serve several users. */
  readonly credentialCache?: string;
  /** The service principal name, where it is not HTTP/host. */
  readonly targetName?: string;
  /** Somebody else than the user who is logged on, by the system's own implementation. */
  readonly username?: string;
  readonly password?: string;
  readonly domain?: string;
}

/** 'system', or first that and, where the system has nothing to sign on with, a name and a secret. */
export type SystemOption =
  | 'system'
  | SystemCredentials
  | readonly ['system' | SystemCredentials]
  | readonly ['system' | SystemCredentials, Credentials];

const NAMES = ['principal', 'credentialCache', 'targetName', 'username', 'password', 'domain'] as const;

/** What the operating system is asked for, and what stands in where it has nothing. Shows no secret. */
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
