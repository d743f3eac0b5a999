// Electron 9: the addon in its main process, by itself and below NtlmAgent, from an archive; and what Chromium does:
// on Windows it authenticates by itself, elsewhere it emits `login`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ca, lab, labCommand } from '../interop/lib/lab.mjs';
import { LINUX, packProgram, runProgram, WINDOWS } from './lib/electron.mjs';

const { alice } = lab.users;
const page = (origin) => `${origin.replace(lab.ip, 'www.corp.example')}/1k.bin`;
const task = {
  proxy: new URL(lab.proxies.ntlm.url).host,
  pages: { plain: page(lab.origins.apache.http), secure: page(lab.origins.apache.https) },
  ca: ca.toString(),
  login: { username: alice.down_level, password: alice.password },
};
const got = { status: 200, bytes: 1024 };

for (const electron of [LINUX, WINDOWS]) {
  for (const unpack of ['*.node', undefined]) {
    test(`${electron.name}: the addon ${unpack ? 'beside' : 'in'} the archive`, async () => {
      labCommand('sso', 'alice');
      const program = await packProgram(electron, { unpack });
      try {
        const { addon, unpacked, uncaught, ...result } = await runProgram(electron, program, task);
        assert.equal(uncaught, undefined);
        assert.deepEqual(result, {
          electron: '9.4.1',
          node: '12.14.1',
          napi: '5',
          route: `PROXY ${task.proxy}`,
          plain: got,
          tunnelled: got,
          chromium: { ...got, asked: electron === WINDOWS ? 0 : 1 },
        });
        assert.deepEqual(addon.outcomes.page, {
          ...got,
          statuses: [407, 200],
          scheme: 'NTLM',
          mechanism: 'NTLM',
          authenticated: true,
        });
        assert.deepEqual(addon.alive, { contexts: 0, credentials: 0 });
        if (electron === LINUX) assert.equal(unpacked, unpack !== undefined);
      } finally {
        program.remove();
      }
    });
  }
}
