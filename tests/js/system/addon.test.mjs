/** Where the addon is looked for, and what is said when it is not there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findAddon, loadAddon } from '../internals.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ntlm-addon-'));
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => delete process.env.NTLM_ADDON);

function addonFile(name, text) {
  process.env.NTLM_ADDON = join(folder, name);
  writeFileSync(process.env.NTLM_ADDON, text);
}

// The order matters: what was loaded once stays.
test('without it the error names each attempt, its reason, and what to do', () => {
  assert.throws(loadAddon, (error) => {
    assert.equal(error.code, 'ERR_NTLM_SSO_UNAVAILABLE');
    assert.match(error.message, new RegExp(`ntlm-wasm-${process.platform}-${process.arch}.*: it is not installed`));
    assert.match(error.advice, /--include=optional/);
    return true;
  });
  if (process.platform === 'linux') {
    const names = findAddon().attempts.map(({ tried }) => tried);
    assert.deepEqual(names.map((name) => name.split('-').at(-1)).sort(), ['gnu', 'musl']);
  }
});

test('a file that is named and is not there', () => {
  process.env.NTLM_ADDON = join(folder, 'missing.node');
  const [first, ...packages] = findAddon().attempts;
  assert.equal(first.tried, `NTLM_ADDON=${process.env.NTLM_ADDON}`);
  assert.equal(first.reason, 'it is not installed');
  assert.ok(packages.length > 0);
});

test('a file that is no addon, or another project’s addon', () => {
  addonFile('text.node', 'no machine code');
  assert.match(findAddon().attempts[0].reason, /./);
  addonFile('other.cjs', 'module.exports = { add: () => 3 }');
  assert.equal(findAddon().attempts[0].reason, 'it is no addon of ntlm-wasm');
});

test('an addon of another version is refused', () => {
  addonFile('old.cjs', 'module.exports = { version: "0.0.1", HttpAuthenticator: class {}, survey() {} }');
  assert.match(findAddon().attempts[0].reason, /^it has version 0\.0\.1, and \d+\.\d+\.\d+ is needed$/);
});

test('the right one is loaded', () => {
  process.env.NTLM_ADDON = fileURLToPath(new URL('stand-in.cjs', import.meta.url));
  assert.deepEqual(loadAddon().alive(), { contexts: 0, credentials: 0 });
});
