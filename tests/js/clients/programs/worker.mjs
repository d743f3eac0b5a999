import { isMainThread, Worker } from 'node:worker_threads';
import { get } from './get.mjs';

if (isMainThread) new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
else
  for (const url of process.argv.slice(2))
    console.log(url.startsWith('https:') ? await get(url) : (await fetch(url)).status);
