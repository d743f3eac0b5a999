// The executable of the command: built from the one file by Node 26, run in an empty folder.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here('../../pkg/package.json'), 'utf8'));

test('the executable of this system: version, tokens, a PAC file, a command behind the proxy', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-executable-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const script = [here('../../xtask/src/executable.mjs'), here('../../pkg/ntlm-wasm.cjs'), folder];
  const node = here('node_modules/node-26/bin/node');
  const [program] = execFileSync(node, script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
    .slice(-1);
  const run = (...args) =>
    execFileSync(program, args, { cwd: folder, env: { PATH: process.env.PATH }, encoding: 'utf8' });
  assert.equal(run('--version'), `${version}\n`);
  assert.match(run('decode', 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw=='), /NEGOTIATE/);
  writeFileSync(
    join(folder, 'p.pac'),
    `function FindProxyForURL(url, host) { return isResolvable(host) ? "DIRECT" : "PROXY x:1"; }`,
  );
  const told = run(
    'run',
    '--proxy',
    join(folder, 'p.pac'),
    '--',
    process.execPath,
    '-p',
    'new URL(process.env.HTTP_PROXY).hostname',
  );
  assert.equal(told, '127.0.0.1\n');
});
