/** Part 4: what goes over the wire, against peers, and what authentication costs once a connection is authenticated. */
import { join } from 'node:path';
import { ratio, summary } from '../lib/statistics.mjs';
import { WorkerProcess } from '../lib/worker-process.mjs';

const MIB = 1 << 20;
const PEERS = ['axios-ntlm', 'httpntlm', 'node-client-ntlm', '@ewsjs/xhr'];
/** Ours, and the agent of the same kind that knows no authentication. */
const PAIRS = [
  ['NtlmAgent', 'http.Agent'],
  ['NtlmDispatcher', 'undici.Agent'],
];
/** Connections that are open at one time when they are weighed. */
const MANY = 256;
const WIRE = ['connections', 'requests', 'handshakes', 'bytesReceived', 'bytesSent'];

export async function measureConnections({ quick, say }) {
  const server = startWorker('server.mjs');
  try {
    const urls = await server.ask({});
    const wire = [];
    for (const name of [...PAIRS.map(([ours]) => ours), ...PEERS])
      wire.push(await onTheWire(name, server, urls.strict, say));
    const pairs = [];
    for (const pair of PAIRS) pairs.push(await againstPlain(pair, urls, quick));
    const perConnection = [];
    for (const [ours, plain] of PAIRS) {
      perConnection.push({ name: ours, ...(await weight(ours, urls.strict)) });
      perConnection.push({ name: plain, ...(await weight(plain, urls.open)) });
    }
    return { wire, pairs, perConnection };
  } finally {
    server.end();
  }
}

function startWorker(script) {
  return new WorkerProcess(process.execPath, ['--expose-gc', join(import.meta.dirname, script)]);
}

async function openClient(name, url) {
  const worker = startWorker('client.mjs');
  await worker.ask({ task: 'open', name, url });
  return worker;
}

/** What the server saw of each task, each with a client that has done nothing before. */
async function onTheWire(name, server, url, say) {
  const tasks = {
    sequential: { task: 'sequential', count: 10 },
    concurrent: { task: 'concurrent', count: 10 },
    upload: { task: 'upload', bytes: MIB },
  };
  const row = { name };
  for (const [kind, task] of Object.entries(tasks)) {
    const client = await openClient(name, url);
    const before = await server.ask({ counters: true });
    try {
      await client.ask(task);
      const after = await server.ask({ counters: true });
      row[kind] = Object.fromEntries(WIRE.map((key) => [key, after[key] - before[key]]));
    } catch (error) {
      say(`${name}, ${kind}: ${error.message}`);
    }
    client.end();
  }
  return row;
}

async function againstPlain([ours, plain], urls, quick) {
  const clients = [await openClient(ours, urls.strict), await openClient(plain, urls.open)];
  const [milliseconds, rounds] = quick ? [250, 5] : [600, 11];
  const bytes = (quick ? 32 : 128) * MIB;
  const loads = [];
  for (const connections of quick ? [1, 16] : [1, 16, 64, 256]) {
    const both = await interleaved(
      clients,
      rounds,
      { task: 'load', connections, milliseconds },
      ({ done, seconds }) => done / seconds,
    );
    loads.push({ connections, ...both });
  }
  const rate = ({ seconds }) => bytes / 1e6 / seconds;
  const download = await interleaved(clients, 5, { task: 'download', bytes }, rate);
  const upload = await interleaved(clients, 5, { task: 'upload', bytes }, rate);
  for (const client of clients) client.end();
  return { ours, plain, loads, download, upload };
}

/** Runs the task with both in turns, the first as a warm-up. The order alternates, so that neither always has the cooler machine. */
async function interleaved(clients, rounds, task, value) {
  const values = clients.map(() => []);
  const cpu = clients.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const answer = await clients[which].ask(task);
      if (round < 0) continue;
      values[which].push(value(answer));
      cpu[which].push(value({ ...answer, seconds: answer.cpuSeconds }));
    }
  }
  return {
    ours: summary(values[0]),
    plain: summary(values[1]),
    ratio: ratio(values[0], values[1]),
    cpuRatio: ratio(cpu[0], cpu[1]),
  };
}

/** What each of many idle connections keeps in the client's memory. The first of them also pays for code; it is left out. */
async function weight(name, url) {
  const client = await openClient(name, url);
  await client.ask({ task: 'concurrent', count: 1 });
  const before = await client.ask({ task: 'memory' });
  await client.ask({ task: 'concurrent', count: 1 + MANY });
  const after = await client.ask({ task: 'memory' });
  client.end();
  return { heapKiB: (after.heap - before.heap) / MANY / 1024, rssKiB: (after.rss - before.rss) / MANY / 1024 };
}
