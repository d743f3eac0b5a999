/** Client against server in JavaScript: names, mechanisms, policies, and the protection that both derive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelBindings, NtlmClient, NtlmServer, ntHash } from 'ntlm-wasm';
import { captured, hex, vectors } from './support.mjs';

async function handshake(clientOptions, serverOptions) {
  const client = new NtlmClient({ username: 'CORP\\alice', password: 'pässwörd 😀', ...clientOptions });
  const server = new NtlmServer({ account: () => ({ password: 'pässwörd 😀' }), ...serverOptions });
  const challenge = server.challenge(client.negotiate());
  const accepted = await server.authenticate(client.authenticate(challenge));
  if (accepted.token !== undefined) assert.equal(client.authenticate(accepted.token), '');
  return { client, accepted };
}

for (const mechanism of ['ntlm', 'negotiate']) {
  test(`${mechanism}: both sides agree and protect messages`, async () => {
    const { client, accepted } = await handshake({ mechanism, sign: true, seal: true, workstation: 'WS' }, {});
    assert.deepEqual(
      [accepted.username, accepted.domain, accepted.workstation, accepted.ntlmVersion, accepted.mic],
      ['alice', 'CORP', 'WS', 'NTLMv2', true],
    );
    assert.ok(client.done);
    assert.equal(hex(client.session.exportedSessionKey), hex(accepted.session.exportedSessionKey));
    for (const text of ['one', '', 'x'.repeat(10_000)]) {
      const message = new TextEncoder().encode(text);
      assert.equal(new TextDecoder().decode(accepted.session.unwrap(client.session.wrap(message))), text);
      const { sealed, signature } = accepted.session.seal(message);
      assert.equal(new TextDecoder().decode(client.session.unseal(sealed, signature)), text);
      accepted.session.verify(message, client.session.sign(message));
    }
    const forged = client.session.sign(new Uint8Array(3));
    forged[4] ^= 1;
    assert.throws(() => accepted.session.verify(new Uint8Array(3), forged), { code: 'ERR_NTLM_SIGNATURE_MISMATCH' });
  });
}

test('protection that was not agreed on is refused', async () => {
  const { client } = await handshake({}, {});
  assert.throws(() => client.session.seal(new Uint8Array(1)), { code: 'ERR_NTLM_NOT_PROTECTED' });
});

test('accounts may be given by hash, and come late', async () => {
  const hash = ntHash('pässwörd 😀');
  for (const account of [{ ntHash: hash }, { ntHash: hex(hash) }]) {
    const { accepted } = await handshake(
      {},
      { account: () => new Promise((resolve) => setTimeout(resolve, 5, account)) },
    );
    assert.equal(accepted.username, 'alice');
  }
});

test('names in every form', async () => {
  for (const [options, username, domain] of [
    [{ username: 'alice@corp.example' }, 'alice@corp.example', ''],
    [{ username: 'alice', domain: 'corp' }, 'alice', 'corp'],
    [{ username: 'CORP\\straße' }, 'straße', 'CORP'],
    [{ username: 'Жанна' }, 'Жанна', ''],
  ]) {
    const { accepted } = await handshake(options, {});
    assert.deepEqual([accepted.username, accepted.domain], [username, domain]);
  }
});

test('a password may hold lone surrogates, as those of machine accounts do', async () => {
  const password = 'a\ud800b\udfff';
  await handshake({ password }, { account: () => ({ password }) });
  await assert.rejects(handshake({ password }, { account: () => ({ password: 'a\ufffdb\ufffd' }) }), {
    code: 'ERR_NTLM_PROOF_MISMATCH',
  });
});

test('policies name the check that failed', async () => {
  const refusals = [
    [{ password: 'wrong' }, {}, 'PROOF_MISMATCH'],
    [{}, { account: () => undefined }, 'UNKNOWN_ACCOUNT'],
    [{ lmCompatibilityLevel: 0 }, {}, 'WEAK_RESPONSE'],
    [{ lmCompatibilityLevel: 1 }, { minimumNtlmVersion: 'NTLMv2' }, 'WEAK_RESPONSE'],
    [{ mic: 'never' }, { requireMic: true }, 'MIC_MISSING'],
    [
      {},
      { channelBindings: { hash: new Uint8Array(16).fill(1) }, channelBindingPolicy: 'required' },
      'CHANNEL_BINDING_MISSING',
    ],
    [
      { channelBindings: { hash: new Uint8Array(16) } },
      { channelBindings: { hash: new Uint8Array(16).fill(1) } },
      'CHANNEL_BINDING_MISMATCH',
    ],
    [{ targetName: 'HTTP/other' }, { targetNames: ['HTTP/here'] }, 'TARGET_NAME_MISMATCH'],
    [{ username: '', password: undefined }, {}, 'ANONYMOUS_REFUSED'],
  ];
  for (const [client, server, code] of refusals) {
    await assert.rejects(handshake(client, server), { code: `ERR_NTLM_${code}` }, code);
  }
  await handshake({ lmCompatibilityLevel: 0 }, { minimumNtlmVersion: 'NTLMv1' });
  await handshake({ username: '', password: undefined }, { allowAnonymous: true });
  await handshake({ targetName: 'http/HERE' }, { targetNames: ['HTTP/here'] });
});

test('a challenge expires', async () => {
  let now = Date.now();
  const server = new NtlmServer({
    account: () => ({ password: 'x' }),
    now: () => new Date(now),
    challengeLifetimeSeconds: 10,
  });
  const client = new NtlmClient({ username: 'a', password: 'x' });
  const message = client.authenticate(server.challenge(client.negotiate()));
  now += 11_000;
  await assert.rejects(server.authenticate(message), { code: 'ERR_NTLM_CHALLENGE_EXPIRED' });
});

test('bindings by certificate, by its hash and by their own hash are the same', async () => {
  const { certificates, chain } = vectors('certificates.json');
  for (const { name, der, certificate_hash, channel_bindings } of certificates) {
    const raw = new Uint8Array(Buffer.from(der, 'base64'));
    assert.equal(hex(channelBindings(raw)), channel_bindings, name);
    assert.equal(hex(channelBindings(der)), channel_bindings, name);
    assert.equal(hex(channelBindings({ raw })), channel_bindings, name);
    const tlsServerEndPoint = new Uint8Array(Buffer.from(certificate_hash, 'hex'));
    await handshake(
      { channelBindings: { tlsServerEndPoint } },
      { channelBindings: raw, channelBindingPolicy: 'required' },
    );
  }
  for (const form of ['pem', 'pem_chain', 'base64', 'pkcs7_pem']) {
    assert.equal(hex(channelBindings(chain[form])), chain.channel_bindings, form);
  }
  assert.equal(hex(channelBindings(Buffer.from(chain.pkcs7, 'base64'))), chain.channel_bindings);
  for (const entry of captured('channel-bindings.json')?.certificates ?? []) {
    if (entry.cbt_md5_computed)
      assert.equal(hex(channelBindings(entry.cert_der_b64)), entry.cbt_md5_computed, entry.name);
  }
});

test('an instance serves any number of handshakes, and reset forgets one', async () => {
  const client = new NtlmClient({ username: 'a', password: 'x' });
  for (let i = 0; i < 3; i++) {
    const server = new NtlmServer({ account: () => ({ password: 'x' }) });
    await server.authenticate(client.authenticate(server.challenge(client.negotiate())));
    assert.equal(client.ntlmVersion, 'NTLMv2');
    client.reset();
    assert.deepEqual([client.done, client.session, client.ntlmVersion], [false, undefined, undefined]);
  }
});
