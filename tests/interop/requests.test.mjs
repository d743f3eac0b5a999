// What an origin behind Squid carries out is what the caller asked for, once: with an allow-list of targets that need no
// authentication, and with a method ACL that denies HEAD.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { bodyText, clients } from '../js/requests/clients.mjs';
import { lab } from './lib/lab.mjs';

const { bob } = lab.users;
const credentials = { username: bob.down_level, password: bob.password };
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

const REQUESTS = [
  ['GET', 'none'],
  ['DELETE', 'none'],
  ['POST', 'small'],
  ['PUT', 'small'],
  ['POST', 'large'],
  ['PUT', 'streamed'],
];

for (const [kind, proxy] of [
  ['an allow-list', lab.proxies.listed],
  ['a method ACL', lab.proxies.methods],
]) {
  for (const [name, open] of Object.entries(clients)) {
    test(`Squid with ${kind}, by ${name}: the origin sees each request once`, async () => {
      for (const [method, body] of REQUESTS) {
        for (const folder of ['listed', 'closed']) {
          // A new client, so that each request is the first of its connection.
          const client = await open({ proxy: proxy.url, credentials });
          const path = `/${folder}/${kind.replaceAll(' ', '-')}/${name.replace(' ', '-')}/${method}/${body}`;
          executed.length = 0;
          const { status, text } = await client.send(origin + path, { method, kind: body });
          assert.deepEqual([status, text], [200, 'done'], `${method} ${path}`);
          // Only a large or streamed body may have a HEAD in front of it, if the target has not challenged it yet.
          const mayProbe = body === 'large' || body === 'streamed';
          const seen = executed.filter((entry) => !mayProbe || !entry.startsWith('HEAD '));
          assert.deepEqual(seen, [`${method} ${path} ${bodyText(body).length}`]);
          await client.close();
        }
      }
    });
  }
}
