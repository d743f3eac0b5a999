import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import { clock, NTLM_VERSIONS, type NtlmVersion } from './client.js';
import { guard } from './core/guard.js';
import { core } from './core/load.js';
import type { Accepted, Claim, Server } from './core/generated/tokens.js';
import { checker, invalid, isBoolean, isFunction, isString } from './options.js';
import { SecuritySession } from './session.js';
import { codeUnits } from './text.js';

/** What a client says it is, before anything is proven. */
export interface Claimed {
  username: string;
  domain: string;
  workstation: string;
}

/** What proves an account. */
export type Account = { password: string } | { ntHash: string | Uint8Array };

/** The options of {@link NtlmServer}. */
export interface NtlmServerOptions {
  netbiosDomain?: string | undefined;
  netbiosComputer?: string | undefined;
  dnsDomain?: string | undefined;
  dnsComputer?: string | undefined;
  dnsTree?: string | undefined;
  /** Looks an account up; undefined when there is none. */
  account: (user: Claimed) => Account | undefined | Promise<Account | undefined>;
  /** The TLS channel that clients come through. */
  channelBindings?: ChannelBindingsInput | undefined;
  /** What to do about it. Default `if-present`: a wrong binding is refused, none is not. */
  channelBindingPolicy?: 'off' | 'if-present' | 'required' | undefined;
  /** Refuse clients that send no message integrity code, even if they announce none. */
  requireMic?: boolean | undefined;
  /** The oldest response to accept. Default `NTLMv2`. */
  minimumNtlmVersion?: NtlmVersion | undefined;
  /** How long a challenge may take to be answered. Default 300. */
  challengeLifetimeSeconds?: number | undefined;
  /** Accept clients without credentials. Default false. */
  allowAnonymous?: boolean | undefined;
  /** The service principal names of this server; a client that means another service is refused. Default: any. */
  targetNames?: readonly string[] | undefined;
  /** Send the time, to which clients of Windows answer with a message integrity code. Default true. */
  timestamp?: boolean | undefined;
  /** The VERSION field, such as `10.0.26100`. */
  version?: string | undefined;
  /** The code page of text without Unicode. Default `cp437`. */
  oemEncoding?: string | undefined;
  /** Where randomness comes from, for tests that must repeat. */
  random?: ((length: number) => Uint8Array) | undefined;
  /** What time it is, for tests that must repeat. */
  now?: (() => Date) | undefined;
}

/** A client that proved what it said. Its `domain` is empty if the client left it out of what its password proves. */
export interface Authenticated extends Claimed {
  /** undefined for an anonymous client. */
  ntlmVersion: NtlmVersion | undefined;
  /** Whether the three messages were protected against changes. */
  mic: boolean;
  /** The service that the client meant to speak to, if it said. */
  targetName: string | undefined;
  session: SecuritySession;
  /** The last token for the client in base64, which SPNEGO has and NTLM has not: `WWW-Authenticate: Negotiate <token>`. */
  token: string | undefined;
}

const CHANNEL_BINDING_POLICIES = ['off', 'if-present', 'required'];

/**
 * The server side of one handshake after the other: message 2 with {@link challenge}, then the verdict on message 3 with {@link authenticate}.
 *
 * One instance serves one connection. The codes of its errors say which check failed: they are for the log, while the client
 * should hear no more than "no".
 */
export class NtlmServer {
  readonly #server: Server;
  readonly #account: NtlmServerOptions['account'];
  readonly #now: () => number;

  constructor(options: NtlmServerOptions) {
    const check = checker(options);
    const account = check('account', isFunction);
    if (account === undefined) throw invalid('account', 'the option account must be a function');
    const name = (option: 'netbiosDomain' | 'netbiosComputer' | 'dnsDomain' | 'dnsComputer' | 'dnsTree', fallback: string) =>
      check(option, isString) ?? fallback;
    this.#server = guard(() => {
      const server = new (core().Server)(
        name('netbiosDomain', 'WORKGROUP'),
        name('netbiosComputer', 'SERVER'),
        name('dnsDomain', ''),
        name('dnsComputer', ''),
        name('dnsTree', ''),
      );
      if (options.channelBindings !== undefined) server.channelBindings(channelBindingHash(options.channelBindings));
      const policy = check('channelBindingPolicy', (value) => CHANNEL_BINDING_POLICIES.includes(value as string));
      if (policy !== undefined) server.channelBindingPolicy(CHANNEL_BINDING_POLICIES.indexOf(policy));
      const minimum = check('minimumNtlmVersion', (value) => NTLM_VERSIONS.includes(value as NtlmVersion));
      if (minimum !== undefined) server.minimumNtlmVersion(NTLM_VERSIONS.indexOf(minimum));
      const lifetime = check('challengeLifetimeSeconds', (value) => typeof value === 'number' && value >= 0);
      if (lifetime !== undefined) server.challengeLifetime(Math.min(lifetime, 0xffff_ffff));
      server.rules(
        check('requireMic', isBoolean) ?? false,
        check('allowAnonymous', isBoolean) ?? false,
        check('timestamp', isBoolean) ?? true,
      );
      const names = check('targetNames', (value) => Array.isArray(value) && value.every(isString)) ?? [];
      for (const targetName of names) server.targetName(targetName);
      const version = check('version', isString);
      if (version !== undefined) server.version(version);
      const oemEncoding = check('oemEncoding', isString);
      if (oemEncoding !== undefined) server.oemEncoding(oemEncoding);
      const random = check('random', isFunction);
      if (random !== undefined) server.random(random);
      check('now', isFunction);
      return server;
    });
    this.#account = account;
    this.#now = clock(options);
  }

  /**
   * Whether the next token is for {@link challenge} or for {@link authenticate}. With SPNEGO a client whose first choice is another
   * mechanism needs two rounds of `challenge`.
   */
  get awaits(): 'negotiate' | 'authenticate' {
    return this.#server.challenged() ? 'authenticate' : 'negotiate';
  }

  /** The CHALLENGE_MESSAGE in base64, for a NEGOTIATE_MESSAGE in base64, in bytes, or within the header's value. */
  challenge(negotiate: string | Uint8Array): string {
    return guard(() => core().Client.encode(this.challengeBytes(negotiate)));
  }

  /** The CHALLENGE_MESSAGE. */
  challengeBytes(negotiate: string | Uint8Array): Uint8Array {
    const bytes = tokenBytes(negotiate);
    return guard(() => this.#server.challenge(bytes, this.#now()));
  }

  /**
   * Checks an AUTHENTICATE_MESSAGE. It uses the challenge up, whatever the verdict: another try needs another challenge.
   *
   * Rejects with the code of the check that failed, such as `ERR_NTLM_PROOF_MISMATCH`.
   */
  async authenticate(token: string | Uint8Array): Promise<Authenticated> {
    const bytes = tokenBytes(token);
    const claim = guard(() => this.#server.receive(bytes));
    const claimed = { username: claim.username(), domain: claim.domain(), workstation: claim.workstation() };
    const account = claim.anonymous() ? undefined : await this.#account(claimed);
    const accepted = guard(() => verify(claim, account, this.#now()));
    return {
      ...claimed,
      domain: accepted.domain(),
      ntlmVersion: NTLM_VERSIONS[accepted.ntlmVersion()],
      mic: accepted.mic(),
      targetName: accepted.targetName(),
      session: new SecuritySession(accepted.session()),
      token: encoded(accepted.token()),
    };
  }
}

function verify(claim: Claim, account: Account | undefined, now: number): Accepted {
  if (account === undefined || account === null) return claim.verifyUnknown(now);
  if ('password' in account && typeof account.password === 'string') {
    return claim.verifyPassword(codeUnits(account.password), now);
  }
  if ('ntHash' in account) {
    if (typeof account.ntHash === 'string') return claim.verifyHashText(account.ntHash, now);
    if (account.ntHash instanceof Uint8Array) return claim.verifyHash(account.ntHash, now);
  }
  throw invalid('account', 'the account must have a password or an ntHash');
}

function encoded(token: Uint8Array | undefined): string | undefined {
  return token === undefined ? undefined : core().Client.encode(token);
}

function tokenBytes(token: string | Uint8Array): Uint8Array {
  if (typeof token === 'string') return guard(() => core().Client.tokenBytes(token));
  if (token instanceof Uint8Array) return token;
  throw invalid('token', 'the token must be a string or a Uint8Array');
}
