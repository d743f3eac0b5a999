// NtlmServer as these tests use it: the lab's users, and a challenge that can be made again, so that
// a recorded message 3 can be judged as often as one likes (a server judges each challenge once).

import assert from 'node:assert/strict';
import { lab } from './lab.mjs';
import { NtlmServer } from 'ntlm-wasm';

const CLOCK = new Date();
const users = new Map(Object.values(lab.users).map((user) => [user.name.toLowerCase(), user]));

export function acceptorOptions(options = {}) {
  return {
    netbiosDomain: lab.domain,
    netbiosComputer: 'ACCEPTOR',
    dnsDomain: lab.realm.toLowerCase(),
    dnsComputer: `acceptor.${lab.realm.toLowerCase()}`,
    dnsTree: lab.realm.toLowerCase(),
    account: ({ username }) => users.get(username.split('@')[0].toLowerCase()),
    random: (length) => new Uint8Array(length).fill(0x5a),
    now: () => CLOCK,
    ...options,
  };
}

/** Judges a recorded handshake with a server that gives the same challenge once more. */
export async function judgeAgain({ negotiate, challenge, options }, authenticate) {
  const server = new NtlmServer(options);
  if (server.challenge(negotiate) !== challenge)
    throw new Error('the server did not give the recorded challenge again');
  return server.authenticate(authenticate);
}

/** A whole handshake of a peer with NtlmServer; the verdict is `identity`, or a rejected promise. */
export async function handshakeWith(peer, options = {}) {
  const all = acceptorOptions(options);
  const server = new NtlmServer(all);
  const negotiate = (await peer.step(null)).token;
  const challenge = server.challenge(negotiate);
  const authenticate = (await peer.step(Buffer.from(challenge, 'base64'))).token;
  const identity = await server.authenticate(authenticate);
  if (identity.token) assert.ok((await peer.step(Buffer.from(identity.token, 'base64'))).complete);
  return { negotiate, challenge, authenticate, options: all, identity };
}
