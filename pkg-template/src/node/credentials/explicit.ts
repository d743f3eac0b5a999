import { inspect } from 'node:util';
import { NtlmError } from '../../errors.js';

/** Who signs on. `username` may hold the domain: "CORP\\alice", "alice@corp.example". */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** Instead of a password: 16 bytes, or hex. */
  readonly ntHash?: string | Uint8Array;
  readonly domain?: string;
  readonly workstation?: string;
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

/** A masked copy of a name and a secret, or a coded error. */
export function checkedCredentials(given: unknown): MaskedCredentials {
  if (given instanceof MaskedCredentials) return given;
  const { username, password, ntHash } = (given ?? {}) as Credentials;
  if (typeof username !== 'string' || username === '' || (typeof password !== 'string' && ntHash === undefined)) {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'credentials need a user name, and a password or an NT hash', {
      advice: "pass { username, password }, { username, ntHash }, or 'system' for the user who is logged on",
    });
  }
  return new MaskedCredentials(given as Credentials);
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
    username: NTLM_USERNAME,
    ...(NTLM_HASH ? { ntHash: NTLM_HASH } : { password: NTLM_PASSWORD as string }),
    ...(NTLM_DOMAIN ? { domain: NTLM_DOMAIN } : {}),
    ...(NTLM_WORKSTATION ? { workstation: NTLM_WORKSTATION } : {}),
  });
}
