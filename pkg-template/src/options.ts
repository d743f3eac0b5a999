import { channelBindingHash, type ChannelBindingsInput } from './channel-bindings.js';
import { guard } from './core/guard.js';
import { core } from './core/load.js';
import { codeUnits } from './text.js';
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

/** The options in the core's own form, which the core takes over and wipes. */
export function coreOptions(options: NtlmClientOptions): InstanceType<ReturnType<typeof core>['ClientOptions']> {
  const check = checker(options);
  const username = check('username', isString) ?? '';
  const password = check('password', isString);
  const ntHash = check('ntHash', (value) => isString(value) || value instanceof Uint8Array);
  if (username !== '' && password === undefined && ntHash === undefined) {
    throw invalid('password', 'a user name needs a password or an ntHash');
  }
  return guard(() => {
    const built = new (core().ClientOptions)(username, check('domain', isString), check('workstation', isString) ?? '');
    if (typeof ntHash === 'string') built.ntHashText(ntHash);
    else if (ntHash !== undefined) built.ntHash(ntHash);
    else if (password !== undefined) built.password(codeUnits(password));
    const level = check('lmCompatibilityLevel', (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 5);
    if (level !== undefined) built.level(level);
    const mic = check('mic', (value) => MIC_POLICIES.includes(value as string));
    if (mic !== undefined) built.mic(MIC_POLICIES.indexOf(mic));
    const sign = check('sign', isBoolean) ?? false;
    const seal = check('seal', isBoolean) ?? false;
    if (sign || seal) built.protect(sign, seal);
    const targetName = check('targetName', isString);
    if (targetName !== undefined) built.targetName(targetName);
    if (options.channelBindings !== undefined) built.channelBindings(channelBindingHash(options.channelBindings));
    const flags = check('flags', (value) => Number.isInteger(value));
    if (flags !== undefined) built.flags(flags);
    const version = check('version', isString);
    if (version !== undefined) built.version(version);
    const oemEncoding = check('oemEncoding', isString);
    if (oemEncoding !== undefined) built.oemEncoding(oemEncoding);
    const random = check('random', isFunction);
    if (random !== undefined) built.random(random);
    check('now', isFunction);
    const mechanism = check('mechanism', (value) => value === 'ntlm' || value === 'negotiate');
    if (mechanism === 'negotiate') built.negotiate();
    return built;
  });
}

/** Reads options one by one, each of which must pass its test or be absent. */
export function checker<T extends object>(options: T) {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'the options must be an object');
  return <K extends keyof T & string>(name: K, test: (value: unknown) => boolean): Exclude<T[K], undefined> | undefined => {
    const value: unknown = options[name];
    if (value === undefined || value === null) return undefined;
    if (!test(value)) throw invalid(name, `the option ${name} has a value that it cannot have`);
    return value as Exclude<T[K], undefined>;
  };
}

export const isString = (value: unknown): boolean => typeof value === 'string';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** An error about an option. It does not repeat the value, which may be a secret. */
export function invalid(name: string, message: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, { advice: `see the documentation of ${name}` });
}
