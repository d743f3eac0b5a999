// What an origin behind Squid carries out is what the caller asked for, once: with an allow-list of targets that need no
// authentication, and with a method ACL that denies HEAD.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { lab } from './lib/lab.mjs';
import { createFetch, NtlmAgent, startProxy } from 'ntlm-wasm/node';

const { bob } = lab.users;
const credentials = { username: bob.down_level, password: bob.password };
const LARGE = 'L'.repeat(100_000);
const executed = [];
let origin;
let server;

before(async () => {
  server = http.createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    executed.push(`${request.method} ${request.url} ${bytes}`);
    response.end('done');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => (server.closeAllConnections(), server.close()));

function send(target, options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(target, options, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    request.on('error', reject).end(body);
  });
}

const clients = {
  fetch: async (proxy) => {
    const fetch = createFetch({ proxy, credentials });
    return { send: async (url, method, body) => (await fetch(url, { method, body })).status, close() {} };
  },
  agent: async (proxy) => {
    const agent = new NtlmAgent({ proxy, credentials });
    return {
      send: (url, method, body) => send(url, { agent, method, headers: lengthOf(body) }, body),
      close: () => agent.destroy(),
    };
  },
  'local proxy': async (upstream) => {
    const proxy = await startProxy({ proxy: upstream, credentials, secret: false });
    const byProxy = (url, method, body) =>
      send(proxy.url, { method, path: url, headers: { host: new URL(url).host, ...lengthOf(body) } }, body);
    return { send: byProxy, close: () => proxy.close({ grace: 0 }) };
  },
};

const lengthOf = (body) => (body === undefined ? {} : { 'content-length': Buffer.byteLength(body) });

const REQUESTS = [
  ['GET', undefined],
  ['DELETE', undefined],
  ['POST', 'hello'],
  ['PUT', 'hello'],
  ['POST', LARGE],
];

for (const [kind, proxy] of [
  ['an allow-list', lab.proxies.listed],
  ['a method ACL', lab.proxies.methods],
]) {
  for (const [name, open] of Object.entries(clients)) {
    test(`Squid with ${kind}, by ${name}: the origin sees each request once`, async () => {
      for (const [index, [method, body]] of REQUESTS.entries()) {
        for (const folder of ['listed', 'closed']) {
          // A new client, so that each request is the first of its connection.
          const client = await open(proxy.url);
          const path = `/${folder}/${kind.replaceAll(' ', '-')}/${name.replace(' ', '-')}/${index}`;
          executed.length = 0;
          assert.equal(await client.send(origin + path, method, body), 200, `${method} ${path}`);
          // Only a large body may have a HEAD in front of it, if the target has not challenged it yet.
          const seen = executed.filter((entry) => body !== LARGE || !entry.startsWith('HEAD '));
          assert.deepEqual(seen, [`${method} ${path} ${body?.length ?? 0}`]);
          await client.close();
        }
      }
    });
  }
}
