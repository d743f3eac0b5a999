// Handshakes by the hundreds in one process: nothing of the system's is left behind, and memory stays as it is.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lab } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { behindProxy, byName, environment, scratchFolder, ticketOf } from './lib/sso.mjs';

const PROGRAM = fileURLToPath(new URL('clients/many.mjs', import.meta.url));
const count = Number(process.env.NTLM_SSO_HANDSHAKES ?? 400);
const abortEvery = 5;
const folder = scratchFolder(after);
const patience = { timeout: 120_000 + count * 50 };

test(`${count} handshakes, every fifth given up half way`, patience, async (context) => {
  const options = { proxy: byName(lab.proxies.negotiate.url), credentials: 'system', schemes: ['Negotiate'] };
  const url = behindProxy(`${lab.origins.apache.http}/1k.bin`);
  const { stdout, stderr } = await runProgram(process.execPath, ['--expose-gc', PROGRAM], {
    env: environment({
      ticket: ticketOf('alice', folder),
      VISIT: JSON.stringify({ url, options, count, abortEvery }),
    }),
    seconds: 3600,
  });
  assert.ok(stdout.startsWith('{'), stderr);
  context.diagnostic(stdout.trim());
  const { done, aborted, failed, alive, memory } = JSON.parse(stdout);
  assert.deepEqual(failed, {});
  assert.equal(done + aborted, count);
  assert.ok(aborted > 0);
  assert.deepEqual(alive, { contexts: 0, credentials: 0 });
  // After the first half everything that is made once has been made. A leak of a context each would be 10 KiB and more.
  const growth = memory.at(-1) - memory[4];
  assert.ok(growth < 4096 + count * 0.5, `${growth} KiB more: ${memory.join(' ')}`);
});
