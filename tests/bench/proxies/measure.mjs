/** Part 5: the local proxy through the lab's Squid, against cntlm and px, and against Squid without authentication as the limit. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ratio, summary } from '../lib/statistics.mjs';
import { WorkerProcess } from '../lib/worker-process.mjs';
import { startContenders } from './contenders.mjs';
import { cpuSeconds, peakMiB, residentMiB } from './process-cost.mjs';

export async function measureProxies({ quick, lab, target, say }) {
  if (lab === undefined) return undefined;
  const contenders = await startContenders(lab, target, say);
  const generator = new WorkerProcess(process.execPath, [join(import.meta.dirname, 'generator.mjs')]);
  const upstream = new WorkerProcess(process.execPath, [join(import.meta.dirname, 'upstream.mjs')]);
  try {
    const rounds = quick ? 2 : 5;
    const kinds = tasks(lab, quick);
    const values = new Map();
    // The first round is a warm-up: code is compiled, helpers of Squid are started.
    for (let round = -1; round < rounds; round++) {
      for (const [kind, task] of Object.entries(kinds)) {
        for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
          const key = `${contender.name}: ${kind}`;
          if (!values.has(key)) values.set(key, []);
          const before = cpuSeconds(contender.pid);
          const run = await task(contender, generator);
          if (run.units > 0) run.cpu = (cpuSeconds(contender.pid) - before) / run.units;
          if (round >= 0) values.get(key).push(run);
        }
      }
    }
    const idle = await idleTunnels(contenders, generator, upstream);
    return report(contenders, Object.keys(kinds), values, idle);
  } finally {
    generator.end();
    upstream.end();
    for (const { stop } of contenders) stop();
  }
}

function tasks(lab, quick) {
  const { http, https } = lab.origins.apache;
  const milliseconds = quick ? 1000 : 2000;
  const bytes = (quick ? 64 : 512) * (1 << 20);
  const load =
    (task, connections) =>
    async ({ url: proxy }, generator) => {
      const question = { task, proxy, url: `${http}/1k.bin`, connections, milliseconds };
      const { done, seconds, ...rest } = await generator.ask(question);
      return { value: done / seconds, units: done / 1000, ...rest };
    };
  return {
    requests16: load('requests', 16),
    requests1: load('requests', 1),
    insideTunnels: load('insideTunnels', 16),
    tunnels: load('tunnels', 8),
    get: (contender) => body(contender, `${http}/1g.bin`, bytes, lab.ca),
    connect: (contender) => body(contender, `${https}/1g.bin`, bytes, lab.ca),
  };
}

const IDLE_TUNNELS = 1000;
const IDLE_PATIENCE_MS = 30_000;
/** A process may still allocate and free after the last tunnel. */
const SETTLING_MS = 1000;

/** The memory of tunnels without traffic, for each contender. */
async function idleTunnels(contenders, generator, upstream) {
  const { silent } = await upstream.ask({});
  const found = new Map();
  for (const { name, url, pid } of contenders) {
    const question = { task: 'idle', proxy: url, target: silent, milliseconds: IDLE_PATIENCE_MS };
    await generator.ask({ ...question, count: 8 });
    await pause(SETTLING_MS);
    const before = residentMiB(pid);
    const { open, reason } = await generator.ask({ ...question, count: IDLE_TUNNELS });
    await pause(SETTLING_MS);
    found.set(name, { open, reason, kibEach: ((residentMiB(pid) - before) * 1024) / open });
    await generator.ask({ ...question, count: 0 });
  }
  return found;
}

/** One big body with curl, which costs less than anything in JavaScript; a part of the file when less is wanted. */
async function body({ url: proxy }, target, bytes, ca) {
  const via = new URL(proxy);
  // The proxy's secret comes on standard input, where no list of processes shows it.
  const settings = `proxy = "${via.origin}"\n${via.username ? `proxy-user = "${via.username}:${via.password}"\n` : ''}`;
  const args = ['-sS', '-K', '-', '-o', '/dev/null', '--max-time', '120', '--cacert', ca, '-r', `0-${bytes - 1}`];
  const { text, complaints } = await run('curl', [...args, '-w', '%{size_download} %{time_total}', target], settings);
  const [size, seconds] = text.split(' ').map(Number);
  if (size !== bytes) return { failed: 1, reason: complaints.trim() || `${size} bytes of ${bytes}` };
  return { value: bytes / 1e6 / seconds, units: bytes / 1e9, failed: 0 };
}

function run(program, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH } });
    let text = '';
    let complaints = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (complaints += data));
    child.on('error', reject).on('close', () => resolve({ text, complaints }));
    child.stdin.end(input);
  });
}

function report(contenders, kinds, values, idle) {
  const of = (name, kind) => values.get(`${name}: ${kind}`);
  const plain = (name, kind, key = 'value') =>
    of(name, kind)
      ?.map((run) => run[key])
      .filter((value) => value !== undefined) ?? [];
  const rows = contenders.map(({ name, pid }) => {
    const row = { name, peakMiB: peakMiB(pid), idle: idle.get(name) };
    for (const kind of kinds) {
      const measured = plain(name, kind);
      if (measured.length === 0) row[kind] = { error: of(name, kind)[0].reason };
      else row[kind] = { ...summary(measured), failed: of(name, kind).reduce((sum, { failed }) => sum + failed, 0) };
      // Seconds per GB of a body, or per 1,000 requests.
      for (const key of ['cpu', 'p50', 'p99']) {
        const found = plain(name, kind, key);
        if (found.length > 0) row[kind][key] = summary(found).median;
      }
    }
    return row;
  });
  const ratios = {};
  for (const { name } of contenders) {
    if (name === 'ntlm-wasm proxy') continue;
    ratios[name] = Object.fromEntries(
      kinds
        .filter((kind) => plain(name, kind).length > 0 && plain('ntlm-wasm proxy', kind).length > 0)
        .map((kind) => [kind, ratio(plain('ntlm-wasm proxy', kind), plain(name, kind))]),
    );
  }
  return { rows, ratios };
}

/** The lab's addresses, if it is up. */
export function findLab() {
  try {
    const program = join(import.meta.dirname, '../../lab/lab');
    const lab = JSON.parse(
      execFileSync(program, ['env', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    readFileSync(join(lab.dir, 'run/squid.pid'));
    return lab;
  } catch {
    return undefined;
  }
}
