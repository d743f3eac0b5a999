// The addon for 64-bit ARM in an emulated Node.js: it loads, and winbind authenticates as on any Linux.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../interop/lib/run-program.mjs';
import { ca, lab, labCommand } from '../interop/lib/lab.mjs';
import { addonFor } from './lib/addons.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

test('node 20 for arm64: single sign-on with what winbind holds for the user', async () => {
  labCommand('sso', 'alice');
  const url = `${lab.origins.apache.https.replace(lab.ip, 'www.corp.example')}/1k.bin`;
  const page = { proxy: new URL(lab.proxies.ntlm.url).host, url, ca: ca.toString(), options: { schemes: ['NTLM'] } };
  const args = [here('node_modules/node-arm64-20/bin/node'), here('clients/drive.cjs')];
  const { stdout, stderr } = await runProgram('qemu-aarch64-static', args, {
    env: { QEMU_LD_PREFIX: '/usr/aarch64-linux-gnu', USER: 'alice', LOGNAME: 'alice' },
    input: JSON.stringify({ addonFile: addonFor('linux-arm64-gnu'), tasks: { page } }),
  });
  assert.ok(stdout.startsWith('{'), stdout + stderr);
  const { outcomes, alive } = JSON.parse(stdout);
  assert.deepEqual(outcomes.page, {
    status: 200,
    bytes: 1024,
    statuses: [407, 200],
    scheme: 'NTLM',
    mechanism: 'NTLM',
    authenticated: true,
  });
  assert.deepEqual(alive, { contexts: 0, credentials: 0 });
});
