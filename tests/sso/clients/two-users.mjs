// Two users' requests, interleaved, over separate agents, and over one that both share through a function.

import http from 'node:http';
import { createRequire } from 'node:module';
import { NtlmAgent } from 'ntlm-wasm/node';

const { proxies, users, rounds } = JSON.parse(process.env.VISIT);

function get(url, agent) {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(response.statusCode)));
      })
      .on('error', reject);
  });
}

const credentialsOf = ({ credentialCache }) => ({ system: true, credentialCache });
const agents = new Map(
  Object.entries(users).map(([name, user]) => [
    name,
    new NtlmAgent({ proxy: proxies[0], credentials: credentialsOf(user), schemes: ['Negotiate'], maxSockets: 3 }),
  ]),
);
const visits = [];
for (let round = 0; round < 2 * rounds; round += 1) {
  for (const [name, { url }] of Object.entries(users)) visits.push(get(url, agents.get(name)));
}
await Promise.all(visits);

// A proxy each: the function is asked who it is to be there.
const [first, second] = Object.values(users);
const byProxy = new Map([
  [Number(new URL(proxies[0]).port), first],
  [Number(new URL(proxies[1]).port), second],
]);
const credentials = ({ port }) => credentialsOf(byProxy.get(port));
for (const [at, { url }] of [first, second].entries()) {
  const agent = new NtlmAgent({ proxy: proxies[at], credentials, schemes: ['Negotiate'] });
  await get(url, agent);
  await get(url, agent);
  agent.destroy();
}
for (const agent of agents.values()) agent.destroy();
await new Promise((resolve) => setTimeout(resolve, 200));
const { contexts } = createRequire(import.meta.url)(process.env.NTLM_ADDON).alive();
console.log(`done, ${contexts} contexts alive`);
