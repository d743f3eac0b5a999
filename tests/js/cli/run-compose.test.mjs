// `run` and this library in one program: register and createFetch behind the local proxy of `run`.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFetch, demoAccount, startProxy, startServer } from '../../../pkg/dist/node/index.js';
import { run } from './run-cli.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
const PACKAGE = new URL('../../../pkg/dist/node/', import.meta.url);
const REGISTER = new URL('register.js', PACKAGE).href;
let folder;
let proxy;
let plain;
let secure;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-compose-'));
  proxy = await startServer({ hosts: { 'registry.corp.example': '127.0.0.1' } });
  plain = await startServer({ role: 'none' });
  secure = await startServer({ role: 'none', tls: true });
});
after(async () => {
  await Promise.all([proxy.close(), plain.close(), secure.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const urls = () => [
  `http://registry.corp.example:${plain.port}/bytes/4`,
  `https://registry.corp.example:${secure.port}/bytes/4`,
];

async function statuses(args, source, env = {}) {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, source);
  const { out, err } = await run(['run', '-x', proxy.url, ...args, '--', process.execPath, file, ...urls()], {
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
  const local = await startProxy({ proxy: proxy.url, credentials: demoAccount });
  t.after(() => local.close({ grace: 0 }));
  const [url] = urls();
  assert.equal((await createFetch({ proxy: local.url })(url)).status, 200);
  const wrong = local.url.replace(/:[^:@]+@/, ':wrong@');
  await assert.rejects(createFetch({ proxy: wrong })(url), { code: 'ERR_NTLM_CREDENTIALS_REQUIRED' });
  const other = local.url.replace('ntlm-wasm:', 'somebody:');
  await assert.rejects(createFetch({ proxy: other })(url), { code: 'ERR_NTLM_SCHEME_NOT_OFFERED' });
});
