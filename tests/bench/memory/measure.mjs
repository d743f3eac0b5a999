/** Part 5: memory over a million requests on warm connections (a quick run makes do with twenty thousand). */
import { join } from 'node:path';
import { WorkerProcess } from '../lib/worker-process.mjs';

const MIB = 1 << 20;
const OURS = ['NtlmAgent', 'NtlmDispatcher'];
const CONNECTIONS = 16;
/** Memory is looked at after each of them, once the collector has been through. */
const PARTS = 10;

export async function measureMemory({ quick }) {
  const server = startWorker('server.mjs');
  try {
    const { strict } = await server.ask({});
    const rows = [];
    for (const name of OURS) rows.push({ name, ...(await growth(name, strict, quick ? 20_000 : 1_000_000)) });
    return rows;
  } finally {
    server.end();
  }
}

function startWorker(script) {
  return new WorkerProcess(process.execPath, ['--expose-gc', join(import.meta.dirname, '../connections', script)]);
}

/** The first tenth also pays for code that is compiled and tables that fill: growth counts from there. */
async function growth(name, url, requests) {
  const client = startWorker('client.mjs');
  await client.ask({ task: 'open', name, url });
  const parts = [];
  for (let part = 0; part < PARTS; part++) {
    await client.ask({ task: 'load', connections: CONNECTIONS, count: requests / PARTS });
    parts.push(await client.ask({ task: 'memory' }));
  }
  client.end();
  const [early] = parts;
  const late = parts.at(-1);
  return {
    requests,
    heapGrowthKiB: (late.heap - early.heap) / 1024,
    rssGrowthKiB: (late.rss - early.rss) / 1024,
    heapMiB: late.heap / MIB,
    heapsMiB: parts.map(({ heap }) => heap / MIB),
  };
}
