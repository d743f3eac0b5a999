// Runs programs without NTLM support behind Squid that requires it, and reads Squid's access log as witness.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Consumer } from '../../packaging/consumer.mjs';
import { lab, SquidLog } from './lab.mjs';
import { cell } from './matrix.mjs';
import { startRegistry } from './registry.mjs';
import { runProgram } from './run-program.mjs';

const RUN = 'ntlm-wasm run, behind Squid';
const REGISTER = 'ntlm-wasm/register, behind Squid';
const { bob } = lab.users;

let registry;
/** The packed package in an empty folder, as users install it. */
let consumer;

/** Starts the servers that the programs fetch from, and installs the package. Each test file calls it once. */
export function prepareServers() {
  before(async () => {
    registry = await startRegistry();
    consumer = new Consumer();
  });
  after(async () => {
    consumer.remove();
    await registry.close();
  });
}

// With another HOME, rustup's cargo needs the path of its toolchains.
const RUSTUP_HOME = process.env.RUSTUP_HOME ?? join(homedir(), '.rustup');
const asBob = { NTLM_USERNAME: bob.down_level, NTLM_PASSWORD: bob.password };
const squid = lab.proxies.both.url;
const behindProxy = { HTTP_PROXY: squid, HTTPS_PROXY: squid, NO_PROXY: '' };
const lowerCase = (env) => Object.fromEntries(Object.entries(env).map(([name, value]) => [name.toLowerCase(), value]));

const WAYS = {
  none: () => ({ wrapper: [], env: {} }),
  run: () => ({ wrapper: [consumer.command, 'run', '--quiet', '--ca', lab.ca, '--'], env: {} }),
  register: () => {
    const file = join(consumer.dir, 'node_modules/ntlm-wasm/dist/node/register.js');
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(file)}`, NODE_EXTRA_CA_CERTS: lab.ca };
    return { wrapper: [], env };
  },
};

/**
 * Runs one program in an empty folder.
 * @returns its complaint, or undefined if the file that it makes is there; with `arrives`, if Squid forwarded its requests
 */
async function attempt(task, scheme, way, env = {}) {
  const { command, files = {}, env: own = {}, makes, arrives = false, seconds } = task(registry[scheme]);
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  // apt reads its settings and writes its files as another user.
  chmodSync(folder, 0o755);
  const log = new SquidLog();
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
    const { wrapper, env: ways } = WAYS[way]();
    const [program, ...args] = [...wrapper, ...command];
    const { code, stdout, stderr } = await runProgram(program, args, {
      env: {
        ...asBob,
        ...behindProxy,
        ...lowerCase(behindProxy),
        ...home,
        ...own,
        ...ways,
        ...env,
        GIT_TERMINAL_PROMPT: '0',
      },
      cwd: folder,
      ...(seconds === undefined ? {} : { seconds }),
    });
    const complaint = `exit ${code}: ${stdout}${stderr}`.slice(0, 4000);
    if (!arrives && (code !== 0 || !existsSync(join(folder, makes)))) return complaint;
    const hosts = Object.values(registry[scheme]).map((address) => new URL(address).host);
    const wanted = ({ user, status }) => /bob$/i.test(user) && (arrives ? status !== 407 : status < 400);
    const seen = (await log.requests('www.corp.example', way === 'none' ? 0 : 1)).filter(({ url }) =>
      hosts.some((host) => url.includes(host)),
    );
    return seen.some(wanted) ? undefined : `Squid has seen ${JSON.stringify(seen)}; ${complaint}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tests rows of the table for `run`: each program with http: and https:, and that it fails without `run`.
 * @param rows by name, a function of the addresses `{ files, npm }` that returns `command`, its `env`, the `files` that it
 * finds in its folder, and the file that it `makes`, or `arrives` if only its request counts
 */
export function testRun(rows) {
  for (const [name, task] of Object.entries(rows)) testRow(RUN, name, task, 'run');
}

/** The same for `ntlm-wasm/register`. */
export function testRegister(rows, env) {
  for (const [name, task] of Object.entries(rows)) testRow(REGISTER, name, task, 'register', env);
}

function testRow(table, name, task, way, env) {
  const { schemes = ['http', 'https'], timeout } = task({ files: '', npm: '' });
  for (const scheme of schemes) {
    cell(
      table,
      name,
      `${scheme}:`,
      async () => assert.equal(await attempt(task, scheme, way, env), undefined),
      timeout,
    );
  }
  cell(
    table,
    name,
    'fails without it',
    async () => assert.match((await attempt(task, schemes[0], 'none')) ?? 'succeeded', /^(?:exit|Squid) /),
    timeout,
  );
}
