// createFetch with servers that ask for NTLM themselves (401): Squid as a reverse proxy, Apache with
// gss-ntlmssp, and a server that requires channel bindings, with every kind of certificate.

import assert from 'node:assert/strict';
import { ca, DomainControllerLog, lab, labCommand } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { createFetch } from 'ntlm-wasm/node';

const TABLE = 'createFetch with NTLM servers';
const { alice } = lab.users;
const { squid_accel: accel, apache, apache_file: apacheFile, epa } = lab.origins;
const credentials = { username: alice.down_level, password: alice.password };

async function get(url, options = {}) {
  const fetch = createFetch({ proxy: 'DIRECT', servers: [new URL(url).origin], credentials, tls: { ca }, ...options });
  const response = await fetch(url);
  return { response, text: await response.text() };
}

/** By the domain controller's count. */
async function oneAttempt(url, options) {
  const { down_level: username, name } = lab.users.lockme;
  labCommand('unlock', 'lockme');
  const log = new DomainControllerLog();
  const wrong = { username, password: 'not the password' };
  await assert.rejects(get(url, { ...options, credentials: wrong }), { code: 'ERR_NTLM_REJECTED' });
  assert.deepEqual(
    (await log.attempts(name)).map(({ status }) => status),
    ['NT_STATUS_WRONG_PASSWORD'],
  );
  labCommand('unlock', 'lockme');
}

const SERVERS = { 'Squid, reverse': accel, 'Apache, winbind': apache, 'Apache, user file': apacheFile };
for (const [name, { http, https }] of Object.entries(SERVERS)) {
  const path = name.startsWith('Apache') ? '/ntlm/' : '/';
  for (const [kind, origin] of [
    ['http:', http],
    ['https:', https],
  ]) {
    cell(TABLE, kind, name, async () => {
      const { response, text } = await get(origin + path, { schemes: ['NTLM'] });
      assert.equal(response.status, 200);
      assert.match(text, /lab origin/);
    });

    if (name === 'Apache, user file') {
      const wrong = { schemes: ['NTLM'], credentials: { ...credentials, password: 'not the password' } };
      cell(TABLE, `${kind} wrong password refused`, name, () =>
        assert.rejects(get(origin + path, wrong), { code: 'ERR_NTLM_REJECTED' }),
      );
    } else {
      cell(TABLE, `${kind} wrong password: one attempt`, name, () => oneAttempt(origin + path, { schemes: ['NTLM'] }));
    }
  }

  cell(TABLE, 'http:, Negotiate', name, async () => {
    const { response, text } = await get(http + path, { schemes: ['Negotiate'] });
    assert.equal(response.status, 200);
    assert.match(text, /lab origin/);
  });

  cell(TABLE, 'not named: no credentials', name, async () => {
    const { response } = await get(http + path, { servers: [] });
    assert.equal(response.status, 401);
  });
}

for (const backend of ['winbind', 'spnego', 'gssapi']) {
  const column = `EPA server, ${backend}`;
  const origin = epa.https['rsa-sha256'];
  const place = (policy) => `/${backend}/${policy}/ntlm`;

  for (const [certificate, origin] of Object.entries(epa.https)) {
    cell(TABLE, `bindings required, ${certificate}`, column, async () => {
      const { response, text } = await get(origin + place('require'));
      const report = JSON.parse(text);
      assert.equal(response.status, 200, report.reason);
      assert.equal(report.channel_bindings.sent, report.channel_bindings.expected);
    });
  }

  cell(TABLE, 'bindings required, Negotiate', column, async () => {
    const { response, text } = await get(`${origin}/${backend}/require/negotiate`);
    assert.equal(response.status, 200, text);
    assert.equal(JSON.parse(text).scheme, 'Negotiate');
  });

  cell(TABLE, 'bindings required, none sent: refused', column, async () => {
    await assert.rejects(get(origin + place('require'), { channelBindings: 'off' }), { code: 'ERR_NTLM_REJECTED' });
  });

  if (backend === 'winbind') {
    cell(TABLE, 'https: wrong password: one attempt', column, () => oneAttempt(origin + place('require'), {}));
  }

  cell(TABLE, 'bindings allowed, none sent', column, async () => {
    const { response } = await get(origin + place('allow'), { channelBindings: 'off' });
    assert.equal(response.status, 200);
  });

  cell(TABLE, 'http:', column, async () => {
    const { response, text } = await get(epa.http + place('off'));
    assert.equal(response.status, 200);
    const legs = JSON.parse(text).legs.filter((leg) => leg.method);
    assert.equal(legs.length, 2);
  });

  cell(TABLE, 'bindings required, behind an NTLM proxy', column, async () => {
    const { response, text } = await get(origin + place('require'), { proxy: lab.proxies.both.url });
    assert.equal(response.status, 200, text);
  });
}
