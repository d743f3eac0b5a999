// Converts the form into options of NtlmClient, which checks them.

import { NtlmError, type NtlmClientOptions } from 'ntlm-wasm';
import { fromHex } from './bytes.js';

const TEXTS = ['username', 'domain', 'workstation', 'targetName', 'version', 'oemEncoding', 'ntHash'] as const;

export function optionsOf(form: FormData): NtlmClientOptions {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const given = <T>(name: string, read: (value: string) => T): T | undefined =>
    text(name) === '' ? undefined : read(text(name));
  const options: NtlmClientOptions = {
    mechanism: text('mechanism') as 'ntlm' | 'negotiate',
    mic: text('mic') as 'auto' | 'always' | 'never',
    lmCompatibilityLevel: Number(text('level')) as 0 | 1 | 2 | 3 | 4 | 5,
    sign: form.has('sign'),
    seal: form.has('seal'),
    flags: given('flags', (value) => number(value)),
    channelBindings: given('binding', (value) => (isHex(value) ? { hash: fromHex(bare(value)) } : value)),
    random: given('random', (value) => repeated(bytes('the random option', value))),
    now: given('now', (value) => clock(value)),
  };
  for (const name of TEXTS) if (text(name) !== '') options[name] = text(name);
  // A password may be empty, or start or end with blanks.
  const password = String(form.get('password') ?? '');
  const isUser = options.username !== undefined && options.ntHash === undefined;
  if (password !== '' || isUser) options.password = password;
  return options;
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw wrong('the flags are not a 32-bit number', 'write them as 0xa2088207');
  }
  return value;
}

function clock(text: string): () => Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw wrong('the time is not valid', 'write it as 2026-01-31T09:30Z');
  return () => time;
}

function repeated(pattern: Uint8Array): (length: number) => Uint8Array {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => pattern[next++ % pattern.length] as number);
}

function bytes(name: string, text: string): Uint8Array {
  if (!isHex(text)) throw wrong(`${name} is not hexadecimal`, 'write two digits for each byte');
  return fromHex(bare(text));
}

function isHex(text: string): boolean {
  return /^([0-9a-f]{2})+$/i.test(bare(text));
}

function bare(text: string): string {
  return text.replace(/[\s:]/g, '');
}

function wrong(message: string, advice: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, { advice });
}
