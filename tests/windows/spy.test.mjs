// What is handed to SSPI, to the byte: Wine's own leaves the target and the channel bindings out of its tokens.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { spiedOn } from './lib/spy.mjs';

const { certificates } = JSON.parse(readFileSync(new URL('../vectors/certificates.json', import.meta.url), 'utf8'));
const HOST = 'proxy.corp.example';

// Of sspi.h.
const SECPKG_CRED_OUTBOUND = 2;
const SEC_WINNT_AUTH_IDENTITY_UNICODE = 2;
const SECBUFFER_TOKEN = 2;
const SECBUFFER_CHANNEL_BINDINGS = 14;
const SECURITY_NATIVE_DREP = 0x10;
const ISC_REQ_MUTUAL_AUTH = 0x2;
const ISC_REQ_CONNECTION = 0x800;

const server = new NtlmServer({ account: () => undefined });
const challenge = server.challenge(new NtlmClient({ username: 'a', password: 'b' }).negotiate());
const asked = (scheme, isProxy) => ({
  status: isProxy ? 407 : 401,
  challenges: [`${scheme} ${challenge}`],
  keepAlive: true,
});
const dialogue = (scheme, { isProxy = true, ...options } = {}) => ({
  options: { isProxy, host: HOST, schemes: [scheme], ...options },
  response: asked(scheme, isProxy),
});

const explicit = { username: 'jürgen', password: 'pässwörd 🔑', domain: 'CORP' };
const dialogues = {
  'Negotiate, signed-in user': dialogue('Negotiate'),
  'NTLM, signed-in user': dialogue('NTLM'),
  'Negotiate, explicit': dialogue('Negotiate', { credentials: explicit }),
  'NTLM, explicit': dialogue('NTLM', { credentials: explicit }),
  'a name with its domain': dialogue('NTLM', { credentials: { username: 'CORP\\alice', password: 'x' } }),
  'a principal name': dialogue('NTLM', { credentials: { username: 'alice@corp.example', password: 'x' } }),
  'another target': dialogue('Negotiate', { targetName: 'HTTP/other.corp.example' }),
  'a server': dialogue('Negotiate', { isProxy: false, host: 'www.corp.example' }),
  'bytes to bind to': dialogue('Negotiate', {
    channelBindings: Buffer.from('tls-server-end-point:abc').toString('hex'),
  }),
  ...Object.fromEntries(
    certificates.map(({ name, der }) => [
      name,
      dialogue('Negotiate', { certificate: Buffer.from(der, 'base64').toString('hex') }),
    ]),
  ),
};

/** Many times over, to the end and given up at each point. */
const many = Object.fromEntries(
  [undefined, 'begin', 'between', 'next'].map((abandoned) => [
    `many, ${abandoned ? `given up: ${abandoned}` : 'to the end'}`,
    { ...dialogue('Negotiate', { credentials: explicit }), times: 250, abandoned },
  ]),
);

let calls;
let outcomes;
let alive;
before(async () => {
  ({ calls, outcomes, alive } = await spiedOn({ ...dialogues, ...many }));
});

const named = (name, call) => calls[name].filter((entry) => entry.call === call);
const acquired = (name) => named(name, 'AcquireCredentialsHandle');
const steps = (name) => named(name, 'InitializeSecurityContext');

test('the package, and no identity for the signed-in user', () => {
  for (const scheme of ['Negotiate', 'NTLM']) {
    assert.deepEqual(acquired(`${scheme}, signed-in user`), [
      { call: 'AcquireCredentialsHandle', principal: null, package: scheme, use: SECPKG_CRED_OUTBOUND },
    ]);
  }
});

test('explicit credentials', () => {
  const given = (name) => {
    const [{ user, domain, passwordLength, identityFlags }] = acquired(name);
    assert.equal(identityFlags, SEC_WINNT_AUTH_IDENTITY_UNICODE);
    return { user, domain, passwordLength };
  };
  const jurgen = { user: 'jürgen', domain: 'CORP', passwordLength: explicit.password.length };
  assert.deepEqual(given('Negotiate, explicit'), jurgen);
  assert.deepEqual(given('NTLM, explicit'), jurgen);
  assert.deepEqual(given('a name with its domain'), { user: 'alice', domain: 'CORP', passwordLength: 1 });
  assert.deepEqual(given('a principal name'), { user: 'alice@corp.example', domain: '', passwordLength: 1 });
});

test('the target, at each step', () => {
  const targets = (name) => steps(name).map(({ target }) => target);
  assert.deepEqual(targets('NTLM, signed-in user'), [`HTTP/${HOST}`, `HTTP/${HOST}`]);
  assert.deepEqual(targets('Negotiate, explicit'), [`HTTP/${HOST}`, `HTTP/${HOST}`]);
  assert.deepEqual(targets('another target'), ['HTTP/other.corp.example', 'HTTP/other.corp.example']);
  assert.deepEqual(targets('a server'), ['HTTP/www.corp.example', 'HTTP/www.corp.example']);
});

test('the peer’s token unchanged, and no other buffer without channel bindings', () => {
  const token = { type: SECBUFFER_TOKEN, bytes: Buffer.from(challenge, 'base64').toString('hex') };
  const [first, second] = steps('NTLM, signed-in user');
  assert.deepEqual([first.first, first.input], [true, []]);
  assert.deepEqual([second.first, second.input], [false, [token]]);
});

/** SEC_CHANNEL_BINDINGS: no addresses, the application data behind the eight numbers. */
function channelBindings(data) {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(data.length, 24);
  head.writeUInt32LE(head.length, 28);
  return Buffer.concat([head, data]).toString('hex');
}

test('channel bindings: the structure, and the hash for each certificate', () => {
  const bound = (name) => {
    const { input } = steps(name).at(-1);
    return input.filter(({ type }) => type === SECBUFFER_CHANNEL_BINDINGS).map(({ bytes }) => bytes);
  };
  assert.deepEqual(bound('bytes to bind to'), [channelBindings(Buffer.from('tls-server-end-point:abc'))]);
  for (const { name, certificate_hash: hash } of certificates) {
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), Buffer.from(hash, 'hex')]);
    assert.deepEqual(bound(name), [channelBindings(data)], name);
  }
});

test('the same flags and data representation at each step', () => {
  const expected = { flags: ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONNECTION, representation: SECURITY_NATIVE_DREP };
  for (const name of Object.keys(dialogues)) {
    for (const { flags, representation } of steps(name)) {
      assert.deepEqual({ flags, representation }, expected, name);
    }
  }
});

test('SSPI tokens are in the headers, and every handle is released', () => {
  for (const name of Object.keys(dialogues)) {
    const [first, second] = outcomes[name];
    const {
      schemes: [scheme],
    } = dialogues[name].options;
    assert.match(first, new RegExp(`^${scheme} TlRMTVNTUAAB`), name);
    assert.equal(second.action, 'send', name);
    assert.match(second.header, new RegExp(`^${scheme} TlRMTVNTUAAD`), name);
    assert.deepEqual(
      calls[name]
        .slice(-2)
        .map(({ call }) => call)
        .sort(),
      ['DeleteSecurityContext', 'FreeCredentialsHandle'],
      name,
    );
  }
  assert.deepEqual(alive, { contexts: 0, credentials: 0 });
});

test('a thousand handshakes, most of them abandoned: every handle is released', () => {
  for (const name of Object.keys(many)) {
    const count = (call) => named(name, call).length;
    assert.equal(count('FreeCredentialsHandle'), count('AcquireCredentialsHandle'), name);
    assert.equal(count('DeleteSecurityContext'), steps(name).filter(({ first }) => first).length, name);
  }
  assert.equal(acquired('many, to the end').length, 250);
});
