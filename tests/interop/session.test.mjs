// Signing and sealing with other implementations, in both directions and both roles (MS-NLMP 3.4).

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { acceptorOptions } from './lib/acceptor.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { closePeers, openPeer } from './lib/peers.mjs';

after(closePeers);

const TABLE = 'Signing and sealing, NTLMv2, 128 bit';
const { alice } = lab.users;
const KEY_EXCH = 0x40000000;
// UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, VERSION, 128, KEY_EXCH, 56
const SEALING = 0xe2088235;
const account = { username: alice.name, password: alice.password, domain: alice.domain };

/** @returns {Promise<{session, peer}>} our session and the peer's, after one handshake */
async function asClient(name, keyExchange) {
  const client = new NtlmClient({
    ...account,
    sign: true,
    seal: true,
    flags: (keyExchange ? SEALING : SEALING & ~KEY_EXCH) >>> 0,
  });
  const peer = await openPeer(name, 'acceptor', { ...account, sign: true, seal: true });
  const { token } = await peer.step(client.negotiateBytes());
  await peer.step(client.authenticateBytes(token));
  return { session: client.session, peer };
}

async function asServer(name, keyExchange) {
  const server = new NtlmServer(acceptorOptions());
  const peer = await openPeer(name, 'client', { ...account, sign: true, seal: true, keyExchange });
  const challenge = server.challenge((await peer.step(null)).token);
  const { token } = await peer.step(Buffer.from(challenge, 'base64'));
  return { session: (await server.authenticate(token)).session, peer };
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

for (const name of ['pyspnego', 'impacket', 'gss-ntlmssp']) {
  for (const keyExchange of [true, false]) {
    const texts = name === 'gss-ntlmssp' ? TEXTS.slice(0, 2) : TEXTS; // it cannot wrap an empty message
    const how = keyExchange ? 'with KEY_EXCH' : 'without KEY_EXCH';
    cell(TABLE, `our client, ${how}`, name, async () => talk(texts, await asClient(name, keyExchange)));
    // gss-ntlmssp has no switch to leave the key exchange out.
    if (keyExchange || name !== 'gss-ntlmssp') {
      cell(TABLE, `our server, ${how}`, name, async () => talk(texts, await asServer(name, keyExchange)));
    }
  }
}

cell(TABLE, 'same session key', 'pyspnego', async () => {
  for (const side of [asClient, asServer]) {
    const { session, peer } = await side('pyspnego', true);
    assert.deepEqual(Buffer.from(session.exportedSessionKey), await peer.key());
  }
});
