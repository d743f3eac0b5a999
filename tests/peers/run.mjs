// Runs the test suites of other projects twice, without and with ntlm-wasm/register, and compares.
// Arguments: --sources FOLDER (a folder for each suite), --package FOLDER, --out FILE, then the names of suites.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { SUITES } from './suites.mjs';

const { values, positionals } = parseArgs({
  options: { sources: { type: 'string' }, package: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
});
const REGISTER = pathToFileURL(join(values.package, 'dist/node/register.js')).href;
const EXPLAINED = JSON.parse(readFileSync(new URL('./explained.json', import.meta.url), 'utf8'));
/** Milliseconds for one test file, if the suite does not set its own. */
const PATIENCE = 60_000;

/** The environment of a test: no proxy, no credentials of this project. */
function environment({ imports = [], product = REGISTER }, withProduct) {
  const { PATH, HOME = tmpdir() } = process.env;
  const modules = withProduct ? [product, ...imports] : imports;
  return {
    PATH,
    HOME,
    NODE_ENV: 'test',
    FORCE_COLOR: '0',
    NTLM_PACKAGE: resolve(values.package),
    NODE_OPTIONS: modules.map((module) => `--import=${module}`).join(' '),
  };
}

/** Exit code and output of one command. The whole process group ends when the time is over. */
function execute([command, ...args], cwd, env, patience = PATIENCE) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), patience);
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', (error) => resolve({ code: 127, out: String(error) }));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 'killed', out });
    });
  });
}

/** The tests of one file that passed and failed; a file that reports no tests counts as one. */
async function runFile(suite, file, cwd, withProduct) {
  const { code, out } = await execute(suite.command(file), cwd, environment(suite, withProduct), suite.patience);
  const results = suite.parse?.(out) ?? [];
  return results.length > 0 ? results : [{ title: '', ok: code === 0 }];
}

async function runSuite(suite, cwd, withProduct) {
  const failed = new Set();
  let total = 0;
  const files = suite.files(cwd);
  const work = async () => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      for (const { title, ok } of await runFile(suite, file, cwd, withProduct)) {
        total += 1;
        if (!ok) failed.add(title === '' ? file : `${file}: ${title}`);
      }
    }
  };
  const lanes = Number(process.env.PEERS_PARALLEL ?? suite.parallel ?? Math.max(cpus().length, 2));
  await Promise.all(Array.from({ length: lanes }, work));
  return { total, failed };
}

/** What failed only with the product fails in two more runs of its file, or it is the load of the machine. */
async function again(suite, cwd, names) {
  let left = names;
  for (let run = 1; run <= 2 && left.length > 0; run += 1) {
    const files = [...new Set(left.map((name) => name.split(': ')[0]))];
    const { failed } = await runSuite({ ...suite, files: () => [...files], parallel: 1 }, cwd, true);
    left = left.filter((name) => failed.has(name));
  }
  return left;
}

const rows = [];
let unexplained = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(SUITES)) {
  const suite = SUITES[name];
  const cwd = join(values.sources, suite.folder ?? name);
  const baseline = await runSuite(suite, cwd, false);
  const product = await runSuite(suite, cwd, true);
  const fresh = await again(
    suite,
    cwd,
    [...product.failed].filter((title) => !baseline.failed.has(title)),
  );
  const reasons = EXPLAINED[name] ?? {};
  const reasonOf = (title) => Object.entries(reasons).find(([part]) => title.includes(part))?.[1];
  const open = fresh.filter((title) => reasonOf(title) === undefined);
  unexplained += open.length;
  rows.push({ name, ...baseline, product: product.total, fresh, open });
  console.log(
    `${name}: ${baseline.total} tests, ${baseline.failed.size} fail without, ${fresh.length} more with the product`,
  );
  for (const title of fresh) console.log(`  ${reasonOf(title) === undefined ? 'OPEN' : 'explained'} ${title}`);
}
const table = [
  '| suite | tests | fail in the baseline | fail with ntlm-wasm alone | of these unexplained |',
  '|---|---|---|---|---|',
  ...rows.map(
    ({ name, total, failed, fresh, open }) =>
      `| ${name} | ${total} | ${failed.size} | ${fresh.length} | ${open.length} |`,
  ),
].join('\n');
console.log(`\n${table}`);
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(
    values.out,
    `${table}\n\n${rows.flatMap(({ name, fresh }) => fresh.map((title) => `- ${name}: ${title}`)).join('\n')}\n`,
  );
}
process.exitCode = unexplained === 0 ? 0 : 1;
