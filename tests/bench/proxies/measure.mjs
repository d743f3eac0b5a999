/** Part 5: the local proxy through the lab's Squid, against cntlm and px, and against Squid without authentication as the limit. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratio, summary } from '../lib/statistics.mjs';
import { WorkerProcess } from '../lib/worker-process.mjs';
import { startContenders } from './contenders.mjs';
import { cpuSeconds, peakMiB } from './process-cost.mjs';

export async function measureProxies({ quick, lab, target, say }) {
  if (lab === undefined) return undefined;
  const contenders = await startContenders(lab, target, say);
  const generator = new WorkerProcess(process.execPath, [join(import.meta.dirname, 'generator.mjs')]);
  try {
    const rounds = quick ? 2 : 5;
    const kinds = tasks(lab, quick);
    const values = new Map();
    for (let round = 0; round < rounds; round++) {
      for (const [kind, task] of Object.entries(kinds)) {
        for (const contender of contenders) {
          const key = `${contender.name}: ${kind}`;
          if (!values.has(key)) values.set(key, []);
          values.get(key).push(await task(contender, generator));
        }
      }
    }
    return report(contenders, Object.keys(kinds), values);
  } finally {
    generator.end();
    for (const { stop } of contenders) stop();
  }
}

function tasks(lab, quick) {
  const { http, https } = lab.origins.apache;
  const ca = readFileSync(lab.ca, 'utf8');
  const milliseconds = quick ? 1000 : 3000;
  const bytes = (quick ? 64 : 1024) * (1 << 20);
  const rate = async (generator, question) => {
    const { done, seconds, failed, reason } = await generator.ask(question);
    return { value: done / seconds, failed, reason };
  };
  const requests =
    (connections) =>
    ({ url: proxy }, generator) =>
      rate(generator, { task: 'requests', proxy, url: `${http}/1k.bin`, connections, milliseconds });
  return {
    requests16: requests(16),
    requests1: requests(1),
    tunnels: ({ url: proxy }, generator) =>
      rate(generator, { task: 'tunnels', proxy, url: `${https}/1k.bin`, ca, connections: 8, milliseconds }),
    get: (contender) => body(contender, `${http}/1g.bin`, bytes, lab.ca),
    connect: (contender) => body(contender, `${https}/1g.bin`, bytes, lab.ca),
  };
}

/** One big body with curl, which costs less than anything in JavaScript; a part of the file when less is wanted. */
async function body({ url: proxy, pid }, target, bytes, ca) {
  const via = new URL(proxy);
  const before = cpuSeconds(pid);
  // The proxy's secret comes on standard input, where no list of processes shows it.
  const settings = `proxy = "${via.origin}"\n${via.username ? `proxy-user = "${via.username}:${via.password}"\n` : ''}`;
  const args = ['-sS', '-K', '-', '-o', '/dev/null', '--max-time', '120', '--cacert', ca, '-r', `0-${bytes - 1}`];
  const { text, complaints } = await run('curl', [...args, '-w', '%{size_download} %{time_total}', target], settings);
  const [size, seconds] = text.split(' ').map(Number);
  if (size !== bytes) return { failed: 1, reason: complaints.trim() || `${size} bytes of ${bytes}` };
  return { value: bytes / 1e6 / seconds, cpuPerGB: (cpuSeconds(pid) - before) / (bytes / 1e9), failed: 0 };
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

function report(contenders, kinds, values) {
  const of = (name, kind) => values.get(`${name}: ${kind}`);
  const plain = (name, kind, key = 'value') =>
    of(name, kind)
      ?.map((run) => run[key])
      .filter((value) => value !== undefined) ?? [];
  const rows = contenders.map(({ name, pid }) => {
    const row = { name, peakMiB: peakMiB(pid) };
    for (const kind of kinds) {
      const measured = plain(name, kind);
      if (measured.length === 0) row[kind] = { error: of(name, kind)[0].reason };
      else row[kind] = { ...summary(measured), failed: of(name, kind).reduce((sum, { failed }) => sum + failed, 0) };
      const cpu = plain(name, kind, 'cpuPerGB');
      if (cpu.length > 0) row[kind].cpuPerGB = summary(cpu).median;
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
