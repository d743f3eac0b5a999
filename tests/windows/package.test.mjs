// The package in Windows' own programs: with its own core, since explicit credentials need no addon, and with the addon.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ca, DomainControllerLog, lab, labCommand } from '../interop/lib/lab.mjs';
import { addonFor } from './lib/addons.mjs';
import { BUN, NODES, runWindows, windowsPath } from './lib/programs.mjs';

const PROGRAM = fileURLToPath(new URL('../interop/clients/visit.mjs', import.meta.url));
const { zhanna } = lab.users;
const { apache } = lab.origins;
const options = {
  credentials: { username: zhanna.name, domain: zhanna.domain, password: zhanna.password },
  tls: { ca: ca.toString() },
  proxy: lab.proxies.both.url,
};
/** By a name that only the proxy can resolve: a client that goes around it gets nowhere. */
const page = (origin) => `${origin.replace(lab.ip, 'www.corp.example')}/1k.bin`;
const visits = { 'http:': { url: page(apache.http), options }, 'https:': { url: page(apache.https), options } };

for (const { name, command, args } of [...NODES, BUN]) {
  for (const client of ['createFetch', 'NtlmAgent']) {
    test(`${name}: ${client} through Squid, plain and tunnelled`, async () => {
      const env = { VISIT: JSON.stringify({ client, visits }) };
      const { stdout, stderr } = await runWindows(command, [...args, PROGRAM], { env });
      assert.ok(stdout.startsWith('{'), stdout + stderr);
      const got = { status: 200, bytes: 1024 };
      assert.deepEqual(JSON.parse(stdout), { 'http:': got, 'https:': got });
    });
  }
}

for (const { name, command, args } of [...NODES, BUN]) {
  test(`${name}: createFetch and NtlmAgent as the signed-in user`, async () => {
    labCommand('sso', 'alice');
    const log = new DomainControllerLog();
    // Under Wine 8 there is no signed-in user for Negotiate.
    const system = { ...options, credentials: 'system', schemes: ['NTLM'] };
    const pages = Object.fromEntries(
      Object.entries(visits).map(([scheme, { url }]) => [scheme, { url, options: system }]),
    );
    for (const client of ['createFetch', 'NtlmAgent']) {
      const env = { VISIT: JSON.stringify({ client, visits: pages }), NTLM_ADDON: windowsPath(addonFor('win32-x64')) };
      const { stdout, stderr } = await runWindows(command, [...args, PROGRAM], { env });
      assert.ok(stdout.startsWith('{'), stdout + stderr);
      const got = { status: 200, bytes: 1024 };
      assert.deepEqual(JSON.parse(stdout), { 'http:': got, 'https:': got });
    }
    assert.ok((await log.attempts('alice', 4)).length >= 4);
  });
}
