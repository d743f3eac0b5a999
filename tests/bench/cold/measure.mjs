/** Part 2: what a process that makes one handshake pays for loading, against every peer, in fresh processes one after the other. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { account } from '../lib/account.mjs';
import { challenge } from '../lib/challenge.mjs';
import { ratio, summary } from '../lib/statistics.mjs';
import { essence } from '../lib/worker-process.mjs';
import { PEERS } from '../tokens/peers.mjs';

const here = import.meta.dirname;
const COMMAND = join(here, '../../../pkg/dist/node/cli/main.js');

const OURS = ['import', 'require', 'import ntlm-wasm/node', 'import ntlm-wasm/register'];

/** Whole processes that are only timed from outside. */
const PROCESSES = {
  'empty process': ['-e', '0'],
  'ntlm-wasm --version': [COMMAND, '--version'],
  'node --import ntlm-wasm/register': ['--import', 'ntlm-wasm/register', '-e', '0'],
};

export function measureColdStart({ quick, say }) {
  const rounds = quick ? 5 : 20;
  const contenders = [...OURS, ...Object.keys(PEERS)];
  const inside = new Map(contenders.map((name) => [name, []]));
  const outside = new Map(Object.keys(PROCESSES).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of contenders) inside.get(name)?.push(startOnce(name, say) ?? inside.delete(name));
    for (const [name, args] of Object.entries(PROCESSES)) outside.get(name).push(runOnce(args));
  }
  const column = (name, key) => inside.get(name).map((run) => run[key]);
  const rows = [...inside.keys()].map((name) => ({
    name,
    milliseconds: summary(column(name, 'milliseconds')),
    heapKiB: summary(column(name, 'heap')).median / 1024,
    rssKiB: summary(column(name, 'rss')).median / 1024,
  }));
  const empty = outside.get('empty process');
  const processes = [...outside].map(([name, times]) => ({
    name,
    milliseconds: summary(times),
    beyondEmpty: summary(times.map((time, round) => time - empty[round])),
  }));
  const peers = rows.filter(({ name }) => Object.hasOwn(PEERS, name));
  const fastest = peers.toSorted((a, b) => a.milliseconds.median - b.milliseconds.median)[0].name;
  return {
    rows,
    processes,
    fastest,
    toFastest: ratio(column('import', 'milliseconds'), column(fastest, 'milliseconds')),
    importMilliseconds: summary(column('import', 'milliseconds')),
  };
}

function startOnce(name, say) {
  const env = { ...process.env, BENCH_TASK: JSON.stringify({ account, challenge: challenge() }) };
  const run = spawnSync(process.execPath, ['--expose-gc', join(here, 'start.mjs'), name], { env, encoding: 'utf8' });
  if (run.status === 0) return JSON.parse(run.stdout);
  say(`${name} is left out: ${essence(run.stderr)}`);
  return undefined;
}

/** Milliseconds of processor time are not to be had from outside without a wait of one's own, so this is wall time. */
function runOnce(args) {
  const start = performance.now();
  const run = spawnSync(process.execPath, args, { cwd: here, stdio: 'ignore' });
  if (run.status !== 0) throw new Error(`node ${args.join(' ')} ended with ${run.status}`);
  return performance.now() - start;
}
