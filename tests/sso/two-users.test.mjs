// Two users in one process: each agent authenticates as its own user, whatever the other does.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lab, publishPage, SquidLog } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { behindProxy, byName, environment, scratchFolder, ticketOf } from './lib/sso.mjs';

const PROGRAM = fileURLToPath(new URL('clients/two-users.mjs', import.meta.url));
const folder = scratchFolder(after);
const [alice, bob] = ['alice', 'bob'].map((user) => ticketOf(user, folder));

test('two agents with a cache each, and one whose credentials are a function', async () => {
  const pages = { alice: publishPage(), bob: publishPage() };
  after(() => Object.values(pages).forEach((page) => page.remove()));
  const squid = new SquidLog();
  const task = {
    proxies: [lab.proxies.both, lab.proxies.negotiate].map(({ url }) => byName(url)),
    users: {
      alice: { credentialCache: alice, url: behindProxy(pages.alice.http) },
      bob: { credentialCache: bob, url: behindProxy(pages.bob.http) },
    },
    rounds: 10,
  };
  const { stdout, stderr } = await runProgram(process.execPath, [PROGRAM], {
    env: environment({ VISIT: JSON.stringify(task) }),
  });
  assert.equal(stdout, 'done, 0 contexts alive\n', stderr);
  for (const [user, { name }] of Object.entries(pages)) {
    const served = (await squid.requests(name, 22)).filter(({ status }) => status === 200);
    const requests = served.filter(({ method }) => method === 'GET');
    assert.equal(requests.length, 22);
    assert.deepEqual(new Set(served.map((request) => request.user)), new Set([`CORP\\${user}`]));
  }
});

test('the cache of the environment is the default, and a principal must be in it', async () => {
  const page = publishPage();
  after(() => page.remove());
  const squid = new SquidLog();
  const visit = async (credentials) => {
    const options = { proxy: byName(lab.proxies.both.url), schemes: ['Negotiate'], credentials };
    const program = fileURLToPath(new URL('clients/error.mjs', import.meta.url));
    const { stdout } = await runProgram(process.execPath, [program], {
      env: environment({ ticket: bob, VISIT: JSON.stringify({ url: behindProxy(page.http), options }) }),
    });
    return JSON.parse(stdout);
  };
  assert.deepEqual(await visit('system'), { status: 200 });
  assert.deepEqual(await visit({ system: true, principal: 'bob@CORP.EXAMPLE' }), { status: 200 });
  const [first, second] = (await squid.requests(page.name, 2)).filter(({ status }) => status === 200);
  assert.deepEqual([first.user, second.user], ['CORP\\bob', 'CORP\\bob']);
  assert.match((await visit({ system: true, principal: 'alice@CORP.EXAMPLE' })).code, /^ERR_NTLM_SSO_/);
});
