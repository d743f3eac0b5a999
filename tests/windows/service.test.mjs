// The scheduled task of "ntlm-wasm service", as Task Scheduler's own program takes it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceManager } from '../js/internals.mjs';
import { runWindows, windowsPath } from './lib/programs.mjs';

const TASK = 'ntlm-wasm test';

test('schtasks creates the task from its XML, and deletes it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-task-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const create = async (content) => {
    const path = join(folder, 'task.xml');
    writeFileSync(path, content);
    return (await runWindows('schtasks', ['/Create', '/F', '/XML', windowsPath(path), '/TN', TASK])).code;
  };
  const env = { LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local', USERDOMAIN: 'CORP', USERNAME: 'a&b' };
  const program = ['C:\\Program Files\\nodejs\\node.exe', 'C:\\ntlm-wasm\\main.js'];
  const { file } = serviceManager({ program, args: ['proxy', '--stored-secret'], env }, 'win32');
  assert.equal(await create(file.content), 0);
  assert.equal((await runWindows('schtasks', ['/Delete', '/F', '/TN', TASK])).code, 0);
  const text = file.content.toString('utf16le');
  assert.notEqual(await create(Buffer.from(text.replace('02/mit/task', '02/other'), 'utf16le')), 0, 'another format');
});
