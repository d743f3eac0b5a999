/**
 * A fresh process that loads one contender and makes messages 1 and 3, once: says how long that took and what it left in memory.
 *
 *     node --expose-gc cold/start.mjs CONTENDER
 */
import { createRequire } from 'node:module';

const [contender] = process.argv.slice(2);
const { account, challenge } = JSON.parse(process.env.BENCH_TASK);
const memory = () => {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
};

/** Loads and makes both messages. What the loading of this script itself took is not in it. */
const WAYS = {
  import: async () => useOurs(await import('ntlm-wasm')),
  require: () => useOurs(createRequire(import.meta.url)('ntlm-wasm')),
  'import ntlm-wasm/node': () => import('ntlm-wasm/node'),
  'import ntlm-wasm/register': () => import('ntlm-wasm/register'),
};

function useOurs({ NtlmClient }) {
  const client = new NtlmClient(account);
  client.negotiate();
  return client.authenticate(challenge);
}

async function usePeer() {
  const { negotiate, authenticate } = PEERS[contender].load(account, challenge);
  negotiate();
  return authenticate();
}

const { PEERS } = await import('../tokens/peers.mjs');
const work = WAYS[contender] ?? usePeer;
const before = memory();
const start = performance.now();
await work();
const milliseconds = performance.now() - start;
const after = memory();
process.stdout.write(JSON.stringify({ milliseconds, heap: after.heap - before.heap, rss: after.rss - before.rss }));
