// `run` and this library in one program: register and createFetch behind the local proxy of `run`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createFetch, demoAccount, startProxy } from '../../../pkg/dist/node/index.js';
import { run } from './run-cli.mjs';
import { startTestNetwork } from './test-network.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
const PACKAGE = new URL('../../../pkg/dist/node/', import.meta.url);
const REGISTER = new URL('register.js', PACKAGE).href;
let network;

before(async () => (network = await startTestNetwork()));
after(() => network.close());

const urls = () => ['http', 'https'].map(network.url);

async function statuses(args, source, env = {}) {
  const file = network.write('program.mjs', source);
  const { out, err } = await run(['run', '-x', network.proxy.url, ...args, '--', process.execPath, file, ...urls()], {
    env: { ...ALICE, NODE_TLS_REJECT_UNAUTHORIZED: '0', ...env },
  });
  return out || err;
}

const FETCH = 'for (const url of process.argv.slice(2)) console.log((await fetch(url)).status);';
const REQUEST = `import http from 'node:http'; import https from 'node:https';
for (const url of process.argv.slice(2)) await new Promise((resolve, reject) => {
  (url.startsWith('https') ? https : http).get(url, (answer) => { console.log(answer.statusCode); answer.resume().on('end', resolve); }).on('error', reject);
});
process.exit();`;
const CREATE_FETCH = `import { createFetch } from ${JSON.stringify(new URL('index.js', PACKAGE).href)};
const fetch = createFetch(); ${FETCH}`;

for (const args of [[], ['--secret-only'], ['--no-secret']]) {
  const name = args[0] ?? 'the secret';
  test(`${name}: a program that is registered: fetch and http.request`, async () => {
    const env = { NODE_OPTIONS: `--import ${REGISTER}` };
    assert.equal(await statuses(args, FETCH, env), '200\n200\n');
    assert.equal(await statuses(args, REQUEST, env), '200\n200\n');
  });

  test(`${name}: a program that calls createFetch`, async () => {
    assert.equal(await statuses(args, CREATE_FETCH), '200\n200\n');
  });
}

test('the secret goes to a proxy on this machine with that user name, and is not answered otherwise', async (t) => {
  const local = await startProxy({ proxy: network.proxy.url, credentials: demoAccount });
  t.after(() => local.close({ grace: 0 }));
  const [url] = urls();
  assert.equal((await createFetch({ proxy: local.url })(url)).status, 200);
  const wrong = local.url.replace(/:[^:@]+@/, ':wrong@');
  await assert.rejects(createFetch({ proxy: wrong })(url), { code: 'ERR_NTLM_CREDENTIALS_REQUIRED' });
  const other = local.url.replace('ntlm-wasm:', 'somebody:');
  await assert.rejects(createFetch({ proxy: other })(url), { code: 'ERR_NTLM_SCHEME_NOT_OFFERED' });
});
