// Programs that know no NTLM, behind Squid that lets nobody out without it, through the local proxy.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { startProxy } from 'ntlm-wasm/node';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { startRegistry } from './lib/registry.mjs';
import { runProgram } from './lib/run-program.mjs';
import { RUNTIMES } from './lib/runtimes.mjs';

const TABLE = 'Programs through the local proxy and Squid';
const { bob } = lab.users;
const bun = RUNTIMES.find(({ name }) => name === 'Bun').command;

let registry;
let proxy;
before(async () => {
  registry = await startRegistry();
  const credentials = { username: bob.name, domain: bob.domain, password: bob.password };
  proxy = await startProxy({ proxy: lab.proxies.both.url, credentials });
});
after(async () => {
  await proxy.close();
  await registry.close();
});

/** What each program is asked to do in an empty folder, and the file that then is there. */
const PROGRAMS = {
  curl: (origin) => ({ command: ['curl', '-sSf', '-o', 'page', `${origin}/`], makes: 'page' }),
  git: (origin) => ({ command: ['git', 'clone', '-q', `${origin}/repository.git`, 'clone'], makes: 'clone/.git/HEAD' }),
  npm: (origin) => ({
    command: ['npm', 'install', '--no-audit', '--no-fund', '--fetch-retries=0', `--registry=${origin}/npm/`, 'tiny'],
    makes: 'node_modules/tiny/package.json',
  }),
  bun: (origin) => ({
    command: [bun, 'add', '--no-progress', `--registry=${origin}/npm/`, 'tiny'],
    makes: 'node_modules/tiny/package.json',
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

const trust = {
  CURL_CA_BUNDLE: lab.ca,
  GIT_SSL_CAINFO: lab.ca,
  NODE_EXTRA_CA_CERTS: lab.ca,
  npm_config_cafile: lab.ca,
  PIP_CERT: lab.ca,
  REQUESTS_CA_BUNDLE: lab.ca,
  CARGO_HTTP_CAINFO: lab.ca,
};

const proxyVariables = (url) =>
  Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'NO_PROXY', 'no_proxy'].map((name) => [
      name,
      name.toUpperCase() === 'NO_PROXY' ? '' : url,
    ]),
  );

/** @returns the program's complaint, or undefined when what was asked for is there */
async function run({ command: [command, ...args], files = {}, makes }, url) {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const home = {
      npm_config_cache: `${folder}/cache`,
      BUN_INSTALL_CACHE_DIR: `${folder}/cache`,
      CARGO_HOME: `${folder}/cargo`,
    };
    const env = { ...trust, ...home, ...proxyVariables(url), GIT_TERMINAL_PROMPT: '0' };
    const { code, stdout, stderr } = await runProgram(command, args, { env, cwd: folder });
    return code === 0 && existsSync(join(folder, makes)) ? undefined : `exit ${code}: ${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, task] of Object.entries(PROGRAMS)) {
  for (const scheme of ['http', 'https']) {
    cell(TABLE, name, `${scheme}:`, async () => assert.equal(await run(task(registry[scheme]), proxy.url), undefined));
  }
  cell(TABLE, name, 'refused without it', async () => {
    assert.match((await run(task(registry.http), lab.proxies.both.url)) ?? 'succeeded', /^exit [^0]/);
  });
}
