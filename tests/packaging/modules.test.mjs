// The packed package, loaded by import and by require().

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Consumer, smokeFile, vectorsFile } from './consumer.mjs';

const consumer = new Consumer();
after(() => consumer.remove());

const installed = join(consumer.dir, 'node_modules', 'ntlm-wasm');
const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const smoke = JSON.stringify(pathToFileURL(smokeFile).href);
const vectors = JSON.stringify(vectorsFile);

test('ESM import', () => {
  const file = consumer.write(
    'esm.mjs',
    `import * as ntlm from 'ntlm-wasm';
     import { startServer } from 'ntlm-wasm/node';
     import { readFileSync } from 'node:fs';
     import { checkMsNlmp } from ${smoke};
     console.log(checkMsNlmp(ntlm, JSON.parse(readFileSync(${vectors}, 'utf8'))), typeof startServer);`,
  );
  assert.match(consumer.node(file), /^MS-NLMP 4\.2\.4: .* function\n$/);
});

test('require() of every entry, without a warning; errors of both forms know each other', () => {
  const file = consumer.write(
    'common.cjs',
    `const { NtlmError } = require('ntlm-wasm');
     const node = require('ntlm-wasm/node');
     process.on('warning', (warning) => { throw warning; });
     import('ntlm-wasm').then((esm) => console.log(new esm.NtlmError('A', 'b') instanceof node.NtlmError, typeof node.startServer));`,
  );
  assert.equal(consumer.node(file), 'true function\n');
});

test('register is loaded by --import and by --require', () => {
  const file = consumer.write(
    'app.mjs',
    `console.log(typeof fetch, Object.hasOwn(globalThis, Symbol.for('undici.globalDispatcher.1')))`,
  );
  assert.equal(consumer.node(file), 'function false\n');
  assert.equal(consumer.node('--import', 'ntlm-wasm/register', file), 'function true\n');
  assert.equal(consumer.node('--require', 'ntlm-wasm/register', file), 'function true\n');
});

test('the command is installed and prints its version', () => {
  const command = join(consumer.dir, 'node_modules', '.bin', 'ntlm-wasm');
  assert.equal(consumer.run(command, ['--version']).trim(), manifest.version);
});

test('package.json: everything it names is there, nothing runs at installation, nothing of the developers', () => {
  const { exports, bin } = manifest;
  const paths = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(paths));
  const files = [manifest.main, manifest.types, ...paths(exports)];
  assert.ok(files.length > 15);
  for (const file of [...files, ...Object.values(bin)])
    assert.ok(existsSync(join(installed, file)), `${file} is missing`);
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.devDependencies, undefined);
  for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'CHANGELOG.md']) {
    assert.ok(existsSync(join(installed, file)), `${file} is missing`);
  }
});

test('a source map leads to sources that are in the package', () => {
  const map = JSON.parse(readFileSync(join(installed, 'dist', 'node', 'network.js.map'), 'utf8'));
  // What was generated has no source there.
  const sources = map.sources.filter((source) => source !== null);
  assert.ok(sources.length > 40);
  for (const source of sources) assert.ok(existsSync(join(installed, 'dist', 'node', source)), source);
});

test('each class is in one file of a form, so that the entries share their state', () => {
  const files = readdirSync(join(installed, 'dist'), { recursive: true }).filter((name) => /\.c?js$/.test(name));
  for (const extension of ['.js', '.cjs']) {
    const texts = files
      .filter((name) => name.endsWith(extension) && name !== 'web.js')
      .map((name) => readFileSync(join(installed, 'dist', name), 'utf8'));
    for (const name of ['NtlmError', 'Connection', 'NtlmAgent', 'NtlmServer', 'Connector']) {
      const definition = new RegExp(`\\b(${name} = class|class ${name})\\b`);
      assert.equal(texts.filter((text) => definition.test(text)).length, 1, `${name} in ${extension}`);
    }
  }
});
