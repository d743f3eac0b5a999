import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import { clock, NTLM_VERSIONS, type NtlmVersion, writeToken } from './client.js';
import { Answer } from './core/answer.js';
import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { drawFrom, type RandomSource } from './core/random.js';
import {
  checker,
  codePage,
  invalid,
  isBoolean,
  isFunction,
  isHash,
  isString,
  versionBytes,
  writeProof,
} from './options.js';
import { SecuritySession } from './session.js';

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
const REQUIRE_MIC = 1;
const ALLOW_ANONYMOUS = 2;
const TIMESTAMP = 4;

/**
 * The server side of one handshake after the other: message 2 with {@link challenge}, then the verdict on message 3 with {@link authenticate}.
 *
 * One instance serves one connection. The codes of its errors say which check failed: they are for the log, while the client
 * should hear no more than "no".
 */
export class NtlmServer {
  readonly #handle: number;
  readonly #account: NtlmServerOptions['account'];
  readonly #random: RandomSource;
  readonly #now: () => number;

  constructor(options: NtlmServerOptions) {
    const { exchange, own } = load();
    writeServerOptions(options);
    this.#handle = own(this, exchange.askNumber(Operation.Server));
    this.#account = options.account;
    this.#random = options.random;
    this.#now = clock(options);
  }

  /**
   * Whether the next token is for {@link challenge} or for {@link authenticate}. With SPNEGO a client whose first choice is another
   * mechanism needs two rounds of `challenge`.
   */
  get awaits(): 'negotiate' | 'authenticate' {
    return load().exchange.begin().askNumber(Operation.Challenged, this.#handle) === 1 ? 'authenticate' : 'negotiate';
  }

  /** The CHALLENGE_MESSAGE in base64, for a NEGOTIATE_MESSAGE in base64, in bytes, or within the header's value. */
  challenge(negotiate: string | Uint8Array): string {
    const now = this.#now();
    const form = writeToken(negotiate, 'token');
    drawFrom(this.#random);
    return load().exchange.askBase64(Operation.Challenge, this.#handle, form, now);
  }

  /** The CHALLENGE_MESSAGE. */
  challengeBytes(negotiate: string | Uint8Array): Uint8Array {
    const now = this.#now();
    const form = writeToken(negotiate, 'token');
    drawFrom(this.#random);
    return load().exchange.askBytes(Operation.Challenge, this.#handle, form, now);
  }

  /**
   * Checks an AUTHENTICATE_MESSAGE. It uses the challenge up, whatever the verdict: another try needs another challenge.
   *
   * Rejects with the code of the check that failed, such as `ERR_NTLM_PROOF_MISMATCH`.
   */
  async authenticate(token: string | Uint8Array): Promise<Authenticated> {
    const { exchange } = load();
    const form = writeToken(token, 'token');
    const received = new Answer(exchange.askBytes(Operation.Receive, this.#handle, form));
    const anonymous = received.number() === 1;
    const claimed = { username: received.text(), domain: received.text(), workstation: received.text() };
    const claim = received.number();
    let account: Account | undefined;
    try {
      account = anonymous ? undefined : await this.#account(claimed);
      checkAccount(account);
    } catch (error) {
      exchange.begin().askNumber(Operation.Close, claim);
      throw error;
    }
    const now = this.#now();
    writeAccount(account);
    const verdict = new Answer(exchange.askBytes(Operation.Verify, claim, 0, now));
    return {
      ...claimed,
      ntlmVersion: NTLM_VERSIONS[verdict.number()],
      mic: verdict.number() === 1,
      domain: verdict.text(),
      targetName: verdict.optionalText(),
      token: verdict.optionalBase64(),
      session: new SecuritySession(verdict.number()),
    };
  }
}

/** Writes the options in the form and order that the core reads, into the exchange. */
function writeServerOptions(options: NtlmServerOptions): void {
  const check = checker(options);
  if (check('account', isFunction) === undefined) throw invalid('account', 'the option account must be a function');
  check('random', isFunction);
  check('now', isFunction);
  const switches =
    (check('requireMic', isBoolean) === true ? REQUIRE_MIC : 0) |
    (check('allowAnonymous', isBoolean) === true ? ALLOW_ANONYMOUS : 0) |
    (check('timestamp', isBoolean) === false ? 0 : TIMESTAMP);
  const policy = check('channelBindingPolicy', (value) => CHANNEL_BINDING_POLICIES.includes(value as string));
  const minimum = check('minimumNtlmVersion', (value) => NTLM_VERSIONS.includes(value as NtlmVersion));
  const lifetime = check('challengeLifetimeSeconds', (value) => typeof value === 'number' && value >= 0) ?? 300;
  const version = versionBytes(check('version', isString));
  const oemEncoding = codePage(check('oemEncoding', isString));
  const targetNames = check('targetNames', (value) => Array.isArray(value) && value.every(isString)) ?? [];
  const ownNames = [
    check('netbiosDomain', isString) ?? 'WORKGROUP',
    check('netbiosComputer', isString) ?? 'SERVER',
    check('dnsDomain', isString),
    check('dnsComputer', isString),
    check('dnsTree', isString),
  ];
  // Needs the exchange for itself.
  const { channelBindings } = options;
  const binding = channelBindings === undefined ? undefined : channelBindingHash(channelBindings);
  const { exchange } = load();
  exchange
    .begin()
    .number(switches)
    .number(CHANNEL_BINDING_POLICIES.indexOf(policy ?? 'if-present'))
    .number(NTLM_VERSIONS.indexOf(minimum ?? 'NTLMv2'))
    .number(Math.min(lifetime, 0xffff_ffff))
    .bytes(binding)
    .bytes(version)
    .number(oemEncoding)
    .number(targetNames.length);
  for (const name of [...targetNames, ...ownNames]) exchange.text(name);
}

/** Refuses an account that says nothing of a password. */
function checkAccount(account: Account | undefined): void {
  if (account === undefined || account === null) return;
  if ('password' in account ? isString(account.password) : isHash(account.ntHash)) return;
  throw invalid('account', 'the account must have a password or an ntHash');
}

/** Writes what proves an account into the exchange. */
function writeAccount(account: Account | undefined): void {
  load().exchange.begin();
  if (account === undefined || account === null) writeProof(undefined, undefined);
  else if ('password' in account) writeProof(account.password, undefined);
  else writeProof(undefined, account.ntHash);
}
