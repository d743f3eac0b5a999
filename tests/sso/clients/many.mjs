// Many handshakes in one process, each on its own connection, some of them aborted. Prints the remaining handles.

import http from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { NtlmAgent } from 'ntlm-wasm/node';

const { url, options, count, abortEvery } = JSON.parse(process.env.VISIT);
const addon = createRequire(import.meta.url)(process.env.NTLM_ADDON);
const AT_ONCE = 8;

const tally = { done: 0, aborted: 0, failed: {} };
const memory = [];

function visit(agent, giveUpAfter) {
  return new Promise((resolve) => {
    let end = () => (tally.done += 1);
    const request = http.get(url, { agent }, (response) => {
      if (response.statusCode !== 200) end = () => fail(`status ${response.statusCode}`);
      response.resume();
    });
    request.on('error', (error) => (end = () => fail(error.code ?? error.message)));
    request.on('close', () => {
      end();
      resolve();
    });
    if (giveUpAfter === undefined) return;
    setTimeout(() => {
      if (request.destroyed) return;
      end = () => (tally.aborted += 1);
      request.removeAllListeners('error').on('error', () => {});
      request.destroy();
    }, giveUpAfter);
  });
}

function fail(reason) {
  tally.failed[reason] = (tally.failed[reason] ?? 0) + 1;
}

let begun = 0;
async function work() {
  while (begun < count) {
    const number = (begun += 1);
    const agent = new NtlmAgent(options);
    await visit(agent, number % abortEvery === 0 ? (number / abortEvery) % 12 : undefined);
    agent.destroy();
    if (number % Math.ceil(count / 10) === 0) {
      globalThis.gc();
      memory.push(Math.round(process.memoryUsage.rss() / 1024));
    }
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, work));
const seconds = (performance.now() - began) / 1000;
for (let waited = 0; waited < 200 && addon.alive().contexts > 0; waited += 1) await sleep(10);
globalThis.gc();
await sleep(50);
console.log(JSON.stringify({ ...tally, alive: addon.alive(), memory, perSecond: Math.round(count / seconds) }));
