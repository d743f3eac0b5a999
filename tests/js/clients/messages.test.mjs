import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { NtlmAgent, NtlmDispatcher } from 'ntlm-wasm/node';
import { adapters } from './both.mjs';
import { credentials, serve, wrongCredentials } from './servers.mjs';

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: large bodies both ways, with and without a length`, async (t) => {
    const { server } = await serve(t, { role: 'both' });
    const { send } = make(t, { proxy: server.url, servers: [server.url] });
    const body = 'ntlm'.repeat(500_000);
    for (const path of ['/bytes/3000000', '/bytes/3000000?chunked']) {
      assert.equal((await send(server.url + path)).text.length, 3_000_000);
    }
    const echoed = JSON.parse((await send(`${server.url}/echo`, { method: 'POST', body })).text);
    assert.equal(echoed.bodyBytes, body.length);
  });

  test(`${name}: a proxy that wants credentials when there are none`, async (t) => {
    const { server } = await serve(t);
    const { send } = make(t, { proxy: server.url, credentials: () => undefined });
    for (const url of ['http://www.example/', 'https://www.example/']) {
      await assert.rejects(send(url), { code: 'ERR_NTLM_CREDENTIALS_REQUIRED', message: /it offers NTLM/ });
    }
  });

  test(`${name}: a thousand requests on four connections that the server keeps closing`, async (t) => {
    const { server } = await serve(t, { role: 'origin' });
    const { send } = make(t, { servers: [server.url], maxSockets: 4 });
    let sent = 0;
    const worker = async () => {
      while (sent < 1000) {
        const number = (sent += 1);
        const headers = number % 50 === 0 ? { connection: 'close' } : {};
        const { status, text } = await send(`${server.url}/echo?${number}`, { headers });
        assert.equal(status, 200);
        assert.equal(JSON.parse(text).target, `/echo?${number}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const { handshakes, connections } = server.counters;
    assert.equal(handshakes, connections);
  });
}

test('Expect: 100-continue is passed on, and the body waits for the answer', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const agent = new NtlmAgent({ credentials, proxy: 'direct', servers: [server.url] });
  t.after(() => agent.destroy());
  const headers = { Expect: '100-continue', 'Content-Length': 5 };
  const request = http.request(`${server.url}/echo`, { agent, method: 'PUT', headers });
  request.flushHeaders();
  await once(request, 'continue');
  request.end('hello');
  const [response] = await once(request, 'response');
  assert.equal(response.statusCode, 200);
  let text = '';
  for await (const chunk of response) text += chunk;
  assert.equal(JSON.parse(text).bodyBytes, 5);
});

test('trailers arrive', async (t) => {
  const server = http.createServer(({ method }, response) => {
    if (method === 'HEAD') return response.end();
    response.writeHead(200, { Trailer: 'Digest' });
    response.write('body');
    response.addTrailers({ Digest: 'abc' });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  const agent = new NtlmAgent({ credentials, proxy: 'direct', servers: [url] });
  t.after(() => agent.destroy());
  const [response] = await once(http.get(url, { agent }), 'response');
  response.resume();
  await once(response, 'end');
  assert.deepEqual({ ...response.trailers }, { digest: 'abc' });
  const dispatcher = new NtlmDispatcher({ credentials, proxy: 'direct', servers: [url] });
  t.after(() => dispatcher.destroy());
  const { body, trailers } = await dispatcher.request({ origin: url, path: '/', method: 'GET' });
  await body.text();
  assert.deepEqual(trailers, { digest: 'abc' });
});

test('a reader that does not read slows the server down', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const agent = new NtlmAgent({ credentials, proxy: 'direct', servers: [server.url] });
  t.after(() => agent.destroy());
  const [response] = await once(http.get(`${server.url}/bytes/100000000`, { agent }), 'response');
  await delay(300);
  const sent = server.counters.bytesSent;
  await delay(200);
  assert.equal(server.counters.bytesSent, sent);
  assert.ok(sent < 50_000_000, `${sent} bytes were sent without a reader`);
  response.destroy();
});

test('a server that does not read slows the sender down', async (t) => {
  const server = http.createServer(({ method }, response) => method === 'HEAD' && response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const url = `http://127.0.0.1:${server.address().port}`;
  const agent = new NtlmAgent({ credentials, proxy: 'direct', servers: [url] });
  t.after(() => agent.destroy());
  let produced = 0;
  const source = new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
      produced += 65_536;
    },
  });
  const request = http.request(url, { agent, method: 'POST' });
  request.on('error', () => {});
  source.pipe(request);
  await delay(300);
  const before = produced;
  await delay(200);
  assert.equal(produced, before);
  assert.ok(produced < 50_000_000, `${produced} bytes were taken`);
  request.destroy();
});

test('a request timeout is reported while the connection is still being opened', async (t) => {
  const silent = http.createServer().on('connect', () => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  t.after(() => silent.closeAllConnections());
  const agent = new NtlmAgent({ credentials, proxy: `http://127.0.0.1:${silent.address().port}` });
  const request = http.get('http://www.example/', { agent, timeout: 50 });
  request.on('error', () => {});
  await once(request, 'timeout');
  request.destroy();
});

test('what happens is published, without secrets', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const events = [];
  const names = ['connect', 'leg', 'authenticated', 'refused', 'reused', 'closed'];
  for (const name of names) {
    const listener = (event) => events.push([name, event]);
    subscribe(`ntlm-wasm:${name}`, listener);
    t.after(() => unsubscribe(`ntlm-wasm:${name}`, listener));
  }
  const good = adapters.dispatcher(t, { servers: [server.url] });
  await good.send(server.url);
  await good.send(server.url);
  const bad = adapters.dispatcher(t, { servers: [server.url], credentials: wrongCredentials() });
  await assert.rejects(bad.send(server.url), { code: 'ERR_NTLM_REJECTED' });
  assert.deepEqual(
    events.map(([name]) => name).filter((name) => name !== 'closed'),
    ['connect', 'leg', 'leg', 'authenticated', 'reused', 'connect', 'leg', 'refused'],
  );
  assert.equal(events.find(([name]) => name === 'refused')[1].code, 'ERR_NTLM_REJECTED');
  assert.doesNotMatch(JSON.stringify(events), /Wonderland|wrong|TlRMTVNT|alice/);
});

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: Persistent-Auth announces a connection that stays authenticated, or one that asks again; both work`, async (t) => {
    for (const authentication of ['connection', 'request']) {
      const { server } = await serve(t, { role: 'origin', authentication, persistentAuth: true });
      const { send } = make(t, { servers: [server.url] });
      for (let count = 1; count <= 3; count += 1) {
        const { status, headers } = await send(server.url);
        assert.equal(status, 200);
        assert.equal(headers['persistent-auth'], String(authentication === 'connection'));
      }
      const { connections, handshakes } = server.counters;
      assert.deepEqual(
        { connections, handshakes },
        { connections: 1, handshakes: authentication === 'connection' ? 1 : 3 },
      );
    }
  });
}
