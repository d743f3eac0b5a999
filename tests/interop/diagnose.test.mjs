// What `diagnose` finds out about real servers: Squid and Apache with Samba's domain controller behind them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badPasswords, ca, DomainControllerLog, lab, labCommand, refusedUsers } from './lib/lab.mjs';
import { diagnose } from 'ntlm-wasm/node';

const { alice, lockme } = lab.users;
const credentialsOf = ({ down_level: username, password }) => ({ username, password });
const HTTP = `${lab.origins.apache.http}/1k.bin`;
const HTTPS = `${lab.origins.apache.https}/1k.bin`;
const PRIVATE_AUTHORITY = 'tls-inspected';

const idsOf = ({ findings }) => findings.map(({ id }) => id);

/** As alice, through the proxy that offers both schemes, unless said otherwise. */
function diagnosed(url, options = {}) {
  return diagnose(url, { proxy: lab.proxies.both.url, credentials: credentialsOf(alice), tls: { ca }, ...options });
}

const situations = {
  'Squid with both schemes': [() => diagnosed(HTTP), ['signed-on']],
  'a tunnel through it': [() => diagnosed(HTTPS), [PRIVATE_AUTHORITY, 'signed-on']],
  'the certificate of the lab without its authority': [() => diagnosed(HTTPS, { tls: {} }), ['certificate-untrusted']],
  'Squid with NTLM alone': [() => diagnosed(HTTP, { proxy: lab.proxies.ntlm.url }), ['signed-on']],
  'Squid with Negotiate alone': [
    () => diagnosed(HTTP, { proxy: lab.proxies.negotiate.url }),
    ['signed-on', 'negotiate-only'],
  ],
  'Squid spoken to over TLS': [() => diagnosed(HTTP, { proxy: lab.proxies.tls.url }), ['signed-on']],
  'Squid for everybody': [() => diagnosed(HTTP, { proxy: lab.proxies.open.url }), ['no-sign-on-needed']],
  'Squid with Basic alone, and no credentials': [
    () => diagnosed(HTTP, { proxy: lab.proxies.basic.url, credentials: undefined }),
    ['basic-only'],
  ],
  'no credentials': [() => diagnosed(HTTP, { credentials: undefined }), ['no-credentials']],
  'a host that the policy of Squid forbids': [() => diagnosed('http://www.example/'), ['forbidden']],
  'a port where nothing listens': [() => diagnosed('http://127.0.0.1:1/'), ['target-unreachable', 'signed-on']],
  'a page that Apache does not have': [() => diagnosed(`${lab.origins.apache.http}/none`), ['signed-on', 'not-found']],
  'Apache that asks, and is not named': [
    () => diagnosed(`${lab.origins.apache.http}/ntlm/`, { proxy: 'direct' }),
    ['server-asks'],
  ],
  'Apache that asks, and is named': [
    () => diagnosed(`${lab.origins.apache.http}/ntlm/`, { proxy: 'direct', servers: [lab.origins.apache.http] }),
    ['signed-on'],
  ],
};

for (const [name, [run, expected]] of Object.entries(situations)) {
  test(name, { timeout: 60_000 }, async () => {
    const report = await run();
    assert.deepEqual(idsOf(report), expected, JSON.stringify(report, undefined, 1));
    assert.equal(report.verdict, report.fault === undefined ? 'works' : 'fails');
    assert.doesNotMatch(JSON.stringify(report), /TlRMTVNTUA|Passw0rd|alice/);
  });
}

test('what the handshake shows of the domain controller', async () => {
  const { challenges, answers, legs, offer, routes } = await diagnosed(HTTP);
  assert.deepEqual(routes, [{ route: lab.proxies.both.url, rule: 'the proxy option' }]);
  assert.deepEqual([offer.status, offer.schemes, offer.keepsConnection], [407, ['Negotiate', 'NTLM'], true]);
  const [{ domain, computer, skewSeconds }] = challenges;
  assert.deepEqual([domain, computer], [lab.domain, 'DC1']);
  assert.ok(Math.abs(skewSeconds) < 60);
  assert.deepEqual(answers, [{ peer: 'proxy', ntlmVersion: 'NTLMv2', integrityCode: true, channelBinding: false }]);
  assert.deepEqual(
    legs.map(({ direction, message }) => `${direction} ${message}`),
    ['sent message 1', 'received message 2', 'sent message 3'],
  );
  assert.equal(new Set(legs.map(({ connection }) => connection)).size, 1);
});

test('a wrong password is tried once', async () => {
  labCommand('unlock', 'lockme');
  const log = new DomainControllerLog();
  const wrong = { ...credentialsOf(lockme), password: 'not the password' };
  assert.deepEqual(idsOf(await diagnosed(HTTPS, { credentials: wrong })), ['credentials-refused']);
  assert.equal((await log.attempts('lockme')).length, 1);
  assert.equal(badPasswords('lockme'), 1);
  labCommand('unlock', 'lockme');
});

for (const user of refusedUsers) {
  test(`${user.key}: refused, and Squid does not say why`, async () => {
    const report = await diagnosed(HTTP, { credentials: credentialsOf(user) });
    assert.deepEqual([idsOf(report), report.fault], [['credentials-refused'], 'credentials']);
  });
}

for (const [name, channelBindings, expected] of [
  // The server accepted the binding, so no device terminates TLS in between.
  ['sent', 'auto', ['signed-on']],
  ['not sent', 'off', ['channel-binding-suspected', 'credentials-refused', PRIVATE_AUTHORITY]],
]) {
  test(`a server that requires channel bindings, which are ${name}`, async () => {
    const origin = lab.origins.epa.https['rsa-sha256'];
    const url = `${origin}/winbind/require/ntlm`;
    const report = await diagnosed(url, { proxy: 'direct', servers: [origin], channelBindings });
    assert.deepEqual(idsOf(report), expected, JSON.stringify(report, undefined, 1));
  });
}
