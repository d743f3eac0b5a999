import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import { bytesArgument, invalid, nameArgument, textArgument } from './core/arguments.js';
import { NtlmClient as Client, type ClientOptions, type SchemeName } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { ntHashOf } from './core/password.js';

/** The options of {@link NtlmClient}. */
export interface NtlmClientOptions {
  /** The user name: `alice`, `CORP\alice` or `alice@corp.example`. Without user name and password the client is anonymous. */
  username?: string | undefined;
  password?: string | undefined;
  /** The NT hash, instead of a password: 16 bytes, 32 hexadecimal digits or `LM:NT`. */
  ntHash?: string | Uint8Array | undefined;
  domain?: string | undefined;
  workstation?: string | undefined;
  /** `ntlm` for raw NTLMSSP messages, `negotiate` for messages wrapped in SPNEGO. Default `ntlm`. */
  mechanism?: 'ntlm' | 'negotiate' | undefined;
  /** The service principal name of the server, such as `HTTP/proxy.corp.example`. */
  targetName?: string | undefined;
  /** The TLS channel to bind to (extended protection). */
  channelBindings?: ChannelBindingsInput | undefined;
  /** The `LmCompatibilityLevel` of Windows. From 3, the default, only NTLMv2 is sent. */
  lmCompatibilityLevel?: 0 | 1 | 2 | 3 | 4 | 5 | undefined;
  /** When to send a message integrity code. Default `auto`: the same as Windows. */
  mic?: 'auto' | 'always' | 'never' | undefined;
  sign?: boolean | undefined;
  seal?: boolean | undefined;
  /** The VERSION field, such as `10.0.26100`. */
  version?: string | undefined;
  /** The code page for peers without Unicode, such as `cp850`. Default `cp437`. */
  oemEncoding?: string | undefined;
  /** The raw NegotiateFlags, for experts. */
  flags?: number | undefined;
  /** The random number source, for reproducible tests. */
  random?: ((length: number) => Uint8Array) | undefined;
  /** The clock, for reproducible tests. */
  now?: (() => Date) | undefined;
}

/** Creates the core's client. */
export function createClient(options: NtlmClientOptions, scheme: SchemeName, others = otherOptions(options)): Client {
  const username = nameArgument(options.username, 'username');
  const password = check(options.password, 'password', isString);
  const ntHash = check(options.ntHash, 'ntHash', isHash);
  if (username !== undefined && username !== '' && password === undefined && ntHash === undefined) {
    throw invalid('password', 'a user name needs a password or an ntHash');
  }
  check(options.mechanism, 'mechanism', isMechanism);
  check(options.now, 'now', isFunction);
  const domain = nameArgument(options.domain, 'domain');
  const workstation = nameArgument(options.workstation, 'workstation');
  load();
  return withSecret(
    password,
    ntHash,
    (text, hash) => new Client(scheme, username ?? '', domain, workstation ?? '', text, hash, others),
  );
}

/** Returns the options that few clients set; undefined if none is set, because the core reads each property. */
export function otherOptions(options: NtlmClientOptions): ClientOptions | undefined {
  checkOptionsObject(options);
  const { targetName, channelBindings, lmCompatibilityLevel, mic, sign, seal } = options;
  const { version, oemEncoding, flags, random } = options;
  const any = targetName ?? channelBindings ?? lmCompatibilityLevel ?? mic ?? sign ?? seal;
  if ((any ?? version ?? oemEncoding ?? flags ?? random ?? undefined) === undefined) return undefined;
  return {
    targetName: nameArgument(targetName, 'targetName'),
    channelBindings: channelBindings === undefined ? undefined : channelBindingHash(channelBindings),
    lmCompatibilityLevel: check(lmCompatibilityLevel, 'lmCompatibilityLevel', isLevel),
    mic: check(mic, 'mic', isMicPolicy),
    sign: check(sign, 'sign', isBoolean),
    seal: check(seal, 'seal', isBoolean),
    version: versionOption(version),
    oemEncoding: nameArgument(oemEncoding, 'oemEncoding'),
    flags: check(flags, 'flags', Number.isInteger),
    random: check(random, 'random', isFunction),
  };
}

/** Calls the core with the password, or with the hash as bytes, which are then wiped. */
export function withSecret<T>(
  password: string | undefined,
  ntHash: string | Uint8Array | undefined,
  call: (password: string | undefined, hash: Uint8Array | undefined) => T,
): T {
  if (ntHash === undefined || ntHash === null) {
    // Strings become UTF-8 on their way to the core, which cannot represent lone surrogates.
    if (password === undefined || textArgument(password, 'password').isWellFormed()) return call(password, undefined);
    return withHash(ntHashOf(password), call);
  }
  return withHash(typeof ntHash === 'string' ? hashBytes(ntHash) : bytesArgument(ntHash, 'ntHash').slice(), call);
}

function withHash<T>(hash: Uint8Array, call: (password: undefined, hash: Uint8Array) => T): T {
  try {
    return call(undefined, hash);
  } finally {
    hash.fill(0);
  }
}

/** Returns the bytes of a hexadecimal NT hash or of `LM:NT`; empty for any other form, which the core rejects. */
function hashBytes(text: string): Uint8Array {
  const [, lm = '', nt = ''] = /^\s*(?:([\da-f]{32})?:)?([\da-f]{32})\s*$/i.exec(text) ?? [];
  return Uint8Array.from((lm + nt).match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** Checks that the options are an object. */
export function checkOptionsObject(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'the options must be an object');
}

/** Checks an option: it must be absent or pass its test. */
export function check<T>(value: T, name: string, test: (value: unknown) => boolean): NonNullable<T> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!test(value)) throw invalid(name, `the option ${name} has a value that it cannot have`);
  return value;
}

/** Checks a version such as `10.0.26100`. */
export function versionOption(text: string | undefined): string | undefined {
  const version = check(text, 'version', isString);
  if (version !== undefined && !/^\d{1,3}\.\d{1,3}\.\d{1,5}$/.test(version)) {
    throw invalid('version', 'the version must be like 10.0.26100');
  }
  return version;
}

/** Returns a clock in milliseconds since 1970, based on the options. */
export function clock(options: { now?: (() => Date) | undefined }): () => number {
  const { now } = options;
  return now === undefined ? Date.now : () => now().getTime();
}

export const isString = (value: unknown): boolean => typeof value === 'string';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isHash = (value: unknown): boolean => typeof value === 'string' || value instanceof Uint8Array;
export const isFunction = (value: unknown): boolean => typeof value === 'function';
const isLevel = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 5;
const isMicPolicy = (value: unknown): boolean => value === 'auto' || value === 'always' || value === 'never';
const isMechanism = (value: unknown): boolean => value === 'ntlm' || value === 'negotiate';
