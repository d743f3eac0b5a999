// NtlmClient's tokens with other acceptors: Samba (winbind and the domain controller), pyspnego,
// gss-ntlmssp, impacket, the sspi crate.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { signOnTo } from './lib/initiator.mjs';
import { goodUsers, lab, labCommand, refusedUsers } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { NtlmClient, ntHash } from 'ntlm-wasm';
import { closePeers, openPeer } from './lib/peers.mjs';

after(closePeers);

const TABLE = 'NtlmClient with acceptors';
const ACCEPTORS = ['samba', 'pyspnego', 'gss-ntlmssp', 'impacket', 'sspi crate'];
const { alice, jurgen } = lab.users;
// Not the fault of the tokens, for the domain controller accepts them all: these four upper-case ß to SS
// before they hash the name, and pyspnego's user file has no way to write a password with a colon.
const CANNOT = {
  pyspnego: ['strasse', 'special'],
  impacket: ['strasse'],
  'gss-ntlmssp': ['strasse'],
  'sspi crate': ['strasse'],
};

async function signOn(acceptor, user, options = {}, peerOptions = {}) {
  const client = new NtlmClient({ username: user.name, domain: user.domain, password: user.password, ...options });
  const peer = await openPeer(acceptor, 'acceptor', { password: user.password, ...peerOptions });
  try {
    const verdict = await signOnTo(peer, client);
    return { client, user: verdict.user };
  } finally {
    await peer.close();
  }
}

for (const acceptor of ACCEPTORS) {
  cell(TABLE, 'every user', acceptor, async () => {
    for (const user of goodUsers.filter(({ key }) => !CANNOT[acceptor]?.includes(key))) {
      const { client, user: seen } = await signOn(acceptor, user);
      assert.equal(client.ntlmVersion, 'NTLMv2');
      assert.equal(seen.split('\\').at(-1).toLowerCase(), user.name.toLowerCase());
    }
  });

  cell(TABLE, 'NT hash', acceptor, async () => {
    for (const hash of [ntHash(alice.password), Buffer.from(ntHash(alice.password)).toString('hex')]) {
      await signOn(acceptor, alice, { password: undefined, ntHash: hash });
    }
  });

  cell(TABLE, 'DOMAIN\\user', acceptor, () =>
    signOn(acceptor, alice, { username: alice.down_level, domain: undefined }),
  );

  for (const mic of ['always', 'never']) {
    cell(TABLE, `mic: ${mic}`, acceptor, () => signOn(acceptor, alice, { mic }));
  }

  cell(TABLE, 'wrong password refused', acceptor, async () => {
    await assert.rejects(
      signOn(acceptor, { ...alice, password: 'not the password' }, {}, { password: alice.password }),
    );
  });
}

for (const acceptor of ['samba', 'pyspnego', 'gss-ntlmssp']) {
  for (const [row, options] of Object.entries({ Negotiate: {}, 'Negotiate, with mechListMIC': { sign: true } })) {
    const negotiate = (user, more) =>
      signOn(acceptor, user, { mechanism: 'negotiate', ...options, ...more }, { protocol: 'negotiate' });

    cell(TABLE, row, acceptor, async () => {
      for (const user of [alice, jurgen]) await negotiate(user);
      await assert.rejects(negotiate(alice, { password: 'not the password' }));
    });
  }
}

cell(TABLE, 'user@domain', 'samba', () => signOn('samba', alice, { username: alice.upn, domain: undefined }));

cell(TABLE, 'refused accounts', 'samba', async () => {
  for (const user of refusedUsers)
    await assert.rejects(signOn('samba', user), (error) => error.message.includes(user.expect));
});

cell(TABLE, 'NTLMv1 only when asked', 'samba', async () => {
  await assert.rejects(signOn('samba', alice, { lmCompatibilityLevel: 1 }));
  labCommand('ntlmv1', 'on');
  try {
    for (const [lmCompatibilityLevel, version] of [
      [0, 'NTLMv1'],
      [1, 'NTLM2 session'],
      [2, 'NTLM2 session'],
      [3, 'NTLMv2'],
    ]) {
      const { client } = await signOn('samba', alice, { lmCompatibilityLevel });
      assert.equal(client.ntlmVersion, version);
    }
  } finally {
    labCommand('ntlmv1', 'off');
  }
});

// Samba's helper ignores bindings; impacket's check does not look at them.
for (const acceptor of ['pyspnego', 'gss-ntlmssp', 'sspi crate']) {
  cell(TABLE, 'channel bindings', acceptor, async () => {
    const digest = Buffer.alloc(32, 7);
    const bindings = Buffer.concat([Buffer.from('tls-server-end-point:'), digest]);
    await signOn(acceptor, alice, { channelBindings: { tlsServerEndPoint: digest } }, { bindings });
    await assert.rejects(
      signOn(acceptor, alice, { channelBindings: { tlsServerEndPoint: Buffer.alloc(32, 8) } }, { bindings }),
    );
  });
}
