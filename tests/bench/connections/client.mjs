/** The worker with one client at a time: runs the requested task and reports how long it took. */
import { serveQuestions } from '../lib/worker-process.mjs';
import { CLIENTS } from './clients.mjs';

const PATH = '/bytes/1024';
let client;

const TASKS = {
  open: ({ name, url }) => void (client = CLIENTS[name](url)),
  close: () => void client.close(),
  async sequential({ count }) {
    for (let i = 0; i < count; i++) await get();
  },
  async concurrent({ count }) {
    await Promise.all(Array.from({ length: count }, () => get()));
  },
  async upload({ bytes }) {
    const status = await client.request('/echo', Buffer.alloc(bytes, 'up '));
    if (status !== 200) throw new Error(`status ${status}`);
  },
  async download({ bytes }) {
    await get(`/bytes/${bytes}`);
  },
  /** So many requests at one time for so many milliseconds, or until so many are done. */
  async load({ connections, milliseconds = Infinity, count = Infinity }) {
    const end = performance.now() + milliseconds;
    let done = 0;
    const lane = async () => {
      while (performance.now() < end && done < count) {
        done += 1;
        await get();
      }
    };
    await Promise.all(Array.from({ length: connections }, lane));
    return { done };
  },
  memory() {
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss };
  },
};

async function get(path = PATH) {
  const status = await client.request(path);
  if (status !== 200) throw new Error(`status ${status}`);
}

await serveQuestions(async ({ task, ...details }) => {
  const start = performance.now();
  const spent = process.cpuUsage();
  const result = await TASKS[task](details);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(spent);
  return { seconds, cpuSeconds: (user + system) / 1e6, ...result };
});
