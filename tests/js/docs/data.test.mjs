/** The configuration files and other data of the pages are valid, and no block is of a language that no test knows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfiguration } from '../internals.mjs';
import { blocks, inline, root } from './pages.mjs';

/** Which test runs or reads the blocks of a language. */
const CHECKED_BY = {
  js: 'examples.test.mjs and types.test.mjs',
  ts: 'examples.test.mjs and types.test.mjs',
  sh: 'shell.test.mjs and commands.test.mjs',
  powershell: 'commands.test.mjs: the command lines only, there is no PowerShell on the machines of the tests',
  bat: 'commands.test.mjs: the command lines only',
  toml: 'this file',
  json: 'this file',
  rust: 'cargo test: src/lib.rs includes the README of the crate; other pages repeat it',
  '': 'commands.test.mjs: the configuration of ssh',
  text: 'decode.test.mjs: a line of output',
};

const isManifest = (code) => code.startsWith('[dependencies]');

test('each block is of a language that a test checks', () => {
  assert.deepEqual(
    [...new Set(blocks.map(({ language }) => language))].filter((one) => !(one in CHECKED_BY)),
    [],
  );
  const [tested, ...others] = blocks
    .filter(({ language }) => language === 'rust')
    .sort((a, b) => (a.path < b.path ? 1 : -1));
  for (const { id, code } of others) assert.equal(code, tested.code.replace(/^# .*\n/gm, ''), `${id} is ${tested.id}`);
  assert.match(readFileSync(join(root, 'src/lib.rs'), 'utf8'), /include_str!\("README\.md"\)/);
});

test('the configuration file of the pages is one', async () => {
  const files = blocks.filter(({ language, code }) => language === 'toml' && !isManifest(code));
  assert.ok(files.length > 0);
  for (const { id, code } of files) await assert.doesNotReject(parseConfiguration(code, 'config.toml'), id);
});

test('keys of the configuration file in sentences and tables exist', async () => {
  const keys = inline.filter(({ code }) => /^[a-z-]+ = (?:'|"|\[|true|false|\d)/.test(code));
  const names = new Set(['auth', 'client_auth']); // of px
  const own = keys.filter(({ code }) => !names.has(code.split(' ')[0]));
  assert.ok(own.length > 5);
  for (const { path, code } of own) {
    await assert.doesNotReject(parseConfiguration(code, 'config.toml'), `${path}: ${code}`);
  }
});

test('the JSON of the pages is JSON', () => {
  const texts = blocks.filter(({ language }) => language === 'json');
  assert.ok(texts.length > 1);
  for (const { id, code } of texts) assert.doesNotThrow(() => JSON.parse(code), id);
});

test('the pages about the crate name the version and the features of Cargo.toml', () => {
  const manifest = readFileSync(join(root, 'Cargo.toml'), 'utf8');
  const [, version] = /^version = "(\d+\.\d+)\.\d+"$/m.exec(manifest);
  const manifests = blocks.filter(({ language, code }) => language === 'toml' && isManifest(code));
  assert.deepEqual(
    manifests.map(({ path }) => path),
    ['src/README.md', 'pkg-template/docs/rust.md'],
  );
  for (const { id, code } of manifests) assert.ok(code.includes(`ntlm-wasm = "${version}"`), id);
  const page = readFileSync(join(root, 'src/README.md'), 'utf8').split('## Features')[1];
  const named = [...page.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, cell]) => cell.match(/[a-z-]+/g));
  const features = manifest.split('[features]\n')[1].split('\n[')[0];
  const defined = [...features.matchAll(/^([a-z-]+) = /gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'default');
  assert.deepEqual(
    named.filter((name) => !defined.includes(name)),
    [],
  );
});
