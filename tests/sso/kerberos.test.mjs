// Kerberos with a ticket and no password, from every runtime: through the proxies and to the servers.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lab, LogTail, publishPage, SquidLog } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { environment, scratchFolder, ticketOf } from './lib/sso.mjs';
import { allVisits, bound, directTo, required } from './lib/targets.mjs';

const PROGRAM = fileURLToPath(new URL('../interop/clients/visit.mjs', import.meta.url));
const { epa } = lab.origins;
const ticket = ticketOf('alice', scratchFolder(after));
const page = publishPage('x'.repeat(1024));
after(() => page.remove());
const VISITS = allVisits(page);

for (const { name: runtime, command, args } of RUNTIMES) {
  test(`${runtime}: ${Object.keys(VISITS).length} targets`, async () => {
    const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
      env: environment({ ticket, VISIT: JSON.stringify({ client: 'createFetch', visits: VISITS }) }),
    });
    assert.ok(stdout.startsWith('{'), stderr);
    const expected = Object.fromEntries(Object.keys(VISITS).map((name) => [name, { status: 200, bytes: 1024 }]));
    assert.deepEqual(JSON.parse(stdout), expected);
  });
}

const node = (visits) =>
  runProgram(process.execPath, [PROGRAM], {
    env: environment({ ticket, VISIT: JSON.stringify({ client: 'NtlmAgent', visits }) }),
  });

test('the servers saw alice, by Kerberos, bound to their certificates', async () => {
  const squid = new SquidLog();
  const seen = new LogTail(epa.log);
  await node(VISITS);
  const requests = await squid.requests(page.name, 4);
  assert.deepEqual(
    new Set(requests.filter(({ status }) => status === 200).map(({ user }) => user)),
    new Set(['CORP\\alice']),
  );
  const ours = (lines) => lines.filter((line) => line.includes(page.name));
  const served = ours(await seen.settled((lines) => ours(lines).length >= 6)).map((line) => JSON.parse(line));
  assert.deepEqual(
    served.filter(({ ok }) => ok).map(({ user, mechanism, policy }) => [user, mechanism, policy]),
    Object.keys(bound).map(() => ['alice@CORP.EXAMPLE', 'krb5', 'require']),
  );
});

test('a binding to another certificate is refused, so the right one counts', async () => {
  const [url] = Object.values(bound);
  const options = { ...directTo(url), channelBindings: 'off' };
  const { stdout } = await node({ off: { url: url + required(page), options } });
  assert.match(JSON.parse(stdout).off.error ?? '', /credentials were rejected/);
});
