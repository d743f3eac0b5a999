// Programs that know no NTLM, behind Squid that lets nobody out without it: `ntlm-wasm run -- PROGRAM`.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { startRegistry } from './lib/registry.mjs';
import { runProgram } from './lib/run-program.mjs';
import { RUNTIMES } from './lib/runtimes.mjs';

const TABLE = 'ntlm-wasm run, behind Squid';
const { bob } = lab.users;
const CLI = fileURLToPath(new URL('node/cli/main.js', import.meta.resolve('ntlm-wasm')));
const runtime = (wanted) => RUNTIMES.find(({ name }) => name === wanted).command;
const script = (path) => [process.execPath, fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))];

let registry;
before(async () => {
  registry = await startRegistry();
});
after(() => registry.close());

/** What each program is asked to do in an empty folder, and the file that then is there. */
const INSTALLED = 'node_modules/tiny/package.json';
const PROGRAMS = {
  curl: (origin) => ({ command: ['curl', '-sSf', '-o', 'page', `${origin}/`], makes: 'page' }),
  git: (origin) => ({ command: ['git', 'clone', '-q', `${origin}/repository.git`, 'clone'], makes: 'clone/.git/HEAD' }),
  npm: (origin) => ({
    command: ['npm', 'install', '--no-audit', '--no-fund', '--fetch-retries=0', `--registry=${origin}/npm/`, 'tiny'],
    makes: INSTALLED,
  }),
  pnpm: (origin) => ({
    command: [...script('pnpm/bin/pnpm.cjs'), 'add', `--registry=${origin}/npm/`, '--config.fetch-retries=0', 'tiny'],
    makes: INSTALLED,
  }),
  yarn: (origin) => ({
    command: [...script('yarn/bin/yarn.js'), 'add', '--silent', `--registry=${origin}/npm/`, 'tiny'],
    makes: INSTALLED,
  }),
  bun: (origin) => ({
    command: [runtime('Bun'), 'add', '--no-progress', `--registry=${origin}/npm/`, 'tiny'],
    makes: INSTALLED,
  }),
  deno: (origin) => ({
    files: { 'package.json': '{"dependencies":{"tiny":"1"}}', '.npmrc': `registry=${origin}/npm/\n` },
    command: [runtime('Deno'), 'install', '--quiet'],
    makes: INSTALLED,
  }),
  pip: (origin) => ({
    command: [
      ...[lab.python, '-m', 'pip', 'download', '-q', '--no-deps', '--no-build-isolation', '--retries=0'],
      ...['--disable-pip-version-check', '--trusted-host=www.corp.example', `--index-url=${origin}/python/`, 'tiny'],
    ],
    makes: 'tiny-1.0.0.tar.gz',
  }),
  cargo: (origin) => ({
    files: {
      'Cargo.toml': '[package]\nname = "user"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\ntiny = "1"\n',
      'src/lib.rs': '',
      '.cargo/config.toml': `[source.crates-io]\nreplace-with = "lab"\n[source.lab]\nregistry = "sparse+${origin}/cargo/"\n[net]\nretry = 0\n`,
    },
    command: ['cargo', 'fetch', '-q'],
    makes: 'Cargo.lock',
  }),
};

// With HOME elsewhere, rustup's cargo must be told where its toolchains are.
const RUSTUP_HOME = process.env.RUSTUP_HOME ?? join(homedir(), '.rustup');
const asBob = { NTLM_USERNAME: bob.down_level, NTLM_PASSWORD: bob.password };
const behindProxy = { HTTP_PROXY: lab.proxies.both.url, HTTPS_PROXY: lab.proxies.both.url, NO_PROXY: '' };
const lowerCase = (env) => Object.fromEntries(Object.entries(env).map(([name, value]) => [name.toLowerCase(), value]));

/** @returns the program's complaint, or undefined when what was asked for is there */
async function run({ command, files = {}, makes }, wrapper = []) {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const home = {
      HOME: folder,
      XDG_CACHE_HOME: `${folder}/cache`,
      CARGO_HOME: `${folder}/cargo`,
      DENO_DIR: `${folder}/deno`,
      RUSTUP_HOME,
    };
    const env = { ...asBob, ...behindProxy, ...lowerCase(behindProxy), ...home, GIT_TERMINAL_PROMPT: '0' };
    const [program, ...args] = [...wrapper, ...command];
    const { code, stdout, stderr } = await runProgram(program, args, { env, cwd: folder });
    return code === 0 && existsSync(join(folder, makes)) ? undefined : `exit ${code}: ${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SIGNED_ON = [process.execPath, CLI, 'run', '--quiet', '--ca', lab.ca, '--'];

for (const [name, task] of Object.entries(PROGRAMS)) {
  for (const scheme of ['http', 'https']) {
    cell(TABLE, name, `${scheme}:`, async () => assert.equal(await run(task(registry[scheme]), SIGNED_ON), undefined));
  }
  cell(TABLE, name, 'fails without it', async () => {
    assert.match((await run(task(registry.http))) ?? 'succeeded', /^exit /);
  });
}
