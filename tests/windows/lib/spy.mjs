// The addon with a secur32.dll in the system's place that writes down what it is asked.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonFor } from './addons.mjs';
import { library, NODES, runWindows, windowsPath } from './programs.mjs';

const DIALOGUE = fileURLToPath(new URL('../clients/dialogue.cjs', import.meta.url));

/** Leads the dialogues, and returns what each of them asked SSPI for, and what came of it. */
export async function spiedOn(dialogues) {
  const folder = mkdtempSync(join(tmpdir(), 'sspi-'));
  try {
    const [addonFile, log] = ['ntlm-wasm.node', 'log'].map((name) => join(folder, name));
    copyFileSync(addonFor('win32-x64'), addonFile);
    copyFileSync(library('secur32.dll'), join(folder, 'secur32.dll'));
    const { stdout, stderr } = await runWindows(NODES[1].command, [DIALOGUE], {
      input: JSON.stringify({ addonFile: windowsPath(addonFile), dialogues }),
      env: { NTLM_SSPI_LOG: windowsPath(log), WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=;secur32=n' },
    });
    assert.ok(stdout.startsWith('{'), stdout + stderr);
    const calls = {};
    let current;
    for (const line of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
      const { dialogue, ...entry } = JSON.parse(line);
      if (dialogue === undefined) current.push(entry);
      else current = calls[dialogue] = [];
    }
    return { calls, ...JSON.parse(stdout) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
