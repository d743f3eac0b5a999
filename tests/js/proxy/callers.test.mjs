/** What callers of the local proxy do beyond asking for one page: leave, wait, pipeline, break off, ask for https: URLs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { demoAccount, startProxy, startServer } from 'ntlm-wasm/node';
import { localProxy } from './local-proxy.mjs';

async function listen(t, server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return `127.0.0.1:${server.address().port}`;
}

const setUp = (t, options = {}) => localProxy(t, { proxy: 'direct', secret: false, ...options });

/** A server that takes every request and never answers. */
async function silent(t) {
  const sockets = [];
  const host = await listen(
    t,
    createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {}).resume();
      t.after(() => socket.destroy());
    }),
  );
  return { host, sockets };
}

async function until(condition) {
  const end = performance.now() + 3000;
  while (!condition()) {
    assert.ok(performance.now() < end, `still waiting for ${condition}`);
    await delay(10);
  }
}

for (const [how, leave] of Object.entries({
  'its end of data': (client) => client.socket.end(),
  'its connection': (client) => client.close(),
})) {
  test(`a caller that closes ${how} releases its connection upstream: request and tunnel`, async (t) => {
    const { host, sockets } = await silent(t);
    const { open } = await setUp(t);
    const client = await open();
    client.write(`GET http://${host}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
    await until(() => sockets.length === 1);
    leave(client);
    await until(() => sockets[0].destroyed);
    const upload = await open();
    upload.write(`POST http://${host}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc`);
    await until(() => sockets.length === 2);
    leave(upload);
    await until(() => sockets[1].destroyed);
  });
}

test('a caller that leaves while the tunnel is opened ends the opening', async (t) => {
  const { host, sockets } = await silent(t);
  const { open } = await setUp(t, { proxy: `http://${host}` });
  const client = await open();
  client.write('CONNECT a.example:443 HTTP/1.1\r\n\r\n');
  await until(() => sockets.length === 1);
  client.socket.end();
  await until(() => sockets[0].destroyed);
});

const BROKEN = {
  'a bad size of a chunk': 'zz\r\n',
  'a chunk longer than its size': '1\r\nab\r\n',
  'a trailer that is none': '0\r\nnonsense\r\n\r\n',
};

for (const [name, body] of Object.entries(BROKEN)) {
  test(`a broken body is answered 400, closed, and ends the request upstream: ${name}`, async (t) => {
    const { host, sockets } = await silent(t);
    const { open } = await setUp(t);
    const client = await open();
    client.write(`POST http://${host}/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`);
    await until(() => sockets.length === 1);
    client.write(body);
    const response = await client.response();
    assert.equal(response.status, 400);
    assert.deepEqual(response.fields.connection, ['close']);
    assert.equal(await client.rest(), '');
    await until(() => sockets[0].destroyed);
  });
}

test('a body that ends before its length is answered 400', async (t) => {
  const { host } = await silent(t);
  const { open } = await setUp(t);
  const client = await open();
  client.write(`POST http://${host}/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab`);
  client.socket.end();
  assert.equal((await client.response()).status, 400);
  assert.equal(await client.rest(), '');
});

test('pipelined requests are carried out one after the other, and answered in order', async (t) => {
  let underWay = 0;
  const order = [];
  const origin = createHttpServer((request, response) => {
    underWay += 1;
    assert.equal(underWay, 1);
    order.push(request.url);
    request.resume();
    setTimeout(() => {
      underWay -= 1;
      response.end(request.url);
    }, 30);
  });
  const host = await listen(t, origin);
  t.after(() => origin.closeAllConnections());
  const { open } = await setUp(t);
  const client = await open();
  const get = (path) => `GET http://${host}${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  client.write(`${get('/1')}POST http://${host}/2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab${get('/3')}`);
  for (const path of ['/1', '/2', '/3']) assert.equal((await client.response()).body, path);
  client.write(`${get('/4')}${get('/5')}CONNECT ${host} HTTP/1.1\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`);
  for (const path of ['/4', '/5']) assert.equal((await client.response()).body, path);
  assert.equal((await client.response()).status, 400, 'bytes after a pipelined CONNECT are ambiguous');
  assert.equal(await client.rest(), '');
  assert.deepEqual(order, ['/1', '/2', '/3', '/4', '/5']);
});

test('callers beyond maxConnections wait for one to leave', async (t) => {
  const origin = await startServer({ role: 'none' });
  t.after(() => origin.close({ grace: 0 }));
  const warnings = [];
  const onWarning = ({ code }) => warnings.push(code);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const { open } = await setUp(t, { maxConnections: 2 });
  const clients = await Promise.all(Array.from({ length: 6 }, open));
  const answers = clients.map((client) => client.ask('GET', `${origin.url}/bytes/2`));
  const bodies = [];
  for (const [index, answer] of answers.entries()) {
    bodies.push((await answer).body);
    clients[index].close();
  }
  assert.deepEqual(
    bodies,
    Array.from({ length: 6 }, () => 'nt'),
  );
  assert.deepEqual(warnings, ['NTLM_CALLERS_WAIT'], 'said once');
});

for (const [behaviour, act] of Object.entries({
  'sends more and closes': (socket) => socket.end('more'),
  'sends more and stays': (socket) => socket.write('more'),
  stays: () => {},
})) {
  const title = `the server of a tunnel closes first and the caller ${behaviour}: its place is free again`;
  test(title, { timeout: 30_000 }, async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end('bye'));
    const { proxy } = await setUp(t, { maxConnections: 1 });
    const target = await listen(t, server);
    for (let round = 0; round < 3; round++) {
      const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
      t.after(() => socket.destroy());
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      await once(socket, 'end');
      assert.match(text, /^HTTP\/1\.1 200 .*bye$/s);
      act(socket);
    }
  });
}

test('an https: URL in absolute form is fetched, over TLS of the proxy’s own', async (t) => {
  const origin = await startServer({ role: 'none', tls: true });
  t.after(() => origin.close({ grace: 0 }));
  const upstream = await startServer();
  t.after(() => upstream.close({ grace: 0 }));
  const tls = { ca: origin.certificate };
  for (const options of [{}, { proxy: upstream.url, credentials: demoAccount }]) {
    const { open } = await setUp(t, { tls, ...options });
    const client = await open();
    const response = await client.ask('POST', `${origin.url}/echo`, { 'Content-Length': 3 }, 'abc');
    assert.equal(response.status, 200);
    assert.equal(JSON.parse(response.body).bodyBytes, 3);
  }
  assert.equal(upstream.counters.tunnels, 1);
});

test('a 403 of the real proxy stays one, for requests and for tunnels', async (t) => {
  const upstream = await startServer();
  t.after(() => upstream.close({ grace: 0 }));
  const { open, seen } = await setUp(t, { proxy: upstream.url, credentials: demoAccount });
  const client = await open();
  assert.equal((await client.ask('GET', 'http://192.0.2.1/')).status, 403);
  const tunnel = await client.ask('CONNECT', '192.0.2.1:443');
  assert.deepEqual([tunnel.status, tunnel.reason], [403, 'ERR_NTLM_TUNNEL_REFUSED']);
  assert.deepEqual(
    seen.map(({ status }) => status),
    [403, 403],
  );
});

test('a line break before the status line, and behind a 100, is passed over', async (t) => {
  for (const answer of ['\r\nHTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 200 OK\r\n']) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.write(`${answer}Content-Length: 2\r\n\r\nok`));
    });
    const { open } = await setUp(t);
    const client = await open();
    const { status, body } = await client.ask('GET', `http://${await listen(t, server)}/`);
    assert.deepEqual([status, body], [200, 'ok']);
    client.close();
  }
});

test('a proxy that would be its own upstream is refused', async (t) => {
  const { proxy: first } = await setUp(t);
  const { port } = first;
  await first.close();
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    await assert.rejects(startProxy({ port, proxy: `http://${host}:${port}` }), {
      code: 'ERR_NTLM_INVALID_OPTION',
      message: /its own upstream/,
    });
  }
  const again = await startProxy({ port, proxy: `http://127.0.0.1:${port === 1 ? 2 : 1}` });
  await again.close();
});

test('a function or a PAC file that names the local proxy itself ends in an error, not in a loop', async (t) => {
  const { proxy: first } = await setUp(t);
  const { port } = first;
  await first.close();
  const pac = `function FindProxyForURL() { return "PROXY 127.0.0.1:${port}; DIRECT" }`;
  for (const upstream of [() => `PROXY localhost:${port}`, `data:,${encodeURIComponent(pac)}`]) {
    const { proxy, open } = await setUp(t, { port, proxy: upstream });
    for (const [method, target] of [
      ['GET', 'http://origin.example/'],
      ['CONNECT', 'origin.example:443'],
    ]) {
      const { status, reason } = await (await open()).ask(method, target);
      assert.deepEqual([status, reason], [502, 'ERR_NTLM_INVALID_OPTION']);
    }
    await proxy.close({ grace: 0 });
  }
});

test('a peer that sends no HTTP and stays open gives an error response', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-OpenSSH_9.2p1\r\n'));
  const { open } = await setUp(t);
  const client = await open();
  const { status, reason } = await client.ask('GET', `http://${await listen(t, server)}/`);
  assert.deepEqual([status, reason], [502, 'ERR_NTLM_BAD_RESPONSE']);
});

test('a response is passed on as it arrives, head first', async (t) => {
  const origin = createHttpServer((_request, response) => {
    response.writeHead(200, { 'X-Early': '1' });
    response.flushHeaders();
    setTimeout(() => response.end('late'), 300);
  });
  const host = await listen(t, origin);
  const { open } = await setUp(t);
  const client = await open();
  const before = performance.now();
  client.write(`GET http://${host}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
  await once(client.socket, 'data');
  assert.ok(performance.now() - before < 250);
  assert.equal((await client.response()).body, 'late');
});
