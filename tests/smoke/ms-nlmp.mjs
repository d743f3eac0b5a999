/**
 * The least that has to hold wherever the package runs: both tokens of the handshake in MS-NLMP 4.2.4, byte for byte
 * where the specification fixes the bytes. No assertion library: this also runs in browsers, Deno and Bun.
 *
 * @param {typeof import('ntlm-wasm')} ntlm the package
 * @param {object} vectors tests/vectors/ms-nlmp.json
 * @returns {string} one line of what was checked
 */
export function checkMsNlmp(ntlm, vectors) {
  const common = vectors['common_4.2.1'];
  const expected = vectors['4.2.4_NTLMv2'];
  const client = new ntlm.NtlmClient({
    username: common.User,
    password: common.Passwd,
    domain: common.UserDom,
    workstation: common.WorkstationName,
    version: '5.1.2600',
    sign: true,
    seal: true,
    // Eight bytes are the client's challenge, sixteen the session key; the example's time is FILETIME 0.
    random: (count) => new Uint8Array(count).fill(count === 8 ? 0xaa : 0x55),
    now: () => new Date(Date.UTC(1601, 0, 1)),
  });
  equal('type of the first token', ntlm.decode(client.negotiate()).type, 1);
  const message = ntlm.decode(client.authenticate(bytes(expected['4.2.4.3_CHALLENGE_MESSAGE'])));
  equal('type of the second token', message.type, 3);
  equal('user name', message.userName, common.User);
  equal('NTLMv2 response', hex(message.ntChallengeResponse), expected.NTLMv2_CHALLENGE_RESPONSE_full);
  equal('LMv2 response', hex(message.lmChallengeResponse), expected['4.2.4.2.1_LMv2Response']);
  equal('session key', hex(client.session.exportedSessionKey), common.RandomSessionKey);
  const { sealed, signature } = client.session.seal(bytes(expected['4.2.4.4_GSS_WrapEx'].plaintext));
  equal('sealed text', hex(sealed), expected['4.2.4.4_GSS_WrapEx'].ciphertext);
  equal('signature', hex(signature), expected['4.2.4.4_GSS_WrapEx'].signature);
  equal('version used', client.ntlmVersion, 'NTLMv2');
  return 'MS-NLMP 4.2.4: both tokens, session key, sealed text and signature';
}

function equal(what, actual, expected) {
  if (actual !== expected) throw new Error(`${what}: ${actual}, not ${expected}`);
}

function hex(value) {
  if (typeof value === 'string') return value.toLowerCase();
  return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}
