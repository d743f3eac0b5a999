/** The worked examples that Rust's tests check in the core, through the package's own interface. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmClient, ntHash } from 'ntlm-wasm';
import { bytes, fields, hex, specificationClient, vectors } from './support.mjs';

const specification = vectors('ms-nlmp.json');
const davenport = vectors('davenport.json');

const REQUEST_TARGET = 0x4;
const TARGET_TYPE_SERVER = 0x20000;
const TARGET_INFO = 0x800000;
const LM_KEY = 0x80;
const NON_NT_SESSION_KEY = 0x400000;
const KEY_EXCH = 0x40000000;

/** The flags that an example's client asked for, from those that its server answered. */
const asked = (answered, more = 0) => ((parseInt(answered, 16) & ~TARGET_TYPE_SERVER) | REQUEST_TARGET | more) >>> 0;

function challengeWith(message, flags) {
  const changed = Buffer.from(message, 'hex');
  changed.writeUInt32LE((changed.readUInt32LE(20) | flags) >>> 0, 20);
  return new Uint8Array(changed);
}

function checkSeal(session, wrap) {
  const { sealed, signature } = session.seal(bytes(wrap.plaintext));
  assert.equal(hex(sealed), wrap.ciphertext);
  assert.equal(hex(signature), wrap.signature);
}

test('MS-NLMP 4.2.2: NTLMv1, byte for byte, and its keys of every kind', () => {
  const example = specification['4.2.2_NTLMv1'];
  assert.equal(hex(ntHash('Password')), example['4.2.2.1.2_NTOWFv1']);
  const flags = asked(example.NegotiateFlags, TARGET_INFO);
  const client = specificationClient({ lmCompatibilityLevel: 0, flags });
  client.negotiate();
  const message = client.authenticateBytes(bytes(example['4.2.2.3_CHALLENGE_MESSAGE']));
  assert.equal(hex(message), example['4.2.2.3_AUTHENTICATE_MESSAGE']);
  assert.equal(fields(message).nt, example['4.2.2.2.1_NTLMv1Response']);
  assert.equal(fields(message).lm, example['4.2.2.2.2_LMv1Response']);
  assert.equal(fields(message).key, example['4.2.2.2.3_EncryptedSessionKey']);
  assert.equal(client.ntlmVersion, 'NTLMv1');
  checkSeal(client.session, example['4.2.2.4_GSS_WrapEx']);
  const kinds = [
    [0, 'KXKEY_plain', '4.2.2.2.3_EncryptedSessionKey'],
    [NON_NT_SESSION_KEY, 'KXKEY_NON_NT_SESSION_KEY', '4.2.2.2.3_EncryptedSessionKey_NON_NT'],
    [LM_KEY, 'KXKEY_LM_KEY', '4.2.2.2.3_EncryptedSessionKey_LM_KEY'],
  ];
  for (const [kind, key, encrypted] of kinds) {
    const challenge = challengeWith(example['4.2.2.3_CHALLENGE_MESSAGE'], kind);
    const exchanging = specificationClient({ lmCompatibilityLevel: 0, flags: (flags | kind) >>> 0 });
    assert.equal(fields(exchanging.authenticateBytes(challenge)).key, example[encrypted]);
    const plain = specificationClient({ lmCompatibilityLevel: 0, flags: ((flags | kind) & ~KEY_EXCH) >>> 0 });
    plain.authenticateBytes(challenge);
    assert.equal(hex(plain.session.exportedSessionKey), example[key]);
  }
});

test('MS-NLMP 4.2.3: NTLM2 session, byte for byte', () => {
  const example = specification['4.2.3_NTLMv1_with_client_challenge'];
  const client = specificationClient({ lmCompatibilityLevel: 1, flags: asked(example.NegotiateFlags) });
  const message = client.authenticateBytes(bytes(example['4.2.3.3_CHALLENGE_MESSAGE']));
  assert.equal(hex(message), example['4.2.3.3_AUTHENTICATE_MESSAGE']);
  assert.equal(fields(message).lm, example['4.2.3.2.1_LMv1Response']);
  assert.equal(fields(message).nt, example['4.2.3.2.2_NTLMv1Response']);
  assert.equal(hex(client.session.exportedSessionKey), example['4.2.3.1.3_KeyExchangeKey']);
  assert.equal(client.ntlmVersion, 'NTLM2 session');
  checkSeal(client.session, example['4.2.3.4_GSS_WrapEx']);
});

test('MS-NLMP 4.2.4: NTLMv2, byte for byte', () => {
  const example = specification['4.2.4_NTLMv2'];
  const flags = asked(example.NegotiateFlags);
  const challenge = bytes(example['4.2.4.3_CHALLENGE_MESSAGE']);
  const client = specificationClient({ flags });
  const message = client.authenticateBytes(challenge);
  assert.equal(hex(message), example['4.2.4.3_AUTHENTICATE_MESSAGE']);
  assert.equal(fields(message).nt, example.NTLMv2_CHALLENGE_RESPONSE_full);
  assert.equal(fields(message).lm, example['4.2.4.2.1_LMv2Response']);
  assert.equal(fields(message).key, example['4.2.4.2.3_EncryptedSessionKey']);
  assert.equal(hex(client.session.exportedSessionKey), specification['common_4.2.1'].RandomSessionKey);
  checkSeal(client.session, example['4.2.4.4_GSS_WrapEx']);
  const plain = specificationClient({ flags: (flags & ~KEY_EXCH) >>> 0 });
  plain.authenticateBytes(challenge);
  assert.equal(hex(plain.session.exportedSessionKey), example['4.2.4.1.2_SessionBaseKey']);
});

test('base64, bytes and header values are the same challenge', () => {
  const challenge = bytes(specification['4.2.4_NTLMv2']['4.2.4.3_CHALLENGE_MESSAGE']);
  const base64 = Buffer.from(challenge).toString('base64');
  const expected = specificationClient({}).authenticate(challenge);
  const forms = [
    base64,
    base64.replace(/=+$/, ''),
    `NTLM ${base64}`,
    `ntlm   ${base64} `,
    `WWW-Authenticate: NTLM ${base64}`,
    `Proxy-Authenticate: Negotiate, Basic realm="x, y", NTLM ${base64}`,
    Buffer.from(challenge),
  ];
  for (const form of forms) assert.equal(specificationClient({}).authenticate(form), expected);
});

test('a password and its hash, in every form, make the same message', () => {
  const challenge = bytes(specification['4.2.4_NTLMv2']['4.2.4.3_CHALLENGE_MESSAGE']);
  const expected = specificationClient({}).authenticate(challenge);
  const hash = ntHash('Password');
  for (const form of [hash, hex(hash), hex(hash).toUpperCase(), `${'0'.repeat(32)}:${hex(hash)}`, `:${hex(hash)}`]) {
    assert.equal(specificationClient({ password: undefined, ntHash: form }).authenticate(challenge), expected);
  }
});

test('Davenport: NTLMv1 and LMv2 responses', () => {
  const { inputs } = davenport;
  assert.equal(hex(ntHash(inputs.password)), davenport.nt_hash);
  const options = {
    username: inputs.user,
    domain: inputs.domain,
    password: inputs.password,
    workstation: inputs.workstation,
    random: () => bytes(inputs.client_challenge),
  };
  const challenge = bytes(davenport.messages.type2);
  const old = fields(new NtlmClient({ ...options, lmCompatibilityLevel: 0 }).authenticateBytes(challenge));
  assert.equal(old.nt, davenport.ntlm_response);
  assert.equal(old.lm, davenport.lm_response);
  const session = fields(new NtlmClient({ ...options, lmCompatibilityLevel: 1 }).authenticateBytes(challenge));
  assert.equal(session.nt, davenport.ntlm2_session_response);
  const now = () => new Date('2003-06-17T10:00:00Z');
  const modern = fields(new NtlmClient({ ...options, now }).authenticateBytes(challenge));
  assert.equal(modern.nt, davenport.ntlmv2_proof + davenport.ntlmv2_blob);
  assert.equal(modern.lm, davenport.lmv2_response);
});

test('hashcat: hashes and responses', () => {
  const { vectors: cases } = vectors('hashcat.json');
  const find = (mode) => cases.find((entry) => entry.mode === mode);
  assert.equal(hex(ntHash(find(1000).password)), find(1000).hash);
  assert.equal(hex(ntHash('hashcat')), cases.find((entry) => entry.secret).secret);
});

test('the empty password has the hash of nothing', () => {
  const primitives = vectors('primitives.json');
  assert.equal(hex(ntHash('')), primitives.empty_password_nt_hash);
  assert.equal(hex(ntHash('')), primitives.md4_rfc1320[0].out);
});
