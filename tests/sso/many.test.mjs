// Handshakes by the hundreds in one process: nothing of the system's is left behind, and memory stays as it is.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const { bob } = lab.users;

const file = join(folder, 'ntlm-users');
writeFileSync(file, `${bob.domain}:${bob.name}:${bob.password}\n`, { mode: 0o600 });

/** The system's identity, by the process environment, and how much its library leaks per handshake, in KiB. */
const WAYS = {
  Kerberos: { variables: { ticket: ticketOf('alice', folder) }, lost: 0 },
  // Measured without us, from Python: 7.6 KiB a handshake.
  'gss-ntlmssp': { variables: { NTLM_USER_FILE: file }, lost: 7.6 },
};

for (const [way, { variables, lost }] of Object.entries(WAYS)) {
  test(`${way}: ${count} handshakes, every fifth given up half way`, patience, async (context) => {
    const options = { proxy: byName(lab.proxies.both.url), credentials: 'system' };
    const url = behindProxy(`${lab.origins.apache.http}/1k.bin`);
    const { stdout, stderr } = await runProgram(process.execPath, ['--expose-gc', PROGRAM], {
      env: environment({ ...variables, VISIT: JSON.stringify({ url, options, count, abortEvery }) }),
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
    assert.ok(growth < 4096 + (count / 2) * (1 + lost), `${growth} KiB more: ${memory.join(' ')}`);
  });
}
