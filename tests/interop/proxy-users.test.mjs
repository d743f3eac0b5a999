// createFetch through Squid, with Samba's domain controller behind it: every account, every way to name it.

import assert from 'node:assert/strict';
import { badPasswords, ca, DomainControllerLog, goodUsers, lab, labCommand, refusedUsers } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { createFetch } from 'ntlm-wasm/node';
import { ntHash } from 'ntlm-wasm';

const TABLE = 'createFetch through Squid';
const tls = { ca };

const FORMS = {
  'DOMAIN\\user': ({ down_level: username, password }) => ({ username, password }),
  'user@domain': ({ upn: username, password }) => ({ username, password }),
  'separate domain': ({ name: username, domain, password }) => ({ username, domain, password }),
  'NT hash': ({ name: username, domain, password }) => ({ username, domain, ntHash: ntHash(password) }),
};

const TARGETS = { 'http:': `${lab.origins.apache.http}/1k.bin`, 'https:': `${lab.origins.apache.https}/1k.bin` };

const OTHER_PROXIES = {
  'NTLM only': lab.proxies.ntlm,
  'Negotiate only': lab.proxies.negotiate,
  // NTLM there must be raw, not within SPNEGO
  negotiate_wrapper: lab.proxies.wrapper,
  'TLS to the proxy': lab.proxies.tls,
};

async function get(target, proxy, credentials) {
  const fetch = createFetch({ proxy, credentials, tls });
  const response = await fetch(target);
  const body = await response.arrayBuffer();
  assert.equal(response.status, 200);
  assert.equal(body.byteLength, 1024);
}

for (const user of goodUsers) {
  for (const [form, credentials] of Object.entries(FORMS)) {
    for (const [kind, target] of Object.entries(TARGETS)) {
      cell(TABLE, `${user.key}`, `${form}, ${kind}`, () => get(target, lab.proxies.both.url, credentials(user)));
    }
  }
}

for (const [kind, target] of Object.entries(TARGETS)) {
  for (const [name, { url }] of Object.entries(OTHER_PROXIES)) {
    cell(TABLE, name, `DOMAIN\\user, ${kind}`, () => get(target, url, FORMS['DOMAIN\\user'](lab.users.alice)));
  }

  cell(TABLE, 'wrong password: one attempt', `DOMAIN\\user, ${kind}`, async () => {
    labCommand('unlock', 'lockme');
    const log = new DomainControllerLog();
    const wrong = { ...lab.users.lockme, password: 'not the password' };
    await assert.rejects(get(target, lab.proxies.both.url, FORMS['DOMAIN\\user'](wrong)), {
      code: 'ERR_NTLM_REJECTED',
    });
    assert.deepEqual(
      (await log.attempts('lockme')).map(({ status }) => status),
      ['NT_STATUS_WRONG_PASSWORD'],
    );
    assert.equal(badPasswords('lockme'), 1);
    labCommand('unlock', 'lockme');
  });

  cell(TABLE, 'wrong password, 10 at once: one attempt', `DOMAIN\\user, ${kind}`, async () => {
    labCommand('unlock', 'lockme');
    const credentials = { username: lab.users.lockme.down_level, password: 'not the password' };
    const fetch = createFetch({ proxy: lab.proxies.both.url, credentials, tls });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => fetch(target)));
    for (const { reason } of outcomes) assert.equal(reason?.code, 'ERR_NTLM_REJECTED');
    assert.equal(badPasswords('lockme'), 1);
    labCommand('unlock', 'lockme');
  });

  for (const user of refusedUsers) {
    cell(TABLE, `${user.key}: one attempt`, `DOMAIN\\user, ${kind}`, async () => {
      const log = new DomainControllerLog();
      await assert.rejects(get(target, lab.proxies.both.url, FORMS['DOMAIN\\user'](user)), {
        code: 'ERR_NTLM_REJECTED',
      });
      assert.deepEqual(
        (await log.attempts(user.name)).map(({ status }) => status),
        [user.expect],
      );
    });
  }
}
