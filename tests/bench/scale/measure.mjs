/** Part 7: what the local proxy costs as load grows: more connections, longer bodies, more targets. */
import { join } from 'node:path';
import { account } from '../lib/account.mjs';
import { summary } from '../lib/statistics.mjs';
import { WorkerProcess } from '../lib/worker-process.mjs';
import { startOurs } from '../proxies/contenders.mjs';
import { cpuSeconds, residentMiB } from '../proxies/process-cost.mjs';

const proxies = join(import.meta.dirname, '../proxies');
const KIB = 1024;
const STEPS = {
  connections: [1, 4, 16, 64, 256, 1024, 4096],
  bytes: [1, 16, 256, 4096, 65_536, 1_048_576].map((size) => size * KIB),
  targets: [1, 10, 100, 1000, 10_000],
};
/** A step costs this many times the cheapest: there the cost bends. */
const BEND = 1.5;

export async function measureScale({ quick }) {
  const upstream = new WorkerProcess(process.execPath, [join(proxies, 'upstream.mjs')]);
  const generator = new WorkerProcess(process.execPath, [join(proxies, 'generator.mjs')]);
  const ask = await upstream.ask({});
  const ours = await startOurs(ask.proxy, account);
  try {
    const result = {};
    // Compiles what the first step would otherwise pay for.
    await measureStep('connections', 16, { ours, generator, quick });
    for (const [kind, steps] of Object.entries(STEPS)) {
      const rows = [];
      for (const step of steps) rows.push(await measureStep(kind, step, { ours, generator, quick }));
      result[kind] = { rows, bend: bendOf(rows) };
    }
    return result;
  } finally {
    ours.stop();
    generator.end();
    upstream.end();
  }
}

async function measureStep(kind, step, { ours, generator, quick }) {
  const connections = kind === 'connections' ? step : kind === 'bytes' ? 4 : 16;
  const bytes = kind === 'bytes' ? step : KIB;
  const question = {
    task: 'requests',
    proxy: ours.url,
    url: `http://origin.example/bytes/${bytes}`,
    targets: kind === 'targets' ? step : 1,
    connections,
    milliseconds: quick ? 500 : 1500,
    keep: true,
  };
  const rounds = [];
  let failed = 0;
  // The first round opens the connections.
  for (let round = -1; round < (quick ? 2 : 3); round++) {
    const before = cpuSeconds(ours.pid);
    const answer = await generator.ask(question);
    const cpu = cpuSeconds(ours.pid) - before;
    failed += answer.failed;
    if (round < 0) continue;
    const { done, seconds, p50, p99 } = answer;
    rounds.push({ perSecond: done / seconds, cpu: (cpu / done) * 1e6, p50, p99, perGB: cpu / ((done * bytes) / 1e9) });
  }
  const of = (key) => summary(rounds.map((round) => round[key]));
  return {
    step,
    bytes,
    failed,
    perSecond: of('perSecond'),
    cpuMicroseconds: of('cpu'),
    cpuPerGB: of('perGB'),
    p50: of('p50').median,
    p99: of('p99').median,
    residentMiB: residentMiB(ours.pid),
  };
}

/** Returns the first step after the cheapest whose cost is noticeably higher. */
function bendOf(rows) {
  const key = rows[0].bytes === rows.at(-1).bytes ? 'cpuMicroseconds' : 'cpuPerGB';
  const costs = rows.map((row) => row[key].median);
  const least = costs.indexOf(Math.min(...costs));
  return rows.find((_, index) => index > least && costs[index] > BEND * costs[least])?.step;
}
