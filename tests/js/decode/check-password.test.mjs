// "Does this password match?", on handshakes made here and on those that the specification prints.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkPassword, ntHash, NtlmClient, NtlmServer } from 'ntlm-wasm';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/ms-nlmp.json', import.meta.url), 'utf8'));
const bytes = (base64) => new Uint8Array(Buffer.from(base64, 'base64'));
const hex = (data) => Buffer.from(data).toString('hex');

function handshake(options = {}) {
  const server = new NtlmServer({ account: () => ({ password: 'secret' }) });
  const client = new NtlmClient({ username: 'alice', password: 'secret', ...options });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  const authenticate = client.authenticate(challenge);
  const key = hex(client.session.exportedSessionKey);
  return {
    key,
    tokens: { negotiate: bytes(negotiate), challenge: bytes(challenge), authenticate: bytes(authenticate) },
  };
}

for (const options of [
  {},
  { sign: true, seal: true },
  { mechanism: 'negotiate' },
  { mechanism: 'negotiate', sign: true },
]) {
  test(`the right password opens the session: ${JSON.stringify(options)}`, () => {
    const { key, tokens } = handshake(options);
    const check = checkPassword({ ...tokens, password: 'secret' });
    assert.deepEqual(
      { ...check, exportedSessionKey: hex(check.exportedSessionKey) },
      {
        matches: true,
        ntlmVersion: 'NTLMv2',
        mic: 'right',
        exportedSessionKey: key,
      },
    );
    assert.equal(checkPassword({ ...tokens, ntHash: ntHash('secret') }).matches, true);
    assert.deepEqual(checkPassword({ ...tokens, password: 'Secret' }), { matches: false });
  });
}

test('what was changed shows in the integrity code', () => {
  const { tokens } = handshake();
  const other = handshake({ sign: true }).tokens.negotiate;
  const mic = (given) => checkPassword({ ...tokens, ...given, password: 'secret' }).mic;
  assert.equal(mic({ negotiate: other }), 'wrong');
  assert.equal(mic({ negotiate: undefined }), 'unchecked');
});

test('the handshakes of MS-NLMP 4.2', () => {
  for (const [section, version] of [
    ['4.2.2', 'NTLMv1'],
    ['4.2.3', 'NTLM2 session'],
    ['4.2.4', 'NTLMv2'],
  ]) {
    const values = Object.entries(vectors).find(([name]) => name.startsWith(section))[1];
    const message = (name) =>
      new Uint8Array(Buffer.from(Object.entries(values).find(([key]) => key.endsWith(name))[1], 'hex'));
    const tokens = { challenge: message('CHALLENGE_MESSAGE'), authenticate: message('AUTHENTICATE_MESSAGE') };
    const check = checkPassword({ ...tokens, password: 'Password' });
    assert.deepEqual([check.matches, check.ntlmVersion, check.mic], [true, version, 'absent']);
    // The second agrees on no key of the client's own.
    const key = values['4.2.3.1.3_KeyExchangeKey'] ?? vectors['common_4.2.1'].RandomSessionKey;
    assert.equal(hex(check.exportedSessionKey), key);
  }
});

test('input without a handshake is a coded error', () => {
  const { tokens } = handshake();
  assert.throws(() => checkPassword({ ...tokens }), { code: 'ERR_NTLM_INVALID_OPTION' });
  assert.throws(() => checkPassword({ ...tokens, challenge: tokens.negotiate, password: '' }), {
    code: 'ERR_NTLM_WRONG_MESSAGE_TYPE',
  });
  assert.throws(() => checkPassword({ ...tokens, challenge: 'TlRM', password: '' }), {
    code: 'ERR_NTLM_INVALID_OPTION',
  });
});
