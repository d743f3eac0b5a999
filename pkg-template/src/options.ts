import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';

/** The options of {@link NtlmClient}. */
export interface NtlmClientOptions {
  /** `alice`, `CORP\alice` or `alice@corp.example`. Absent, with no password: anonymous. */
  username?: string | undefined;
  password?: string | undefined;
  /** Instead of a password: 16 bytes, or 32 hexadecimal digits, or `LM:NT`. */
  ntHash?: string | Uint8Array | undefined;
  domain?: string | undefined;
  workstation?: string | undefined;
  /** Raw NTLMSSP messages, or wrapped in SPNEGO. Default `ntlm`. */
  mechanism?: 'ntlm' | 'negotiate' | undefined;
  /** The service principal name of the server, such as `HTTP/proxy.corp.example`. */
  targetName?: string | undefined;
  /** The TLS channel to bind to (extended protection). */
  channelBindings?: ChannelBindingsInput | undefined;
  /** As in Windows; 3, the default, and more: NTLMv2 only. */
  lmCompatibilityLevel?: 0 | 1 | 2 | 3 | 4 | 5 | undefined;
  /** When to send a message integrity code. Default `auto`: as Windows does. */
  mic?: 'auto' | 'always' | 'never' | undefined;
  sign?: boolean | undefined;
  seal?: boolean | undefined;
  /** The VERSION field, such as `10.0.26100`. */
  version?: string | undefined;
  /** The code page of text without Unicode, such as `cp850`. Default `cp437`. */
  oemEncoding?: string | undefined;
  /** Raw NegotiateFlags, for experts. */
  flags?: number | undefined;
  /** Where randomness comes from, for tests that must repeat. */
  random?: ((length: number) => Uint8Array) | undefined;
  /** What time it is, for tests that must repeat. */
  now?: (() => Date) | undefined;
}

const MIC_POLICIES = ['auto', 'always', 'never'];

const SIGN = 1;
const SEAL = 2;
const FLAGS_GIVEN = 4;

/** Writes these numbers and then the options, in the form and order that the core reads, into the exchange. */
export function writeClientOptions(options: NtlmClientOptions, numbers: readonly number[]): void {
  const check = checker(options);
  const username = check('username', isString);
  const password = check('password', isString);
  const ntHash = check('ntHash', isHash);
  if (username !== undefined && username !== '' && password === undefined && ntHash === undefined) {
    throw invalid('password', 'a user name needs a password or an ntHash');
  }
  check('mechanism', isMechanism);
  check('random', isFunction);
  check('now', isFunction);
  const flags = check('flags', Number.isInteger);
  const sign = check('sign', isBoolean) === true ? SIGN : 0;
  const seal = check('seal', isBoolean) === true ? SEAL : 0;
  const level = check('lmCompatibilityLevel', isLevel) ?? 3;
  const mic = MIC_POLICIES.indexOf(check('mic', isMicPolicy) ?? 'auto');
  const oemEncoding = codePage(check('oemEncoding', isString));
  const domain = check('domain', isString);
  const workstation = check('workstation', isString);
  const targetName = check('targetName', isString);
  const version = versionBytes(check('version', isString));
  // Needs the exchange for itself.
  const { channelBindings } = options;
  const binding = channelBindings === undefined ? undefined : channelBindingHash(channelBindings);
  const { exchange } = load();
  exchange.begin();
  for (const number of numbers) exchange.number(number);
  exchange
    .number(sign | seal | (flags === undefined ? 0 : FLAGS_GIVEN))
    .number(flags ?? 0)
    .number(level)
    .number(mic)
    .number(oemEncoding);
  writeProof(password, ntHash);
  exchange.text(username).text(domain).text(workstation).text(targetName).bytes(binding).bytes(version);
}

/** Writes what proves an account, or that nothing does. */
export function writeProof(password: string | undefined, ntHash: string | Uint8Array | undefined): void {
  const { exchange } = load();
  if (ntHash !== undefined) exchange.number(1).bytes(typeof ntHash === 'string' ? hashBytes(ntHash) : ntHash);
  else exchange.number(0).text(password);
}

/** The bytes of an NT hash in hexadecimal, or of `LM:NT`; none if it has another form, of which the core complains. */
function hashBytes(text: string): Uint8Array {
  const [, lm = '', nt = ''] = /^\s*(?:([\da-f]{32})?:)?([\da-f]{32})\s*$/i.exec(text) ?? [];
  return Uint8Array.from((lm + nt).match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** Reads options one by one, each of which must pass its test or be absent. */
export function checker<T extends object>(options: T) {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'the options must be an object');
  return <K extends keyof T & string>(
    name: K,
    test: (value: unknown) => boolean,
  ): Exclude<T[K], undefined> | undefined => {
    const value: unknown = options[name];
    if (value === undefined || value === null) return undefined;
    if (!test(value)) throw invalid(name, `the option ${name} has a value that it cannot have`);
    return value as Exclude<T[K], undefined>;
  };
}

/** The number that a code page has in Windows, by a name such as `cp437`, `IBM850`, `windows-1252` or `utf-8`; 0 for what is none. */
export function codePage(name = 'cp437'): number {
  if (/^utf-?8$/i.test(name)) return 65001;
  return Number(/^(?:windows-|ibm|cp)?(\d{3,5})$/i.exec(name)?.[1] ?? 0);
}

/** The bytes of a version such as `10.0.26100`. */
export function versionBytes(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const [major = 0, minor = 0, build = 0] = /^\d{1,3}\.\d{1,3}\.\d{1,5}$/.test(text)
    ? text.split('.').map(Number)
    : [256];
  if (major > 0xff || minor > 0xff || build > 0xffff) throw invalid('version', 'the version must be like 10.0.26100');
  return Uint8Array.of(major, minor, build, build >>> 8);
}

export const isString = (value: unknown): boolean => typeof value === 'string';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isHash = (value: unknown): boolean => typeof value === 'string' || value instanceof Uint8Array;
const isLevel = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 5;
const isMicPolicy = (value: unknown): boolean => MIC_POLICIES.includes(value as string);
const isMechanism = (value: unknown): boolean => value === 'ntlm' || value === 'negotiate';
export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** An error about an option. It does not repeat the value, which may be a secret. */
export function invalid(name: string, message: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, { advice: `see the documentation of ${name}` });
}
