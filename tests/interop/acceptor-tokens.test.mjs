// NtlmServer with the tokens of other implementations: pyspnego, impacket, gss-ntlmssp, Samba.

import assert from 'node:assert/strict'
import { after } from 'node:test'
import { acceptorOptions, handshakeWith } from './lib/acceptor.mjs'
import { refusesEveryFlip } from './lib/flips.mjs'
import { goodUsers, lab } from './lib/lab.mjs'
import { cell } from './lib/matrix.mjs'
import { closePeers, openPeer } from './lib/peers.mjs'

after(closePeers)

const TABLE = 'NtlmServer with clients'
const { alice } = lab.users
// Who sends a MIC in raw NTLM: gss-ntlmssp only within Negotiate, Samba's ntlmssp-client-1 and impacket never.
const CLIENTS = { 'pyspnego': true, 'gss-ntlmssp': false, 'samba': false, 'impacket': false }
// They upper-case ß to SS before they hash the name, which no domain controller does.
const CANNOT = { 'pyspnego': ['strasse'], 'impacket': ['strasse'], 'gss-ntlmssp': ['strasse'] }

async function handshake(client, user, password = user.password, options = {}, peerOptions = {}) {
  const peer = await openPeer(client, 'client', { username: user.name, password, domain: user.domain, ...peerOptions })
  try {
    return await handshakeWith(peer, options)
  } finally {
    await peer.close()
  }
}

for (const [client, withMic] of Object.entries(CLIENTS)) {
  cell(TABLE, 'every user', client, async () => {
    for (const user of goodUsers.filter(({ key }) => !CANNOT[client]?.includes(key))) {
      const { identity } = await handshake(client, user)
      assert.equal(identity.username, user.name)
      assert.equal(identity.domain, user.domain)
      assert.equal(identity.ntlmVersion, 'NTLMv2')
    }
  })

  cell(TABLE, 'wrong password refused', client, async () => {
    await assert.rejects(handshake(client, alice, 'not the password'), { code: 'ERR_NTLM_PROOF_MISMATCH' })
  })

  cell(TABLE, 'unknown user refused', client, async () => {
    await assert.rejects(handshake(client, { ...alice, name: 'nobody-of-that-name' }), { code: 'ERR_NTLM_UNKNOWN_ACCOUNT' })
  })

  cell(TABLE, 'any flipped bit refused', client, async () => {
    const passed = await refusesEveryFlip(await handshake(client, alice), { withMic })
    assert.equal(passed === 0, withMic)
  })

  cell(TABLE, 'MIC demanded', client, async () => {
    const attempt = handshake(client, alice, alice.password, { requireMic: true })
    if (withMic) assert.equal((await attempt).identity.username, alice.name)
    else await assert.rejects(attempt, { code: 'ERR_NTLM_MIC_MISSING' })
  })
}

// Samba's client and curl know no channel bindings.
for (const client of ['pyspnego', 'gss-ntlmssp', 'impacket']) {
  const bound = Buffer.from(`tls-server-end-point:${'x'.repeat(32)}`)
  const policy = { channelBindings: { tlsServerEndPoint: Buffer.from('x'.repeat(32)) }, channelBindingPolicy: 'required' }

  cell(TABLE, 'channel bindings', client, async () => {
    const { identity } = await handshake(client, alice, alice.password, policy, { bindings: bound })
    assert.equal(identity.username, alice.name)
    for (const bindings of [undefined, Buffer.from('tls-server-end-point:of another certificate')]) {
      await assert.rejects(handshake(client, alice, alice.password, policy, { bindings }), { code: /^ERR_NTLM_CHANNEL_BINDING/ })
    }
  })
}

assert.ok(acceptorOptions().account({ username: alice.name }), 'the acceptor knows the users of the lab')
