import http from 'node:http';
import https from 'node:https';
import { get } from './get.mjs';

for (const url of process.argv.slice(2)) {
  const { Agent } = url.startsWith('https:') ? https : http;
  console.log(await get(url, { agent: new Agent() }));
}
