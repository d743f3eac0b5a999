// The package and the addon's package, packed and installed as a consumer does: single sign-on works from everywhere.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lab, ca } from '../interop/lib/lab.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { Consumer } from '../packaging/consumer.mjs';
import { addonPackage, behindProxy, byName, environment, execute, scratchFolder, ticketOf } from './lib/sso.mjs';

const folder = scratchFolder(after);
const manifest = JSON.parse(readFileSync(join(addonPackage, 'package.json'), 'utf8'));
const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
const tarball = join(folder, execute('npm', pack, { cwd: addonPackage }).trim().split('\n').at(-1));
const consumer = new Consumer({ [manifest.name]: tarball });
after(() => consumer.remove());

const env = environment({ ticket: ticketOf('alice', folder) });
delete env.NTLM_ADDON;
const command = join(consumer.dir, 'node_modules', '.bin', 'ntlm-wasm');
const proxy = byName(lab.proxies.negotiate.url);
const url = behindProxy(`${lab.origins.apache.https}/1k.bin`);
const BODY = `
  const options = ${JSON.stringify({ proxy, credentials: 'system', tls: { ca: ca.toString() } })};
  createFetch(options)(${JSON.stringify(url)}).then(async (response) => {
    console.log(response.status, (await response.arrayBuffer()).byteLength);
    process.exit();
  });`;
const module = consumer.write(
  'app.mjs',
  `import { createFetch } from 'ntlm-wasm/node'; import process from 'node:process'; ${BODY}`,
);
const common = consumer.write('app.cjs', `const { createFetch } = require('ntlm-wasm/node'); ${BODY}`);

test('the addon: nothing runs at installation, and it says where it fits', () => {
  assert.equal(manifest.scripts, undefined);
  assert.deepEqual([manifest.os, manifest.cpu, manifest.libc], [['linux'], [process.arch], ['glibc']]);
  assert.ok(existsSync(join(consumer.dir, 'node_modules', manifest.name, 'ntlm-wasm.node')));
});

for (const { name, command, args } of RUNTIMES) {
  test(`${name}: an ES module`, () => {
    assert.equal(execute(command, [...args, module], { cwd: consumer.dir, env }), '200 1024\n');
  });
}

test('CommonJS', () => {
  assert.equal(execute(process.execPath, [common], { cwd: consumer.dir, env }), '200 1024\n');
});

test('the command: --sso, and the default if no user name is given', () => {
  const file = join(folder, 'page');
  for (const sso of [['--sso'], []]) {
    execute(command, ['fetch', ...sso, '--ca', lab.ca, '--proxy', proxy, '-o', file, url], { cwd: consumer.dir, env });
    assert.equal(statSync(file).size, 1024);
    rmSync(file);
  }
});

test('run: a program that knows nothing of tickets goes through the proxy', () => {
  const page = behindProxy(`${lab.origins.apache.http}/1k.bin`);
  const args = ['run', '--proxy', proxy, '--', 'curl', '-sS', '--fail', page];
  assert.equal(execute(command, args, { cwd: consumer.dir, env }).length, 1024);
});

test('register', () => {
  const file = consumer.write('fetch.mjs', `console.log((await fetch(process.argv[2])).status); process.exit();`);
  const setup = consumer.write(
    'setup.mjs',
    `import { register } from 'ntlm-wasm/node'; register(${JSON.stringify({ proxy, credentials: 'system' })});`,
  );
  const page = behindProxy(`${lab.origins.apache.http}/1k.bin`);
  assert.equal(execute(process.execPath, ['--import', setup, file, page], { cwd: consumer.dir, env }), '200\n');
});
