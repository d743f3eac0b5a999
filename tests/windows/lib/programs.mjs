// Windows programs, run by Wine with the prefix of these tests.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WINE = '/usr/lib/wine/wine64';
const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const cache = here('../.cache/windows');
export const library = (name) => join(cache, 'libraries', name);

/** Unix paths as Windows programs see them: Wine shows the root as drive Z. */
export const windowsPath = (path) => `Z:${path.replaceAll('/', '\\')}`;

export const NODES = [
  { name: 'node.exe 20', command: here('node_modules/node-win-20/bin/node.exe'), args: [] },
  { name: 'node.exe 22', command: here('node_modules/node-win-22/bin/node.exe'), args: [] },
];
export const BUN = { name: 'bun.exe', command: here('node_modules/@oven/bun-windows-x64/bin/bun.exe'), args: ['run'] };

const prefix = Object.fromEntries(
  execFileSync(here('wine'), ['env'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => /^export (\w+)='(.*)'$/.exec(line).slice(1)),
);

/**
 * Runs a Windows program to its end. Node's streams are files: under Wine it does not understand pipes that come from
 * outside. The rest of `options` is as for `spawn`; a DISPLAY is passed on only if it is in `env`.
 */
export async function runWindows(command, args, { env = {}, input = '', seconds = 110, ...options } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'windows-'));
  const file = (name) => join(folder, name);
  writeFileSync(file('stdin'), input);
  const streams = ['stdin', 'stdout', 'stderr'].map((name) => openSync(file(name), name === 'stdin' ? 'r' : 'w'));
  const { DISPLAY, ...inherited } = process.env;
  try {
    const child = spawn(WINE, [command, ...args], {
      ...options,
      env: { ...inherited, ...prefix, ...env },
      stdio: streams,
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    const [code, signal] = await new Promise((resolve, reject) => {
      child.on('error', reject).on('close', (...end) => resolve(end));
    });
    const read = (name) => readFileSync(file(name), 'utf8').replaceAll('\r\n', '\n');
    const [stdout, stderr] = [read('stdout'), read('stderr')];
    if (signal) throw new Error(`${command} was ended by ${signal} after ${seconds} s at the most\n${stdout}${stderr}`);
    return { code, stdout, stderr };
  } finally {
    streams.forEach(closeSync);
    rmSync(folder, { recursive: true });
  }
}
