/** Reads the whole memory of the WebAssembly module after each step and looks for what must not be there. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hmacMd5States, md5State, rc4Permutation } from './key-schedules.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** The package keeps the module to itself: its memory is noted down when the module is instantiated. */
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  memories.push(instance.exports.memory);
  return instance;
};
const { NtlmClient, NtlmServer, ntHash } = await import('ntlm-wasm');
// Agents, dispatchers and the local proxy authenticate with this class.
const { HttpAuthenticator } = await import('../../../pkg-template/dist/http-authenticator.js');

const USER = 'alice';
const DOMAIN = 'CORP';

const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('md5', key)).digest();
const md5 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('md5')).digest();
const utf16 = (text) => Buffer.from(text, 'utf16le');

/** A key in every form in which it might lie about. */
const forms = (name, key) => ({
  [name]: key,
  [`${name} in hexadecimal`]: Buffer.from(key.toString('hex')),
  [`${name} in upper-case hexadecimal`]: Buffer.from(key.toString('hex').toUpperCase()),
  [`${name}, inner padded`]: key.map((byte) => byte ^ 0x36),
  [`${name}, outer padded`]: key.map((byte) => byte ^ 0x5c),
  [`${name}, inner state`]: hmacMd5States(key)[0],
  [`${name}, outer state`]: hmacMd5States(key)[1],
});

/** What only the password's owner may know. */
function secretsOf(password) {
  const hash = Buffer.from(ntHash(password));
  return {
    'password in UTF-16': utf16(password),
    'password in UTF-8': Buffer.from(password),
    'password in upper case, UTF-16': utf16(password.toUpperCase()),
    'password in upper case': Buffer.from(password.toUpperCase()),
    ...forms('NT hash', hash),
    ...forms('response key', responseKey(hash)),
  };
}

const responseKey = (hash) => hmac(hash, utf16(USER.toUpperCase()), utf16(DOMAIN));

/** What only the two ends of a session may know (MS-NLMP 3.4.5). */
function secretsOfSession(exportedSessionKey) {
  const key = Buffer.from(exportedSessionKey);
  const derived = ['client-to-server', 'server-to-client'].flatMap((way) =>
    ['signing', 'sealing'].map((use) => [
      `${way} ${use} key`,
      md5(key, `session key to ${way} ${use} key magic constant\0`),
    ]),
  );
  const sealing = derived.filter(([name]) => name.includes('sealing'));
  return Object.assign(
    forms('session key', key),
    ...derived.map(([name, value]) => forms(name, value)),
    ...sealing.map(([name, value]) => ({ [`${name}, as RC4 sets it up`]: rc4Permutation(value) })),
  );
}

function found(secrets) {
  return Object.keys(secrets).filter((name) =>
    memories.some(({ buffer }) => Buffer.from(buffer).includes(secrets[name])),
  );
}

const assertGone = (secrets, when) => assert.deepEqual(found(secrets), [], `found ${when}`);
const pick = (secrets, word) => Object.fromEntries(Object.entries(secrets).filter(([name]) => name.startsWith(word)));

/** Unreferenced objects release their memory when the garbage is collected. */
async function afterCollection() {
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

before(() => {
  ntHash('the first call instantiates the module');
  assert.equal(memories.length, 1, 'the memory is at hand');
});

test('the search finds what is there, and its arithmetic is right', () => {
  const client = new NtlmClient({ username: 'findable-name-in-memory', password: 'x' });
  assert.notEqual(
    found({ name: utf16('findable-name-in-memory'), text: Buffer.from('findable-name-in-memory') }).length,
    0,
  );
  client.negotiate();
  // MD5 of nothing: its only block is the padding.
  assert.deepEqual(md5State(Buffer.alloc(64).fill(0x80, 0, 1)), md5());
  assert.equal(new Set(rc4Permutation(Buffer.from('key'))).size, 256);
});

test('ntHash leaves neither the password nor the hash behind', () => {
  const password = 'Of-The-Hash-Function-1';
  ntHash(password);
  assertGone(secretsOf(password), 'after ntHash');
});

test('a client holds no password, and its hashes end with it', async () => {
  const password = 'Of-The-Client-22';
  const secrets = secretsOf(password);
  (() => {
    const client = new NtlmClient({ username: USER, domain: DOMAIN, password });
    assertGone(pick(secrets, 'password'), 'after the constructor');
    client.negotiate();
    assertGone(pick(secrets, 'password'), 'after negotiate');
    client.reset();
    assertGone(pick(secrets, 'password'), 'after reset');
  })();
  await afterCollection();
  assertGone(secrets, 'after the client was collected');
});

const HASH_FORMS = {
  bytes: (hash) => hash,
  hexadecimal: (hash) => Buffer.from(hash).toString('hex'),
  'LM:NT': (hash) => `:${Buffer.from(hash).toString('hex')}`,
};
for (const [form, ntHashOf] of Object.entries(HASH_FORMS)) {
  test(`an NT hash given as ${form} ends with its client and server`, async () => {
    const hash = ntHash(`Of-The-Hash-As-${form}`);
    const secrets = { ...forms('NT hash', Buffer.from(hash)), ...forms('response key', responseKey(hash)) };
    await (async () => {
      const server = new NtlmServer({ netbiosDomain: DOMAIN, account: () => ({ ntHash: ntHashOf(hash) }) });
      const client = new NtlmClient({ username: USER, domain: DOMAIN, ntHash: ntHashOf(hash) });
      await server.authenticate(client.authenticate(server.challenge(client.negotiate())));
    })();
    await afterCollection();
    assertGone(secrets, 'after client and server were collected');
  });
}

for (const mechanism of ['ntlm', 'negotiate']) {
  test(`${mechanism}: a handshake, a session and its messages leave nothing behind`, async () => {
    const password = `Of-The-Handshake-${mechanism}`;
    const secrets = secretsOf(password);
    const plain = Buffer.from('a message that was sealed for the other side only');
    await (async () => {
      const server = new NtlmServer({ netbiosDomain: DOMAIN, account: () => ({ password }) });
      const client = new NtlmClient({ username: USER, domain: DOMAIN, password, mechanism, seal: true });
      const token = client.authenticate(server.challenge(client.negotiate()));
      assertGone(pick(secrets, 'password'), 'after authenticate');
      const { session, token: last } = await server.authenticate(token);
      if (last !== undefined) client.authenticate(last);
      assertGone(pick(secrets, 'password'), 'after the server has verified');
      Object.assign(secrets, secretsOfSession(session.exportedSessionKey), { 'sealed message': plain });
      assert.deepEqual(Buffer.from(session.unwrap(client.session.wrap(plain))), plain);
      const { sealed, signature } = session.seal(plain);
      assert.deepEqual(Buffer.from(client.session.unseal(sealed, signature)), plain);
      client.session.verify(plain, session.sign(plain));
      assertGone(pick(secrets, 'sealed message'), 'after messages have passed');
      assert.ok(found(secrets).includes('session key'), 'while the session lives its key is there');
    })();
    await afterCollection();
    assertGone(secrets, 'after client, server and session were collected');
  });
}

test('a refused password leaves nothing behind', async () => {
  const password = 'Of-The-Refused-333';
  const other = 'Of-The-Account-4444';
  const both = [secretsOf(password), secretsOf(other)];
  await (async () => {
    const server = new NtlmServer({ netbiosDomain: DOMAIN, account: () => ({ password: other }) });
    const client = new NtlmClient({ username: USER, domain: DOMAIN, password });
    const token = client.authenticate(server.challenge(client.negotiate()));
    await assert.rejects(server.authenticate(token), { code: 'ERR_NTLM_PROOF_MISMATCH' });
  })();
  await afterCollection();
  for (const each of both) assertGone(each, 'after the refusal');
});

for (const scheme of ['NTLM', 'Negotiate']) {
  for (const accepted of [true, false]) {
    test(`${scheme}: an HTTP handshake that ${accepted ? 'succeeds' : 'is refused'} leaves no secret in memory`, async () => {
      const password = `Of-The-Dialogue-${scheme}-${accepted}`;
      const secrets = secretsOf(password);
      await (async () => {
        const server = new NtlmServer({ netbiosDomain: DOMAIN, account: () => ({ password }) });
        const options = { username: USER, domain: DOMAIN, password, isProxy: true, schemes: [scheme] };
        const authenticator = new HttpAuthenticator(options);
        assertGone(pick(secrets, 'password'), 'after the constructor');
        const token = (header) => header.slice(scheme.length + 1);
        const first = authenticator.begin();
        const challenges = [`${scheme} ${server.challenge(token(first))}`];
        const answer = authenticator.next({ status: 407, challenges, keepAlive: true });
        assert.equal(answer.action, 'send');
        assertGone(pick(secrets, 'password'), 'after message 3');
        const { token: last } = await server.authenticate(token(answer.header));
        if (accepted) {
          const response = { status: 200, challenges: last ? [`${scheme} ${last}`] : [], keepAlive: true };
          assert.equal(authenticator.next(response).action, 'done');
        } else {
          const refusal = { status: 407, challenges: [scheme], keepAlive: true };
          assert.throws(() => authenticator.next(refusal), { code: 'ERR_NTLM_REJECTED' });
        }
        assertGone(pick(secrets, 'password'), 'at the end');
      })();
      await afterCollection();
      assertGone(secrets, 'after the authenticator was collected');
    });
  }
}
