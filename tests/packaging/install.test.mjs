// The tarball as users install it: an empty folder, no lock file, the registry of today, and with no registry in reach.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tarball } from './consumer.mjs';
import { startRegistry } from './registry.mjs';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'ntlm-wasm-install-'));
const linux = process.platform === 'linux' && process.arch === 'x64';
const script = (...path) => [process.execPath, join(modules, ...path)];
/** Accepts connections and never answers. */
const silent = createServer(() => {});
let registry;

before(async () => {
  registry = await startRegistry(tarball());
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  silent.close();
  await registry.close();
  rmSync(home, { recursive: true, force: true });
});

function run([program, ...args], cwd, env = {}) {
  // Without the settings of the npm that runs these tests.
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry)/i.test(name)),
  );
  const shell = process.platform === 'win32' && program === 'npm';
  const child = spawn(program, args, { cwd, env: { ...own, CI: 'true', ...env }, shell, timeout: 100_000 });
  const text = (stream) => stream.setEncoding('utf8').toArray();
  const exited = new Promise((resolve) => child.once('close', resolve));
  return Promise.all([text(child.stdout), text(child.stderr), exited]).then(([out, err, status]) => {
    assert.equal(status, 0, `${[program, ...args].join(' ')}\n${out.join('')}${err.join('')}`);
    return out.join('');
  });
}

function emptyFolder(name, manifest = { name: 'user', version: '1.0.0', private: true }) {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  if (manifest !== undefined) writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

const installed = (folder) => readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
const PROGRAM = `const { NtlmError } = require('ntlm-wasm'); const { createFetch } = require('ntlm-wasm/node');
  import('ntlm-wasm/node').then((node) => console.log(typeof createFetch, node.NtlmError.name, NtlmError.name));`;

/** @type {[string, string[]][]} */
const installers = [
  ['npm 9', [...script('npm9', 'bin', 'npm-cli.js'), 'install', tarball()]],
  ['npm 10', [...script('npm10', 'bin', 'npm-cli.js'), 'install', tarball()]],
  ['npm 11', [...script('npm11', 'bin', 'npm-cli.js'), 'install', tarball()]],
  ['pnpm', [...script('pnpm', 'bin', 'pnpm.cjs'), 'add', tarball()]],
  [
    'yarn 1',
    [...script('yarn1', 'bin', 'yarn.js'), 'add', '--no-lockfile', '--cache-folder', join(home, 'yarn1'), tarball()],
  ],
  ['yarn 4', [...script('@yarnpkg', 'cli-dist', 'bin', 'yarn.js'), 'add', `ntlm-wasm@${tarball()}`]],
  ...(linux ? [['bun', [join(modules, '@oven', 'bun-linux-x64-baseline', 'bin', 'bun'), 'add', tarball()]]] : []),
];

for (const [name, command] of installers) {
  test(`${name}: from the tarball, in an empty folder`, async () => {
    const folder = emptyFolder(name.replace(' ', '-'));
    const env = { YARN_NODE_LINKER: 'node-modules', YARN_ENABLE_GLOBAL_CACHE: 'false', YARN_ENABLE_TELEMETRY: '0' };
    await run(command, folder, env);
    assert.deepEqual(installed(folder), ['ntlm-wasm']);
    assert.equal(await run([process.execPath, '-e', PROGRAM], folder), 'function NtlmError NtlmError\n');
  });
}

test('deno: from a registry', { skip: !linux && 'the program is for Linux x64' }, async () => {
  const deno = join(modules, '@deno', 'linux-x64-glibc', 'deno');
  const folder = emptyFolder('deno', { private: true, dependencies: { 'ntlm-wasm': '*' } });
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { createFetch } from 'ntlm-wasm/node'; console.log(typeof createFetch);`,
  );
  const env = { NPM_CONFIG_REGISTRY: registry.url, DENO_DIR: join(home, 'deno-cache') };
  await run([deno, 'install', '--node-modules-dir=auto'], folder, env);
  assert.deepEqual(installed(folder), ['ntlm-wasm']);
  assert.equal(await run([deno, 'run', '-A', 'main.mjs'], folder, env), 'function\n');
});

test('with no registry in reach, and with one that never answers', async () => {
  const npm = script('npm11', 'bin', 'npm-cli.js');
  const { port } = silent.address();
  for (const [name, url] of [
    ['closed', 'http://127.0.0.1:1'],
    ['silent', `http://127.0.0.1:${port}`],
  ]) {
    const folder = emptyFolder(name);
    await run([...npm, 'install', '--registry', url, '--cache', join(home, `cache-${name}`), tarball()], folder);
    const tree = await run([...npm, 'ls', '--all', '--parseable'], folder);
    assert.equal(tree.trim().split('\n').length, 2, tree);
  }
});

test('npx, and an installation for all users, from a registry', async () => {
  const npm = script('npm11', 'bin', 'npm-cli.js');
  const env = { npm_config_registry: registry.url, npm_config_cache: join(home, 'npx-cache') };
  const version = await run([...npm, 'exec', '--yes', '--', 'ntlm-wasm', '--version'], emptyFolder('npx'), env);
  assert.match(version, /^\d+\.\d+\.\d+\n$/);
  const prefix = join(home, 'global');
  await run([...npm, 'install', '--global', '--prefix', prefix, 'ntlm-wasm'], emptyFolder('all-users'), env);
  const command = join(prefix, ...(process.platform === 'win32' ? ['ntlm-wasm.cmd'] : ['bin', 'ntlm-wasm']));
  assert.equal(await run([command, '--version'], home), version);
});
