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

const TABLE = 'Signing and sealing';
const { alice } = lab.users;
const [ESS, BITS_128, KEY_EXCH, BITS_56] = [0x80000, 0x20000000, 0x40000000, 0x80000000];
// UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, VERSION, 128, KEY_EXCH, 56
const SEALING = 0xe2088235;
const account = { username: alice.name, password: alice.password, domain: alice.domain };

/** @returns our session and the peer's, after one handshake */
async function asClient(name, { without = 0, within = 'ntlm' }) {
  const flags = (SEALING & ~without) >>> 0;
  const client = new NtlmClient({ ...account, mechanism: within, sign: true, seal: true, flags });
  const peer = await openPeer(name, 'acceptor', { ...account, protocol: within, sign: true, seal: true });
  await signOnTo(peer, client);
  return { session: client.session, peer };
}

async function asServer(name, { without = 0, within = 'ntlm' }) {
  const keyExchange = !(without & KEY_EXCH);
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
const textsFor = (name) => (name === 'gss-ntlmssp' ? TEXTS.slice(0, 2) : TEXTS); // it cannot wrap an empty message

const WAYS = {
  'with KEY_EXCH': {},
  'without KEY_EXCH': { without: KEY_EXCH },
  'within Negotiate': { within: 'negotiate' },
  '56 bit': { without: BITS_128 },
  '40 bit': { without: BITS_128 | BITS_56 },
  'without extended session security': { without: ESS },
};
const PEERS = ['pyspnego', 'impacket', 'gss-ntlmssp'];
// impacket has no SPNEGO with a checksum, and without extended session security always a weakened key (3.4.5.3 wants LM_KEY for that).
const IMPACKET_CANNOT = ['within Negotiate', 'without extended session security'];
const clientsOf = (how) => (IMPACKET_CANNOT.includes(how) ? PEERS.filter((name) => name !== 'impacket') : PEERS);
// As clients, they always ask for extended session security and every length; gss-ntlmssp also for the key exchange.
const serversOf = {
  'with KEY_EXCH': PEERS,
  'without KEY_EXCH': ['pyspnego', 'impacket'],
  'within Negotiate': ['pyspnego', 'gss-ntlmssp'],
};

for (const [how, options] of Object.entries(WAYS)) {
  for (const name of clientsOf(how)) {
    cell(TABLE, `our client, ${how}`, name, async () => talk(textsFor(name), await asClient(name, options)));
  }
  for (const name of serversOf[how] ?? []) {
    cell(TABLE, `our server, ${how}`, name, async () => talk(textsFor(name), await asServer(name, options)));
  }
}

cell(TABLE, 'same session key', 'pyspnego', async () => {
  for (const side of [asClient, asServer]) {
    const { session, peer } = await side('pyspnego', {});
    assert.deepEqual(Buffer.from(session.exportedSessionKey), await peer.key());
  }
});

// Its signatures without sealing do not move its count of messages on, so it only seals here.
for (const [row, side] of [
  ['our client, with KEY_EXCH', asClient],
  ['our server, with KEY_EXCH', asServer],
]) {
  cell(TABLE, row, 'sspi crate', async () => {
    const { session, peer } = await side('sspi crate', {});
    for (const text of TEXTS) {
      const bytes = Buffer.from(text);
      assert.deepEqual(await peer.unwrap(session.wrap(bytes)), bytes);
      assert.deepEqual(Buffer.from(session.unwrap(await peer.wrap(bytes))), bytes);
    }
    const damaged = session.wrap(Buffer.from('damaged on its way'));
    damaged[20] ^= 1;
    await assert.rejects(peer.unwrap(damaged));
  });
}

cell(TABLE, 'same session key', 'sspi crate', async () => {
  for (const side of [asClient, asServer]) {
    const { session, peer } = await side('sspi crate', {});
    assert.deepEqual(Buffer.from(session.exportedSessionKey), await peer.key());
  }
});
