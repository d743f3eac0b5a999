import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import type { NtlmVersion } from './client.js';
import { invalid, nameArgument, tooLong } from './core/arguments.js';
import { base64Of } from './core/bytes.js';
import { type Claim, NtlmServer as Server, type ServerOptions } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { tokenBytes } from './core/token.js';
import {
  check,
  checkOptionsObject,
  clock,
  isBoolean,
  isFunction,
  isHash,
  isString,
  versionOption,
  withSecret,
} from './options.js';
import { SecuritySession } from './session.js';

/** The identity that a client claims. It is not verified yet. */
export interface Claimed {
  username: string;
  domain: string;
  workstation: string;
}

/** The secret of an account: its password, or its NT hash as 16 bytes, 32 hexadecimal digits or `LM:NT`. */
export type Account = { password: string } | { ntHash: string | Uint8Array };

/** The options of {@link NtlmServer}. */
export interface NtlmServerOptions {
  netbiosDomain?: string | undefined;
  netbiosComputer?: string | undefined;
  dnsDomain?: string | undefined;
  dnsComputer?: string | undefined;
  dnsTree?: string | undefined;
  /** Looks up an account; returns undefined if it does not exist. */
  account: (user: Claimed) => Account | undefined | Promise<Account | undefined>;
  /** The TLS channel of the connection: usually the server's certificate. */
  channelBindings?: ChannelBindingsInput | undefined;
  /** How to check channel bindings. Default `if-present`: a wrong binding is rejected, a missing one is accepted. */
  channelBindingPolicy?: 'off' | 'if-present' | 'required' | undefined;
  /** Reject clients without a message integrity code, even if they announce none. Default false. */
  requireMic?: boolean | undefined;
  /** The oldest response version to accept. Default `NTLMv2`. */
  minimumNtlmVersion?: NtlmVersion | undefined;
  /** Seconds for which a challenge is valid. Default 300. */
  challengeLifetimeSeconds?: number | undefined;
  /** Accept clients without credentials. Default false. */
  allowAnonymous?: boolean | undefined;
  /** The service principal names of this server. Clients that request another service are rejected. Default: any. */
  targetNames?: readonly string[] | undefined;
  /** Send a timestamp. Windows clients then send a message integrity code. Default true. */
  timestamp?: boolean | undefined;
  /** The VERSION field, such as `10.0.26100`. */
  version?: string | undefined;
  /** The code page for clients without Unicode. Default `cp437`. */
  oemEncoding?: string | undefined;
  /** The random number source, for reproducible tests. */
  random?: ((length: number) => Uint8Array) | undefined;
  /** The clock, for reproducible tests. */
  now?: (() => Date) | undefined;
}

/** An authenticated client. `domain` is empty if the client left it out of the proof. */
export interface Authenticated extends Claimed {
  /** The response version; undefined for an anonymous client. */
  ntlmVersion: NtlmVersion | undefined;
  /** Whether a message integrity code protected the three messages. */
  mic: boolean;
  /** The service principal name that the client sent, if any. */
  targetName: string | undefined;
  session: SecuritySession;
  /** The final token for the client in base64, only with SPNEGO: `WWW-Authenticate: Negotiate <token>`. */
  token: string | undefined;
}

/**
 * The server side of the NTLM handshakes on one connection.
 *
 * {@link challenge} creates message 2. {@link authenticate} verifies message 3. The error code names the check that failed.
 * Log it, but do not send it to the client.
 *
 * @example
 * ```js
 * const server = new NtlmServer({ netbiosDomain: 'CORP', account: ({ username }) => ({ password: passwords.get(username) }) });
 * const challenge = `NTLM ${server.challenge(req.headers.authorization)}`;
 * // With the next request of the same connection:
 * const { username } = await server.authenticate(req.headers.authorization);
 * ```
 */
export class NtlmServer {
  readonly #core: Server;
  readonly #account: NtlmServerOptions['account'];
  readonly #now: () => number;

  /**
   * Creates a server for one connection.
   *
   * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` or `ERR_NTLM_TOO_LONG`.
   */
  constructor(options: NtlmServerOptions) {
    const checked = serverOptions(options);
    load();
    this.#core = new Server(checked);
    this.#account = options.account;
    this.#now = clock(options);
  }

  /**
   * Which method handles the next token: {@link challenge} or {@link authenticate}. A SPNEGO client that prefers another mechanism
   * needs two calls of `challenge`.
   */
  get awaits(): 'negotiate' | 'authenticate' {
    return this.#core.challenged ? 'authenticate' : 'negotiate';
  }

  /**
   * Creates the CHALLENGE_MESSAGE (message 2) in base64.
   *
   * @param negotiate message 1: base64, bytes, or the value of the `Authorization` header.
   * @throws {NtlmError} A code such as `ERR_NTLM_NOT_NTLM` or `ERR_NTLM_TRUNCATED` if the message is invalid.
   */
  challenge(negotiate: string | Uint8Array): string {
    return base64Of(this.challengeBytes(negotiate));
  }

  /** Creates the CHALLENGE_MESSAGE (message 2) as bytes; see {@link challenge}. */
  challengeBytes(negotiate: string | Uint8Array): Uint8Array {
    const now = this.#now();
    return this.#core.challenge(tokenBytes(negotiate, 'token'), now);
  }

  /**
   * Verifies an AUTHENTICATE_MESSAGE (message 3). Each challenge is valid for one attempt.
   *
   * @throws {NtlmError} The code of the check that failed, such as `ERR_NTLM_PROOF_MISMATCH` or `ERR_NTLM_UNKNOWN_ACCOUNT`.
   */
  async authenticate(token: string | Uint8Array): Promise<Authenticated> {
    const claim = this.#core.receive(tokenBytes(token, 'token'));
    const { username, domain, workstation } = claim;
    const claimed = { username, domain, workstation };
    let account: Account | undefined;
    try {
      account = claim.anonymous ? undefined : await this.#account(claimed);
      checkAccount(account);
    } catch (error) {
      claim.free();
      throw error;
    }
    const accepted = verify(claim, account, this.#now());
    const { ntlmVersion, mic, targetName, token: last } = accepted;
    const proven = { ...claimed, domain: accepted.domain, ntlmVersion, mic, targetName, token: last };
    const session = new SecuritySession(accepted.session!);
    accepted.free();
    return { ...proven, session };
  }
}

/** Checks the options. */
function serverOptions(options: NtlmServerOptions): ServerOptions {
  checkOptionsObject(options);
  if (check(options.account, 'account', isFunction) === undefined) {
    throw invalid('account', 'the option account must be a function');
  }
  check(options.now, 'now', isFunction);
  const { channelBindings } = options;
  const isLifetime = (value: unknown) => typeof value === 'number' && value >= 0;
  return {
    netbiosDomain: nameArgument(options.netbiosDomain, 'netbiosDomain'),
    netbiosComputer: nameArgument(options.netbiosComputer, 'netbiosComputer'),
    dnsDomain: nameArgument(options.dnsDomain, 'dnsDomain'),
    dnsComputer: nameArgument(options.dnsComputer, 'dnsComputer'),
    dnsTree: nameArgument(options.dnsTree, 'dnsTree'),
    channelBindings: channelBindings === undefined ? undefined : channelBindingHash(channelBindings),
    channelBindingPolicy: check(options.channelBindingPolicy, 'channelBindingPolicy', isBindingPolicy),
    requireMic: check(options.requireMic, 'requireMic', isBoolean),
    minimumNtlmVersion: check(options.minimumNtlmVersion, 'minimumNtlmVersion', isNtlmVersion),
    challengeLifetimeSeconds: check(options.challengeLifetimeSeconds, 'challengeLifetimeSeconds', isLifetime),
    allowAnonymous: check(options.allowAnonymous, 'allowAnonymous', isBoolean),
    targetNames: targetNames(options.targetNames),
    timestamp: check(options.timestamp, 'timestamp', isBoolean),
    version: versionOption(options.version),
    oemEncoding: nameArgument(options.oemEncoding, 'oemEncoding'),
    random: check(options.random, 'random', isFunction),
  };
}

const MAX_TARGET_NAMES = 4096;

function targetNames(given: readonly string[] | undefined): readonly string[] | undefined {
  const names = check(given, 'targetNames', (value) => Array.isArray(value) && value.every(isString));
  if (names !== undefined && names.length > MAX_TARGET_NAMES) throw tooLong('targetNames', MAX_TARGET_NAMES);
  return names?.map((name) => nameArgument(name, 'targetNames')!);
}

const isBindingPolicy = (value: unknown): boolean => ['off', 'if-present', 'required'].includes(value as string);
const isNtlmVersion = (value: unknown): boolean => ['NTLMv1', 'NTLM2 session', 'NTLMv2'].includes(value as string);

/** Rejects an account without a password or a hash. */
function checkAccount(account: Account | undefined): void {
  if (account === undefined || account === null) return;
  if ('password' in account ? isString(account.password) : isHash(account.ntHash)) return;
  throw invalid('account', 'the account must have a password or an ntHash');
}

/** Verifies a claim and consumes it. */
function verify(claim: Claim, account: Account | undefined, now: number) {
  const { password, ntHash } = { password: undefined, ntHash: undefined, ...account };
  return withSecret(password, ntHash, (text, hash) => claim.verify(text, hash, now));
}
