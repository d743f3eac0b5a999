// The whole command in one file, alone in an empty folder.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demoAccount, startServer } from 'ntlm-wasm/node';

const built = fileURLToPath(new URL('../../pkg/ntlm-wasm.cjs', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../../pkg/package.json', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-one-file-'));
const file = join(folder, 'ntlm-wasm.cjs');
copyFileSync(built, file);
let server;
let origin;
before(async () => {
  server = await startServer();
  origin = await startServer({ role: 'none' });
});
after(async () => {
  await Promise.all([server.close(), origin.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it in another folder than its own, with no settings of this machine. */
async function run(args, { env = {}, input = '' } = {}) {
  const { PATH, SystemRoot, HOME } = process.env;
  const child = spawn(process.execPath, [file, ...args], { cwd: tmpdir(), env: { PATH, SystemRoot, HOME, ...env } });
  const text = (stream) => stream.setEncoding('utf8').toArray();
  child.stdin.end(input);
  const exited = new Promise((resolve) => child.once('close', resolve));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { out: out.join(''), err: err.join(''), status };
}

const account = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };

test('it begins with its version and its licence, and the file next to it has its SHA-256', () => {
  const text = readFileSync(built, 'utf8');
  assert.ok(text.startsWith(`#!/usr/bin/env node\n/*! ntlm-wasm ${version},`));
  assert.match(text.slice(0, 400), /MIT OR Apache-2\.0/);
  const digest = createHash('sha256').update(text).digest('hex');
  assert.equal(readFileSync(`${built}.sha256`, 'utf8'), `${digest}  ntlm-wasm.cjs\n`);
});

test('tokens and the decoder', async () => {
  assert.deepEqual(await run(['--version']), { out: `${version}\n`, err: '', status: 0 });
  assert.match((await run(['hash'], { input: 'password\n' })).out, /^[0-9a-f]{32}\n$/);
  const token = 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==';
  assert.match((await run(['decode', token])).out, /NEGOTIATE/);
});

test('through the proxy, named by its URL or by a PAC file: fetch, run', async () => {
  const page = `${origin.url}/`;
  const fetched = await run(['fetch', '--proxy', server.url, page], { env: account });
  assert.deepEqual([fetched.status, fetched.err], [0, '']);
  const pac = join(folder, 'proxy.pac');
  writeFileSync(
    pac,
    `function FindProxyForURL(url, host) { return isPlainHostName(host) ? "DIRECT" : "PROXY ${new URL(server.url).host}"; }`,
  );
  const byPac = await run(['fetch', '--proxy', pac, page], { env: account });
  assert.deepEqual([byPac.status, byPac.err, byPac.out], [0, '', fetched.out]);
  const program = `console.log(new URL(process.env.HTTP_PROXY).hostname); process.exit(7);`;
  const ran = await run(['run', '--proxy', server.url, '--', process.execPath, '-e', program], { env: account });
  assert.deepEqual([ran.status, ran.out], [7, '127.0.0.1\n']);
});

test('the addon is looked for next to the file', async () => {
  const names = process.platform === 'linux' ? ['gnu', 'musl'].map((libc) => `-${libc}`) : [''];
  const addons = names.map((libc) => join(folder, `ntlm-wasm-${process.platform}-${process.arch}${libc}.node`));
  for (const addon of addons) writeFileSync(addon, 'not an addon');
  const { status, err } = await run(['fetch', '--sso', '--proxy', server.url, `${server.url}/`]);
  for (const addon of addons) rmSync(addon);
  assert.notEqual(status, 0);
  assert.ok(err.includes(addons[0]), err);
});

test('what needs the npm package says so', async () => {
  const { status, err } = await run(['register-path']);
  assert.equal(status, 1);
  assert.match(err, /npm install -g ntlm-wasm/);
});

test('the npm package prints an address that works in every folder', () => {
  const command = fileURLToPath(new URL('../../pkg/dist/node/cli/main.js', import.meta.url));
  const address = spawnSync(process.execPath, [command, 'register-path'], { encoding: 'utf8' }).stdout.trim();
  assert.match(address, /^file:\/\/\/.*register\.c?js$/);
  const program = `console.log(Object.hasOwn(globalThis, Symbol.for('undici.globalDispatcher.1')))`;
  const env = { ...process.env, NODE_OPTIONS: `--import ${address}` };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: folder, env, encoding: 'utf8' });
  assert.deepEqual([stdout, stderr], ['true\n', '']);
});
