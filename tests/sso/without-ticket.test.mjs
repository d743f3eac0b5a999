// No credentials: the error names the reason and what to do, and no token reaches the proxy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lab, publishPage, SquidLog } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { behindProxy, byName, environment } from './lib/sso.mjs';

const PROGRAM = fileURLToPath(new URL('clients/error.mjs', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../pkg/dist/node/cli/main.js', import.meta.url));
const proxy = byName(lab.proxies.negotiate.url);
const schemes = ['Negotiate'];

for (const { name, command, args } of RUNTIMES) {
  test(`${name}: the error says that there is no ticket, and that kinit gets one`, async () => {
    const page = publishPage();
    const squid = new SquidLog();
    try {
      const options = { proxy, credentials: 'system', schemes };
      const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
        env: environment({ VISIT: JSON.stringify({ url: behindProxy(page.http), options }) }),
      });
      assert.ok(stdout.startsWith('{'), stderr);
      const error = JSON.parse(stdout);
      assert.equal(error.name, 'NtlmError');
      assert.match(error.code, /^ERR_NTLM_SSO_/);
      assert.match(error.message, /no Kerberos ticket/);
      assert.match(error.advice, /kinit/);
      assert.deepEqual(await squid.requests(page.name, 0), []);
    } finally {
      page.remove();
    }
  });
}

test('the command says the same, with the exit status of missing credentials', async () => {
  const { code, stdout, stderr } = await runProgram(
    process.execPath,
    [COMMAND, 'fetch', '--sso', '--proxy', proxy, behindProxy(`${lab.origins.apache.http}/1k.bin`)],
    { env: environment() },
  );
  assert.equal(code, 3, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /no Kerberos ticket.*\(ERR_NTLM_SSO_\w+\)\n\s+.*kinit/s);
});
