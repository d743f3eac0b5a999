// Builds an executable of the command for the current platform from the single file. Requires Node.js 26 (--build-sea).
//
//     node xtask/src/executable.mjs [pkg/ntlm-wasm.cjs] [pkg/executables]
//
// On macOS the executable gets an ad-hoc signature; a release signs it again.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const [file = 'pkg/ntlm-wasm.cjs', folder = 'pkg/executables'] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 26) {
  throw new Error(`Node.js 26 or newer is needed, and this is ${process.version}`);
}

mkdirSync(folder, { recursive: true });
const windows = process.platform === 'win32';
const output = resolve(folder, `ntlm-wasm-${process.platform}-${process.arch}${windows ? '.exe' : ''}`);
const config = join(folder, 'sea.json');
writeFileSync(
  config,
  JSON.stringify({ main: resolve(file), output, disableExperimentalSEAWarning: true, useCodeCache: true }),
);
rmSync(output, { force: true });
execFileSync(process.execPath, ['--build-sea', config], { stdio: 'inherit' });
rmSync(config);
if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', '--force', output], { stdio: 'inherit' });
const digest = createHash('sha256').update(readFileSync(output)).digest('hex');
writeFileSync(`${output}.sha256`, `${digest}  ${basename(output)}\n`);
console.log(output);
