import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { createSecureServer } from 'node:http2';
import { test } from 'node:test';
import { NtlmDispatcher } from 'ntlm-wasm/node';
import * as undici7 from 'undici';
import * as undici6 from 'undici6';
import { WebSocketServer } from 'ws';
import { selfSignedCertificate } from '../internals.mjs';
import { credentials, received, serve, tenTimes, wrongCredentials } from './servers.mjs';

/** undici 8 asks for Node 22.19. */
const [major, minor] = process.versions.node.split('.').map(Number);
const versions = { 6: undici6, 7: undici7 };
if (major > 22 || (major === 22 && minor >= 19)) versions[8] = await import('undici8');

function dispatcherFor(t, options) {
  const dispatcher = new NtlmDispatcher({ credentials, proxy: 'direct', ...options });
  t.after(() => dispatcher.destroy());
  return dispatcher;
}

for (const [version, undici] of Object.entries(versions)) {
  test(`fetch of undici ${version}`, async (t) => {
    const { server } = await serve(t, { role: 'origin' });
    const dispatcher = dispatcherFor(t, { servers: [server.url] });
    const results = await tenTimes(async () => {
      const response = await undici.fetch(`${server.url}/echo`, { dispatcher, method: 'POST', body: 'hello' });
      return [response.status, (await response.json()).bodyBytes];
    });
    assert.deepEqual(results, Array(10).fill([200, 5]));
    assert.deepEqual([server.counters.connections, server.counters.requests], [1, 11]);
  });

  test(`request and stream of undici ${version}`, async (t) => {
    const { server } = await serve(t, { role: 'origin' });
    const dispatcher = dispatcherFor(t, { servers: [server.url] });
    const { statusCode, headers, body } = await undici.request(`${server.url}/bytes/100000?chunked`, { dispatcher });
    assert.equal(statusCode, 200);
    assert.equal(headers['content-type'], 'application/octet-stream');
    assert.equal((await body.arrayBuffer()).byteLength, 100_000);
  });

  test(`an error reaches the caller of undici ${version}`, async (t) => {
    const { server, legs } = await serve(t, { role: 'origin' });
    const wrong = wrongCredentials();
    const dispatcher = dispatcherFor(t, { servers: [server.url], credentials: wrong });
    await assert.rejects(undici.request(server.url, { dispatcher }), { code: 'ERR_NTLM_REJECTED' });
    assert.equal(received(legs, 3), 1);
  });

  test(`an abort reaches through undici ${version}, before and during the answer`, async (t) => {
    const { server } = await serve(t, { role: 'origin' });
    const dispatcher = dispatcherFor(t, { servers: [server.url] });
    const early = new AbortController();
    const first = undici.request(server.url, { dispatcher, signal: early.signal });
    early.abort(new Error('too early'));
    await assert.rejects(first, /too early/);
    const late = new AbortController();
    const { body } = await undici.request(`${server.url}/slow?ms=2000`, { dispatcher, signal: late.signal });
    late.abort(new Error('too late'));
    await assert.rejects(body.text(), /too late/);
  });
}

test('the WebSocket of undici goes through a tunnel', async (t) => {
  const proxy = await serve(t);
  const server = http.createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`heard ${data}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const dispatcher = dispatcherFor(t, { proxy: proxy.server.url });
  const socket = new undici7.WebSocket(`ws://127.0.0.1:${server.address().port}/`, { dispatcher });
  await once(socket, 'open');
  socket.send('hello');
  const [{ data }] = await once(socket, 'message');
  assert.equal(data, 'heard hello');
  socket.close();
  await once(socket, 'close');
  assert.equal(proxy.server.counters.tunnels, 1);
  assert.equal(dispatcher.size, 0);
});

test('a server that would rather speak HTTP/2 is spoken to in HTTP/1.1', async (t) => {
  const certificate = selfSignedCertificate();
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, ({ httpVersion }, response) => {
    response.end(httpVersion);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const origin = `https://127.0.0.1:${server.address().port}`;
  const dispatcher = dispatcherFor(t, { servers: [origin], tls: { ca: certificate.cert } });
  const { body } = await dispatcher.request({ origin, path: '/', method: 'GET' });
  assert.equal(await body.text(), '1.1');
});

for (const [shape, headers] of Object.entries({
  'an object': { 'x-one': '1' },
  'a flat list': ['x-one', '1'],
  pairs: [['x-one', '1']][Symbol.iterator](),
  'a Map': new Map([['x-one', '1']]),
})) {
  test(`headers as ${shape}`, async (t) => {
    const { server } = await serve(t, { role: 'none' });
    const dispatcher = dispatcherFor(t);
    const { body } = await dispatcher.request({ origin: server.url, path: '/echo', method: 'GET', headers });
    const seen = (await body.json()).headers;
    assert.equal(seen.find(([name]) => name === 'x-one')[1], '1');
    assert.deepEqual(
      seen.filter(([name]) => name.toLowerCase() === 'host'),
      [['host', new URL(server.url).host]],
    );
  });
}

test('a Host of the caller stays', async (t) => {
  const { server } = await serve(t, { role: 'none' });
  const dispatcher = dispatcherFor(t);
  const headers = { Host: 'virtual.example' };
  const { body } = await dispatcher.request({ origin: server.url, path: '/echo', method: 'GET', headers });
  assert.equal((await body.json()).headers.find(([name]) => name.toLowerCase() === 'host')[1], 'virtual.example');
});
