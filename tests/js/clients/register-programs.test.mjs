// `ntlm-wasm/register` and what reads the proxy variables itself: libraries, child processes, threads; agents of the program.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoAccount } from '../../../pkg/dist/node/index.js';
import { cleanEnvironment } from '../cli/run-cli.mjs';
import { startTestNetwork } from '../cli/test-network.mjs';

const FOLDER = fileURLToPath(new URL('./programs', import.meta.url));
const PROGRAM = `
const { createRequire } = require('module');
const far = createRequire(${JSON.stringify(fileURLToPath(new URL('../x.js', import.meta.url)))});
const [, , name, url] = process.argv;
const module_ = require(url.startsWith('https') ? 'https' : 'http');
const { execFileSync, spawn } = require('child_process');
const { Worker } = require('worker_threads');
const get = (options) => new Promise((resolve, reject) =>
  module_.get(url, options, (answer) => resolve((answer.resume(), answer.statusCode))).on('error', reject));
const cases = {
  fetch: () => fetch(url).then(({ status }) => status),
  axios: () => far('axios').get(url).then(({ status }) => status),
  'a child that is waited for synchronously': async () =>
    Number(execFileSync('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', url])),
  'a child': () => new Promise((resolve) =>
    spawn('curl', ['-sk', '-o', '/dev/null', '-w', '%{http_code}', url]).stdout.on('data', (text) => resolve(Number(text)))),
  'a registered child': async () => Number(execFileSync(process.execPath, [__filename, 'axios', url])),
  'an eval worker': () => new Promise((resolve, reject) => new Worker(
    'fetch(' + JSON.stringify(url) + ').then(({ status }) => require("worker_threads").parentPort.postMessage(status))',
    { eval: true }).on('message', resolve).on('error', reject)),
  'a custom agent': () => get({ agent: new module_.Agent({ keepAlive: true }) }),
  'a WebSocket of ws': () => new Promise((resolve) =>
    new (far('ws'))(url.replace(/^http/, 'ws'), { rejectUnauthorized: false }).on('error', ({ message }) => resolve(Number(/\\d+$/.exec(message))))),
  variables: async () => JSON.stringify(process.env),
};
// No exit: the local proxy must not keep the process alive.
cases[name]().then((status) => console.log(status), (error) => { console.error(error); process.exitCode = 1; });
`;

let network;
let program;

before(async () => {
  network = await startTestNetwork();
  program = network.write('program.cjs', PROGRAM);
});
after(() => network.close());

async function registered(name, scheme, env = {}) {
  const environment = cleanEnvironment({
    NTLM_USERNAME: demoAccount.username,
    NTLM_PASSWORD: demoAccount.password,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    NODE_OPTIONS: '--require ntlm-wasm/register',
    ...(env.NTLM_PROXY === undefined ? { HTTP_PROXY: network.proxy.url, HTTPS_PROXY: network.proxy.url } : {}),
    ...env,
  });
  const options = { env: environment, cwd: FOLDER, timeout: 30_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [program, name, network.url(scheme)], options);
  return stdout.trim();
}

for (const scheme of ['http', 'https']) {
  for (const name of [
    ...['fetch', 'axios', 'a child', 'a child that is waited for synchronously', 'a registered child'],
    'an eval worker',
  ]) {
    test(`${name}, ${scheme}:`, async () => assert.equal(await registered(name, scheme), '200'));
  }
  for (const name of ['a custom agent', 'a WebSocket of ws']) {
    test(`${name}, ${scheme}: with NTLM_AGENTS=replace, and not without it`, async () => {
      assert.equal(await registered(name, scheme, { NTLM_AGENTS: 'replace' }), '200');
      if (name === 'a custom agent') await assert.rejects(registered(name, scheme), /ENOTFOUND/);
    });
  }
}

test('--import works too', async () => {
  assert.equal(await registered('axios', 'https', { NODE_OPTIONS: '--import ntlm-wasm/register' }), '200');
});

test('NTLM_PROXY alone names the proxy, for this package and for what it starts', async () => {
  for (const name of ['fetch', 'axios', 'a child', 'a registered child']) {
    assert.equal(await registered(name, 'https', { NTLM_PROXY: network.proxy.url }), '200', name);
  }
  await assert.rejects(
    registered('fetch', 'http', { NTLM_PROXY: network.proxy.url, NO_PROXY: 'registry.corp.example' }),
  );
});

test('the variables name a local proxy with its own secret; NO_PROXY excludes this machine', async () => {
  const env = JSON.parse(await registered('variables', 'http'));
  assert.match(env.HTTPS_PROXY, /^http:\/\/ntlm-wasm:[\w-]{32}@127\.0\.0\.1:\d+$/);
  for (const name of ['http_proxy', 'HTTP_PROXY', 'npm_config_https_proxy']) assert.equal(env[name], env.HTTPS_PROXY);
  assert.equal(env.NO_PROXY, 'localhost,127.0.0.1');
  assert.equal(env.NTLM_PROXY, network.proxy.url);
});

test('nothing changes where no proxy is named', async () => {
  const env = JSON.parse(await registered('variables', 'http', { HTTP_PROXY: '', HTTPS_PROXY: '' }));
  assert.equal(env.HTTP_PROXY, '');
  assert.equal(env.NTLM_PROXY, undefined);
});
