// Signing and sealing with other implementations, in both directions and both roles (MS-NLMP 3.4).

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { handshakeWith } from './lib/acceptor.mjs';
import { signOnTo } from './lib/initiator.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { NtlmClient } from 'ntlm-wasm';
import { closePeers, openPeer } from './lib/peers.mjs';

after(closePeers);

const TABLE = 'Signing and sealing, NTLMv2, 128 bit';
const { alice } = lab.users;
const KEY_EXCH = 0x40000000;
// UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, VERSION, 128, KEY_EXCH, 56
const SEALING = 0xe2088235;
const account = { username: alice.name, password: alice.password, domain: alice.domain };

/** @returns our session and the peer's, after one handshake */
async function asClient(name, { keyExchange = true, within = 'ntlm' }) {
  const flags = (keyExchange ? SEALING : SEALING & ~KEY_EXCH) >>> 0;
  const client = new NtlmClient({ ...account, mechanism: within, sign: true, seal: true, flags });
  const peer = await openPeer(name, 'acceptor', { ...account, protocol: within, sign: true, seal: true });
  await signOnTo(peer, client);
  return { session: client.session, peer };
}

async function asServer(name, { keyExchange = true, within = 'ntlm' }) {
  const peer = await openPeer(name, 'client', { ...account, protocol: within, sign: true, seal: true, keyExchange });
  const { identity } = await handshakeWith(peer);
  return { session: identity.session, peer };
}

async function talk(texts, { session, peer }) {
  for (const text of texts) {
    const bytes = Buffer.from(text);
    assert.deepEqual(await peer.unwrap(session.wrap(bytes)), bytes);
    assert.deepEqual(Buffer.from(session.unwrap(await peer.wrap(bytes))), bytes);
    const { sealed, signature } = session.seal(bytes);
    assert.deepEqual(await peer.unwrap(Buffer.concat([signature, sealed])), bytes);
    const wrapped = await peer.wrap(bytes);
    assert.deepEqual(Buffer.from(session.unseal(wrapped.subarray(16), wrapped.subarray(0, 16))), bytes);
    await peer.verify(bytes, session.sign(bytes));
    session.verify(bytes, await peer.sign(bytes));
  }
  const damaged = await peer.wrap(Buffer.from('damaged on its way'));
  damaged[20] ^= 1;
  assert.throws(() => session.unwrap(damaged), { code: 'ERR_NTLM_SIGNATURE_MISMATCH' });
}

const TEXTS = ['first', 'a longer second message: '.repeat(300), ''];

const WAYS = {
  'with KEY_EXCH': { keyExchange: true },
  'without KEY_EXCH': { keyExchange: false },
  'within Negotiate': { within: 'negotiate' },
};
// impacket has no SPNEGO with a checksum; gss-ntlmssp has no switch to leave the key exchange out, as a client.
const CANNOT = [
  'impacket: our client, within Negotiate',
  'impacket: our server, within Negotiate',
  'gss-ntlmssp: our server, without KEY_EXCH',
];

for (const name of ['pyspnego', 'impacket', 'gss-ntlmssp']) {
  const texts = name === 'gss-ntlmssp' ? TEXTS.slice(0, 2) : TEXTS; // it cannot wrap an empty message
  for (const [how, options] of Object.entries(WAYS)) {
    for (const [who, side] of Object.entries({ 'our client': asClient, 'our server': asServer })) {
      if (CANNOT.includes(`${name}: ${who}, ${how}`)) continue;
      cell(TABLE, `${who}, ${how}`, name, async () => talk(texts, await side(name, options)));
    }
  }
}

cell(TABLE, 'same session key', 'pyspnego', async () => {
  for (const side of [asClient, asServer]) {
    const { session, peer } = await side('pyspnego', {});
    assert.deepEqual(Buffer.from(session.exportedSessionKey), await peer.key());
  }
});
