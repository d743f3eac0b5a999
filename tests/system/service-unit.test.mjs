import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MAIN } from './desktop.mjs';
import { serviceManager } from '../js/internals.mjs';

test('systemd takes the unit, hardened and plain, without a remark', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-unit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = [process.execPath, MAIN];
  const manager = serviceManager({ program, args: ['proxy', '--stored-secret'], env: { HOME: folder } }, 'linux');
  for (const { content } of [manager.file, manager.plain]) {
    const file = join(folder, 'ntlm-wasm.service');
    writeFileSync(file, content);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', file], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
    });
    const remarks = stderr.split('\n').filter((line) => line.includes('ntlm-wasm'));
    assert.deepEqual(remarks, []);
    assert.equal(status, 0, stderr);
  }
});

test('the hardened unit leaves little: systemd-analyze security', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-unit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { file } = serviceManager({ program: ['/usr/bin/node', '/x'], args: [], env: { HOME: folder } }, 'linux');
  const path = join(folder, 'ntlm-wasm.service');
  writeFileSync(path, file.content);
  const out = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', path], { encoding: 'utf8' });
  const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(out)?.[1]);
  assert.ok(exposure <= 2.5, `exposure ${exposure}`);
});
