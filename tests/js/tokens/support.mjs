/** What the token tests share: the vectors that Rust's tests read too, and the client of MS-NLMP 4.2.1. */
import { existsSync, readFileSync } from 'node:fs';
import { NtlmClient } from 'ntlm-wasm';

const root = new URL('../../../', import.meta.url);

export const vectors = (name) => JSON.parse(readFileSync(new URL(`tests/vectors/${name}`, root), 'utf8'));

/** Captured material from outside the repository, if it is in the folder next to it. */
export function captured(name) {
  const path = new URL(`../shared/vectors/captured/${name}`, root);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const bytes = (text) => new Uint8Array(Buffer.from(text, 'hex'));

/** The randomness of the specification's examples: the session key has 16 bytes, the challenge 8. */
export const specificationRandom = (count) => new Uint8Array(count).fill(count === 16 ? 0x55 : 0xaa);

export function specificationClient(options) {
  return new NtlmClient({
    username: 'User',
    password: 'Password',
    domain: 'Domain',
    workstation: 'COMPUTER',
    version: '5.1.2600',
    random: specificationRandom,
    now: () => new Date(Date.UTC(1601, 0, 1)),
    ...options,
  });
}

/** The fields of message 3, cut out by its header (MS-NLMP 2.2.1.3): a second reading, independent of the package's. */
export function fields(message) {
  const view = Buffer.from(message);
  const field = (at) => view.subarray(view.readUInt32LE(at + 4), view.readUInt32LE(at + 4) + view.readUInt16LE(at));
  return { lm: hex(field(12)), nt: hex(field(20)), domain: field(28), user: field(36), key: hex(field(52)) };
}
