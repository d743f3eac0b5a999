// The package with its own core, in Windows' own programs: explicit credentials need no addon.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ca, lab } from '../interop/lib/lab.mjs';
import { BUN, NODES, runWindows } from './lib/programs.mjs';

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
