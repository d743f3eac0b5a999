// What createFetch puts on the wire to Squid: connections, requests and handshakes, by Squid's own log.

import assert from 'node:assert/strict';
import { ca, DomainControllerLog, lab, publishPage, SquidLog } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { createFetch } from 'ntlm-wasm/node';

const TABLE = 'On the wire';
const COLUMN = 'Squid';
const { bob } = lab.users;
const credentials = { username: bob.name, domain: bob.domain, password: bob.password };
const count = (values) => new Set(values).size;

async function observed(options, visit, { handshakes = 1 } = {}) {
  const [squid, dc, page] = [new SquidLog(), new DomainControllerLog(), publishPage()];
  try {
    await visit(createFetch({ proxy: lab.proxies.both.url, credentials, tls: { ca }, ...options }), page);
    const requests = await squid.requests(page.name);
    return {
      requests,
      connections: count(requests.map(({ client }) => client)),
      handshakes: (await dc.attempts(bob.name, handshakes)).length,
    };
  } finally {
    page.remove();
  }
}

const ok = async (response) => {
  assert.equal(response.status, 200);
  return response.text();
};

cell(TABLE, '10 sequential requests: 1 connection, 11 requests, 1 handshake', COLUMN, async () => {
  const { requests, connections, handshakes } = await observed({}, async (fetch, page) => {
    for (let i = 0; i < 10; i++) await ok(await fetch(page.http));
  });
  assert.equal(connections, 1);
  assert.deepEqual(
    requests.map(({ status }) => status),
    [407, ...Array(10).fill(200)],
  );
  assert.equal(handshakes, 1);
});

cell(TABLE, '10 concurrent requests: as many handshakes as sockets', COLUMN, async () => {
  const { requests, connections, handshakes } = await observed({ maxSockets: 3 }, async (fetch, page) => {
    await Promise.all(Array.from({ length: 10 }, async () => ok(await fetch(page.http))));
  });
  // One HEAD may be answered 200 too: a password that no server has accepted yet is tried on one connection first.
  assert.equal(requests.filter(({ method, status }) => method === 'GET' && status === 200).length, 10);
  assert.ok(connections <= 3, `${connections} connections`);
  assert.equal(handshakes, connections);
});

cell(TABLE, 'a proxy that asks for nothing: no handshake', COLUMN, async () => {
  const visit = async (fetch, page) => {
    for (let i = 0; i < 3; i++) await ok(await fetch(page.http));
  };
  const { requests, handshakes } = await observed({ proxy: lab.proxies.open.url }, visit, { handshakes: 0 });
  assert.equal(requests.filter(({ method }) => method === 'GET').length, 3);
  assert.equal(handshakes, 0);
});

cell(TABLE, '10 sequential requests in one tunnel', COLUMN, async () => {
  const [squid, dc, page] = [new SquidLog(), new DomainControllerLog(), publishPage()];
  try {
    const fetch = createFetch({ proxy: lab.proxies.both.url, credentials, tls: { ca } });
    for (let i = 0; i < 10; i++) await ok(await fetch(page.https));
    assert.equal((await dc.attempts(bob.name)).length, 1);
    const legs = (await squid.requests(new URL(page.https).host)).filter(({ method }) => method === 'CONNECT');
    assert.equal(legs.filter(({ status }) => status === 407).length, 1);
  } finally {
    page.remove();
  }
});

cell(TABLE, '1 MiB POST: the body goes out once', COLUMN, async () => {
  const squid = new SquidLog();
  const body = Buffer.alloc(1 << 20, 'body');
  const target = `${lab.origins.epa.http}/none/${crypto.randomUUID()}`;
  const fetch = createFetch({ proxy: lab.proxies.both.url, credentials });
  const seen = JSON.parse(await ok(await fetch(target, { method: 'POST', body })));
  assert.equal(seen.request.method, 'POST');
  assert.equal(seen.request.body_bytes, body.length);
  const requests = await squid.requests(new URL(target).pathname, 2);
  assert.deepEqual(
    requests.map(({ method, status }) => `${method} ${status}`),
    ['HEAD 407', 'POST 200'],
  );
});
