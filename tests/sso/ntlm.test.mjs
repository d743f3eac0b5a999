// NTLM without a password in this program's hands: from winbind's cache, and through gss-ntlmssp.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ca, lab, labCommand, publishPage, SquidLog } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { behindProxy, byName, environment, scratchFolder } from './lib/sso.mjs';

const PROGRAM = fileURLToPath(new URL('../interop/clients/visit.mjs', import.meta.url));
const { apache, epa } = lab.origins;
const { bob } = lab.users;
const page = publishPage('x'.repeat(1024));
after(() => page.remove());
labCommand('sso', 'alice');

const through = (proxy, credentials) => ({ credentials, tls: { ca: ca.toString() }, proxy: byName(proxy.url) });
const directTo = (origin, credentials) => ({
  credentials,
  tls: { ca: ca.toString() },
  proxy: 'direct',
  servers: [origin],
});
const plain = behindProxy(page.http);
const tunnelled = behindProxy(page.https);

async function visits({ command, args }, env, targets) {
  const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
    env: environment({ ...env, VISIT: JSON.stringify({ client: 'NtlmAgent', visits: targets }) }),
  });
  assert.ok(stdout.startsWith('{'), stderr);
  return JSON.parse(stdout);
}

async function allServed(runtime, env, targets) {
  const expected = Object.fromEntries(Object.keys(targets).map((name) => [name, { status: 200, bytes: 1024 }]));
  assert.deepEqual(await visits(runtime, env, targets), expected);
}

const winbind = { system: true, principal: 'CORP\\alice' };
const BY_WINBIND = {
  'Squid, NTLM only': { url: plain, options: through(lab.proxies.ntlm, winbind) },
  'Squid, NTLM only, tunnel': { url: tunnelled, options: through(lab.proxies.ntlm, winbind) },
  'Squid, both, no ticket': { url: plain, options: through(lab.proxies.both, winbind) },
  Apache: { url: `${byName(apache.http)}/ntlm/1k.bin`, options: directTo(byName(apache.http), winbind) },
};

for (const runtime of RUNTIMES) {
  test(`${runtime.name}: winbind's cache`, () => allServed(runtime, {}, BY_WINBIND));
}

const node = { command: process.execPath, args: [] };

test("winbind's cache: the user of the environment is the default, and the proxy saw that user", async () => {
  const squid = new SquidLog();
  await allServed(
    node,
    { USER: 'alice' },
    {
      default: { url: plain, options: through(lab.proxies.ntlm, 'system') },
    },
  );
  const [{ user }] = (await squid.requests(page.name)).filter(({ status }) => status === 200);
  assert.equal(user, 'CORP\\alice');
});

test('a user whose password winbind does not have: the error says so, and the fallback is used', async () => {
  const nobody = { system: true, principal: 'CORP\\bob' };
  const reserve = [nobody, { username: bob.down_level, password: bob.password }];
  const results = await visits(
    node,
    {},
    {
      nobody: { url: plain, options: through(lab.proxies.ntlm, nobody) },
      reserve: { url: plain, options: through(lab.proxies.ntlm, reserve) },
    },
  );
  assert.match(results.nobody.error, /NtlmError: .*(winbind|sign on)/);
  assert.deepEqual(results.reserve, { status: 200, bytes: 1024 });
});

// gss-ntlmssp reads its user from a separate file.
const file = join(scratchFolder(after), 'ntlm-users');
writeFileSync(file, `${bob.domain}:${bob.name}:${bob.password}\n`, { mode: 0o600 });
const bound = byName(epa.https['ecdsa-sha256']);
const BY_GSS_NTLMSSP = {
  'Squid, NTLM only': { url: plain, options: through(lab.proxies.ntlm, 'system') },
  'Squid, both, no ticket': { url: plain, options: through(lab.proxies.both, 'system') },
  Apache: { url: `${byName(apache.http)}/ntlm/1k.bin`, options: directTo(byName(apache.http), 'system') },
  'channel bindings required': {
    url: `${bound}/winbind/require/ntlm?bytes=1024`,
    options: directTo(bound, 'system'),
  },
};

for (const runtime of RUNTIMES) {
  test(`${runtime.name}: gss-ntlmssp`, () => allServed(runtime, { NTLM_USER_FILE: file }, BY_GSS_NTLMSSP));
}
