// An empty folder with nothing but the packed package in it, as a consumer has it.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const windows = process.platform === 'win32';

/** Where the tools of the package's own build are: the compiler, the bundler, the types of Node. */
export const tools = join(root, 'pkg-template', 'node_modules');

export const vectorsFile = join(root, 'tests', 'vectors', 'ms-nlmp.json');
export const smokeFile = join(root, 'tests', 'smoke', 'ms-nlmp.mjs');

/** The tarball that `npm publish` would send. */
export function tarball() {
  const names = readdirSync(join(root, 'pkg')).filter((name) => name.endsWith('.tgz'));
  if (names.length !== 1)
    throw new Error(`expected one tarball in pkg/, found ${names.length}: run \`cargo xtask build\``);
  return join(root, 'pkg', names[0]);
}

/** The addons that the package may want, by their package's names. */
function addonNames() {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, 'pkg', 'package.json'), 'utf8'));
  return Object.keys(optionalDependencies);
}

/** A folder with nothing in it. */
export class Folder {
  dir = mkdtempSync(join(tmpdir(), 'ntlm-wasm-consumer-'));

  write(name, text) {
    const file = join(this.dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Installs one of the build's tools or type packages next to the package. */
  link(name, from = tools) {
    const link = join(this.dir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(join(from, name), link, 'junction');
  }

  /** Runs a program here and returns what it wrote to standard output; if it fails, the error holds the rest. */
  run(program, args) {
    const env = { ...process.env, NO_COLOR: '1' };
    const options = { cwd: this.dir, env, encoding: 'utf8', shell: windows, timeout: 100_000 };
    const result = spawnSync(program, args, options);
    if (result.status !== 0) {
      const told = [result.error?.message, result.stdout, result.stderr].filter(Boolean).join('\n');
      throw new Error(`${[program, ...args].join(' ')} ended with ${result.status ?? result.signal}\n${told}`);
    }
    return result.stdout;
  }

  node(...args) {
    return this.run(process.execPath, args);
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export class Consumer extends Folder {
  /** @param {Record<string, string>} addons tarballs of addons by package name; all others are missing */
  constructor(addons = {}) {
    super();
    // Never those of a registry: what counts is what was built here.
    const missing = addonNames().filter((name) => addons[name] === undefined);
    const overrides = Object.fromEntries(missing.map((name) => [name, 'file:./missing']));
    this.write('package.json', JSON.stringify({ private: true, overrides }));
    this.run('npm', [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      tarball(),
      ...Object.values(addons),
    ]);
    for (const name of missing) {
      rmSync(join(this.dir, 'node_modules', name), { force: true });
    }
  }

  /** What `npx ntlm-wasm` runs. */
  get command() {
    return join(this.dir, 'node_modules', '.bin', windows ? 'ntlm-wasm.cmd' : 'ntlm-wasm');
  }
}
