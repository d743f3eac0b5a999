// NtlmServer with the tokens of other implementations: pyspnego, impacket, gss-ntlmssp, Samba, the sspi crate.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { acceptorOptions, handshakeWith, judgeAgain } from './lib/acceptor.mjs';
import { refusesEveryFlip } from './lib/flips.mjs';
import { goodUsers, lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { closePeers, openPeer } from './lib/peers.mjs';

after(closePeers);

const TABLE = 'NtlmServer with clients';
const { alice } = lab.users;
// Clients that send a MIC in raw NTLM, and announce it: gss-ntlmssp does so only within Negotiate; Samba's
// ntlmssp-client-1 sends one that it does not announce, so a server looks at it only if it wants one.
const CLIENTS = {
  pyspnego: { announces: true, sends: true },
  'gss-ntlmssp': { announces: false, sends: false },
  samba: { announces: false, sends: true },
  impacket: { announces: false, sends: false },
  'sspi crate': { announces: true, sends: true },
};
// They upper-case ß to SS before they hash the name, which no domain controller does.
const CANNOT = {
  pyspnego: ['strasse'],
  impacket: ['strasse'],
  'gss-ntlmssp': ['strasse'],
  'sspi crate': ['strasse'],
};

async function handshake(client, user, password = user.password, options = {}, peerOptions = {}) {
  const peer = await openPeer(client, 'client', { username: user.name, password, domain: user.domain, ...peerOptions });
  try {
    return await handshakeWith(peer, options);
  } finally {
    await peer.close();
  }
}

for (const [client, mic] of Object.entries(CLIENTS)) {
  cell(TABLE, 'every user', client, async () => {
    for (const user of goodUsers.filter(({ key }) => !CANNOT[client]?.includes(key))) {
      const { identity } = await handshake(client, user);
      assert.equal(identity.username, user.name);
      assert.equal(identity.domain, user.domain);
      assert.equal(identity.ntlmVersion, 'NTLMv2');
    }
  });

  cell(TABLE, 'wrong password refused', client, async () => {
    await assert.rejects(handshake(client, alice, 'not the password'), { code: 'ERR_NTLM_PROOF_MISMATCH' });
  });

  cell(TABLE, 'unknown user refused', client, async () => {
    await assert.rejects(handshake(client, { ...alice, name: 'nobody-of-that-name' }), {
      code: 'ERR_NTLM_UNKNOWN_ACCOUNT',
    });
  });

  cell(TABLE, 'any flipped bit refused', client, async () => {
    const genuine = await handshake(client, alice);
    assert.equal(genuine.identity.mic, mic.announces);
    assert.equal((await refusesEveryFlip(genuine)) === 0, mic.announces);
  });

  cell(TABLE, 'MIC demanded', client, async () => {
    const attempt = handshake(client, alice, alice.password, { requireMic: true });
    if (mic.sends) assert.equal(await refusesEveryFlip(await attempt), 0);
    else await assert.rejects(attempt, { code: 'ERR_NTLM_MIC_MISSING' });
  });
}

// A challenge without the time is answered without a MIC, even by those who send one else.
cell(TABLE, 'any flipped bit refused, no timestamp', 'pyspnego', async () => {
  const genuine = await handshake('pyspnego', alice, alice.password, { timestamp: false });
  assert.equal(genuine.identity.mic, false);
  assert.ok((await refusesEveryFlip(genuine)) > 0);
});

// Without a domain there is least to prove who it is: nothing may slip a domain in.
cell(TABLE, 'user@domain, any flipped bit refused', 'impacket', async () => {
  const genuine = await handshake('impacket', { ...alice, name: alice.upn, domain: '' });
  assert.equal(genuine.identity.domain, '');
  await refusesEveryFlip(genuine);
});

for (const client of ['pyspnego', 'gss-ntlmssp']) {
  const within = { protocol: 'negotiate', sign: true };

  cell(TABLE, 'Negotiate, with mechListMIC', client, async () => {
    const { identity } = await handshake(client, alice, alice.password, {}, within);
    assert.equal(identity.username, alice.name);
    assert.ok(identity.mic);
    assert.ok(identity.token);
    const wrong = handshake(client, alice, 'not the password', {}, within);
    await assert.rejects(wrong, { code: 'ERR_NTLM_PROOF_MISMATCH' });
  });

  cell(TABLE, 'Negotiate, damaged mechListMIC refused', client, async () => {
    const genuine = await handshake(client, alice, alice.password, {}, within);
    const signature = genuine.authenticate.length - 16; // it comes last
    for (let bit = signature * 8; bit < genuine.authenticate.length * 8; bit++) {
      const damaged = Buffer.from(genuine.authenticate);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      await assert.rejects(judgeAgain(genuine, damaged), { code: 'ERR_NTLM_MIC_MISMATCH' });
    }
  });
}

// Samba's client and curl know no channel bindings.
for (const client of ['pyspnego', 'gss-ntlmssp', 'impacket', 'sspi crate']) {
  const bound = Buffer.from(`tls-server-end-point:${'x'.repeat(32)}`);
  const policy = {
    channelBindings: { tlsServerEndPoint: Buffer.from('x'.repeat(32)) },
    channelBindingPolicy: 'required',
  };

  cell(TABLE, 'channel bindings', client, async () => {
    const { identity } = await handshake(client, alice, alice.password, policy, { bindings: bound });
    assert.equal(identity.username, alice.name);
    for (const bindings of [undefined, Buffer.from('tls-server-end-point:of another certificate')]) {
      await assert.rejects(handshake(client, alice, alice.password, policy, { bindings }), {
        code: /^ERR_NTLM_CHANNEL_BINDING/,
      });
    }
  });
}

assert.ok(acceptorOptions().account({ username: alice.name }), 'the acceptor knows the users of the lab');
