// `run` and Node programs: custom agents, Node versions without proxy variables, workers, child processes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { commandEnvironment, preload } from '../internals.mjs';
import { cleanEnvironment, run } from './run-cli.mjs';

const PRELOAD = fileURLToPath(new URL('../../../pkg/dist/node/preload.cjs', import.meta.url));
const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
/** node program.cjs CASE URL: prints a status. */
const PROGRAM = `
const { createRequire } = require('module');
const far = createRequire(${JSON.stringify(fileURLToPath(new URL('../x.js', import.meta.url)))});
const [, , name, url] = process.argv;
const http = require('http');
const module_ = url.startsWith('https') ? require('https') : http;
const get = (options, request = module_.get) =>
  new Promise((resolve, reject) =>
    request(url, options, (answer) => resolve((answer.resume(), answer.statusCode))).on('error', reject).end());
const worker = (code) => new Promise((resolve, reject) => {
  const { Worker } = require('worker_threads');
  new Worker(code, { eval: true }).on('message', resolve).on('error', reject);
});
const cases = {
  fetch: () => fetch(url).then(({ status }) => status),
  'fetch, a body': () => fetch(url, { method: 'POST', body: 'x'.repeat(1000) }).then(({ status }) => status),
  'http.get': () => get({}),
  'ESM, named import': async () => get({}, (await import(url.startsWith('https') ? 'node:https' : 'node:http')).get),
  'a custom agent': () => get({ agent: new module_.Agent({ keepAlive: true }) }),
  'a custom agent class': () => get({ agent: new (class Own extends module_.Agent {})() }),
  'agent: false': () => get({ agent: false }),
  'fields as an array': () => get({ headers: ['Host', new URL(url).host, 'A', 'b'] }),
  'a WebSocket of ws': () => new Promise((resolve) => {
    const socket = new (far('ws'))(url.replace(/^http/, 'ws'), { rejectUnauthorized: false });
    socket.on('error', ({ message }) => resolve(Number(/\\d+$/.exec(message))));
  }),
  undici: () => far('undici').request(url).then(({ statusCode }) => statusCode),
  axios: () => far('axios').get(url).then(({ status }) => status),
  superagent: () => far('superagent').get(url).then(({ status }) => status),
  'an eval worker': () => worker('fetch(' + JSON.stringify(url) + ').then(({ status }) => require("worker_threads").parentPort.postMessage(status))'),
  'a child': async () => Number(require('child_process').execFileSync(process.execPath, [__filename, 'http.get', url])),
};
cases[name]().then((status) => { console.log(status); process.exit(); }, (error) => { console.error(error); process.exit(1); });
`;
const CASES = [
  ...['fetch', 'fetch, a body', 'http.get', 'ESM, named import', 'a custom agent', 'a custom agent class'],
  ...['agent: false', 'fields as an array', 'a WebSocket of ws', 'undici', 'axios', 'superagent'],
  ...['an eval worker', 'a child'],
];

let folder;
let program;
let proxy;
let secure;
let plain;
let seen;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-preload-'));
  program = join(folder, 'program.cjs');
  writeFileSync(program, PROGRAM);
  proxy = await startServer({ hosts: { 'registry.corp.example': '127.0.0.1' } });
  secure = await startServer({ role: 'none', tls: true });
  plain = createServer((request, response) => {
    seen = request.headers;
    request.resume().on('end', () => response.end('a page'));
  });
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  plain.closeAllConnections();
  plain.close();
  await Promise.all([proxy.close(), secure.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const urlOf = (scheme) =>
  `${scheme}://registry.corp.example:${scheme === 'http' ? plain.address().port : secure.port}/`;
const behind = (name, url, env = {}) =>
  run(['run', '-x', proxy.url, '--', process.execPath, program, name, url], {
    env: { ...ALICE, NODE_TLS_REJECT_UNAUTHORIZED: '0', ...env },
  });

for (const scheme of ['http', 'https']) {
  for (const name of CASES) {
    test(`${name}, ${scheme}:`, async () => {
      const { code, out, err } = await behind(name, urlOf(scheme));
      assert.deepEqual([code, out], [0, '200\n'], err);
      if (scheme === 'http') assert.equal(seen['proxy-authorization'], undefined, 'the origin does not see the secret');
    });
  }
}

test('without run they do not get there, and NO_PROXY is obeyed', async () => {
  const args = [program, 'http.get', urlOf('http')];
  assert.throws(() => execFileSync(process.execPath, args, { env: cleanEnvironment(), stdio: 'pipe' }), /ENOTFOUND/);
  for (const name of ['http.get', 'fetch', 'a custom agent']) {
    for (const entry of ['registry.corp.example', '"*.corp.example"', '.corp.example', 'http://corp.example/', '*']) {
      const { code, err } = await behind(name, urlOf('http'), { NO_PROXY: entry });
      assert.equal(code, 1, `${name} ${entry}`);
      assert.match(err, /ENOTFOUND/);
    }
    const other = { NO_PROXY: 'corp.example:1,10.0.0.0/8,example.com' };
    assert.equal((await behind(name, urlOf('http'), other)).out, '200\n', name);
  }
});

test('NTLM_AGENTS=keep leaves agents of the program alone', async () => {
  const kept = { NTLM_AGENTS: 'keep' };
  assert.match((await behind('a custom agent', urlOf('http'), kept)).err, /ENOTFOUND/);
  assert.equal((await behind('http.get', urlOf('http'), kept)).out, '200\n');
});

test('a tunnel that the proxy refuses is an error of the request, with its status line', async () => {
  const { err } = await behind('a custom agent', urlOf('https'), { NTLM_PASSWORD: 'wrong' });
  assert.match(err, /refused the tunnel to registry\.corp\.example:\d+: HTTP\/1\.1 502 ERR_NTLM_REJECTED/);
});

test('NODE_OPTIONS of the user stay, and the file may lie in a folder with blanks', (t) => {
  const made = commandEnvironment({
    program: ['node'],
    proxy: { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1, secret: undefined, admitsUser: false },
    env: { HOME: folder, PATH: process.env.PATH, NODE_OPTIONS: '--max-old-space-size=200', TMPDIR: folder },
  });
  t.after(made.remove);
  assert.match(made.env.NODE_OPTIONS, /^--max-old-space-size=200 --require="(.*preload\.cjs)"$/);
  const copy = join(folder, 'a "b\\c.cjs');
  writeFileSync(copy, 'console.log("loaded")');
  const env = { ...cleanEnvironment(), NODE_OPTIONS: `--require="${copy.replace(/[\\"]/g, '\\$&')}"` };
  assert.equal(String(execFileSync(process.execPath, ['-e', ''], { env })), 'loaded\n');
});

test('the script depends on nothing: its text alone, and the file of the package, load in a bare Node', () => {
  const alone = join(folder, 'alone.cjs');
  writeFileSync(alone, `(${String(preload)})(require);\n`);
  for (const file of [alone, PRELOAD]) {
    const source = 'console.log(require("http").Agent.prototype.createConnection === require("net").createConnection)';
    const args = ['--require', file, '-e', source];
    assert.equal(String(execFileSync(process.execPath, args, { env: cleanEnvironment() })), 'false\n');
  }
});
