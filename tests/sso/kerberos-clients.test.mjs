// The other clients, each with the fewest targets that cover every way to authenticate.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishPage } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { environment, scratchFolder, ticketOf } from './lib/sso.mjs';
import { fewVisits } from './lib/targets.mjs';

const PROGRAM = fileURLToPath(new URL('../interop/clients/visit.mjs', import.meta.url));
const ticket = ticketOf('alice', scratchFolder(after));
const page = publishPage('x'.repeat(1024));
after(() => page.remove());
const visits = fewVisits(page);

for (const { name: runtime, command, args } of RUNTIMES) {
  for (const client of ['NtlmDispatcher', 'NtlmAgent']) {
    test(`${runtime}, ${client}`, async () => {
      const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
        env: environment({ ticket, VISIT: JSON.stringify({ client, visits }) }),
      });
      assert.ok(stdout.startsWith('{'), stderr);
      const expected = Object.fromEntries(Object.keys(visits).map((name) => [name, { status: 200, bytes: 1024 }]));
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }
}
