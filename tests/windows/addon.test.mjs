// The addon in Windows' own programs: what it does with Wine's SSPI, at a real Squid and a real domain controller.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ca, DomainControllerLog, lab, labCommand } from '../interop/lib/lab.mjs';
import { addonFor } from './lib/addons.mjs';
import { BUN, library, NODES, runWindows, windowsPath } from './lib/programs.mjs';

const DRIVE = fileURLToPath(new URL('clients/drive.cjs', import.meta.url));
const { alice, jurgen, bob, spaced } = lab.users;
const address = (proxy) => new URL(proxy.url).host;
const page = (origin) => `${origin.replace(lab.ip, 'www.corp.example')}/1k.bin`;
const [plain, secure] = [page(lab.origins.apache.http), page(lab.origins.apache.https)];

const explicit = (user, change = {}) => ({
  credentials: { username: user.name, domain: user.domain, password: user.password, ...change },
});
const through = (proxy, url, options) => ({ proxy: address(proxy), url, ca: ca.toString(), options });

async function drive({ command, args }, tasks) {
  const input = JSON.stringify({ addonFile: windowsPath(addonFor('win32-x64')), tasks });
  const { stdout, stderr } = await runWindows(command, [...args, DRIVE], { input });
  assert.ok(stdout.startsWith('{'), stdout + stderr);
  return JSON.parse(stdout);
}

const got = (scheme, statuses) => ({
  status: 200,
  bytes: 1024,
  statuses,
  scheme,
  mechanism: 'NTLM',
  authenticated: true,
});

for (const program of [...NODES, BUN]) {
  test(`${program.name}: explicit credentials, plain and tunnelled, with both schemes`, async () => {
    const { both } = lab.proxies;
    const tasks = {
      'NTLM, http:': through(both, plain, { ...explicit(alice), schemes: ['NTLM'] }),
      'NTLM, https:': through(both, secure, { ...explicit(jurgen), schemes: ['NTLM'] }),
      'Negotiate, http:': through(both, plain, { ...explicit(jurgen), schemes: ['Negotiate'] }),
      'Negotiate, https:': through(both, secure, { ...explicit(alice), schemes: ['Negotiate'] }),
    };
    const { outcomes, alive } = await drive(program, tasks);
    assert.deepEqual(outcomes, {
      'NTLM, http:': got('NTLM', [407, 200]),
      'NTLM, https:': got('NTLM', [407, 200]),
      'Negotiate, http:': got('Negotiate', [407, 200]),
      'Negotiate, https:': got('Negotiate', [407, 200]),
    });
    assert.deepEqual(alive, { contexts: 0, credentials: 0 });
  });

  test(`${program.name}: single sign-on with what winbind holds for the user`, async () => {
    labCommand('sso', 'alice');
    const log = new DomainControllerLog();
    const { ntlm } = lab.proxies;
    const { outcomes, alive } = await drive(program, {
      'http:': through(ntlm, plain, { schemes: ['NTLM'] }),
      'https:': through(ntlm, secure, { schemes: ['NTLM'] }),
    });
    assert.deepEqual(outcomes, { 'http:': got('NTLM', [407, 200]), 'https:': got('NTLM', [407, 200]) });
    assert.deepEqual(alive, { contexts: 0, credentials: 0 });
    assert.ok((await log.attempts('alice', 2)).length >= 2);
  });

  test(`${program.name}: a wrong password is sent once`, async () => {
    const log = new DomainControllerLog();
    const { outcomes } = await drive(program, {
      wrong: through(lab.proxies.ntlm, plain, explicit(spaced, { password: 'not this one' })),
    });
    assert.equal(outcomes.wrong.code, 'ERR_NTLM_REJECTED');
    assert.equal((await log.attempts(spaced.name)).length, 1);
    labCommand('unlock', 'spaced');
  });
}

test('single sign-on with what the Credential Manager holds for the host, with both schemes', async () => {
  // Another name for the same proxies, so that no other test finds this entry.
  const proxy = `localhost:${new URL(lab.proxies.both.url).port}`;
  const credential = (...args) => runWindows(library('credential.exe'), args, { input: `${bob.password}\n` });
  assert.equal((await credential('set', 'localhost', bob.down_level)).code, 0);
  try {
    const log = new DomainControllerLog();
    const { outcomes } = await drive(NODES[0], {
      NTLM: { proxy, url: plain, options: { schemes: ['NTLM'] } },
      Negotiate: { proxy, url: plain, options: { schemes: ['Negotiate'] } },
    });
    assert.deepEqual(outcomes, { NTLM: got('NTLM', [407, 200]), Negotiate: got('Negotiate', [407, 200]) });
    assert.equal((await log.attempts('bob', 2)).length, 2);
  } finally {
    await credential('delete', 'localhost');
  }
});
