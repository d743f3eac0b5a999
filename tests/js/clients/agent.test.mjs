import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import axios from 'axios';
import got from 'got';
import { NtlmAgent } from 'ntlm-wasm/node';
import nodeFetch from 'node-fetch';
import superagent from 'superagent';
import { WebSocket, WebSocketServer } from 'ws';
import { credentials, received, serve, tenTimes, wrongCredentials } from './servers.mjs';

function agentFor(t, options) {
  const agent = new NtlmAgent({ credentials, proxy: 'direct', ...options });
  t.after(() => agent.destroy());
  return agent;
}

/** One request with Node's own client; resolves with status and body. */
function request(url, { body, ...options } = {}) {
  const { request: start } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = start(url, options, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode, text, reused: outgoing.reusedSocket });
    });
    outgoing.on('error', reject).end(body);
  });
}

/** A proxy, and behind it a page in the clear and one with TLS. */
async function network(t) {
  const [proxy, plain, secure] = [
    await serve(t),
    await serve(t, { role: 'none' }),
    await serve(t, { role: 'none', tls: true }),
  ];
  const urls = [plain.server.url, secure.server.url];
  return { proxy, urls, options: { proxy: proxy.server.url, tls: { ca: secure.server.certificate } } };
}

/** An NTLM server that insists on channel bindings. */
async function boundServer(t) {
  const { server, ...seen } = await serve(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  return { server, ...seen, options: { servers: [server.url], tls: { ca: server.certificate } } };
}

const clients = {
  'http.request and https.request': async (agent, url) => (await request(url, { agent })).status,
  axios: async (agent, url) => (await axios.get(url, { httpAgent: agent, httpsAgent: agent, proxy: false })).status,
  got: async (agent, url) => (await got(url, { agent: { http: agent, https: agent } })).statusCode,
  'node-fetch': async (agent, url) => {
    const response = await nodeFetch(url, { agent });
    await response.text();
    return response.status;
  },
  superagent: async (agent, url) => (await superagent.get(url).agent(agent)).status,
};

for (const [name, get] of Object.entries(clients)) {
  test(`${name} through a proxy, in the clear and with TLS`, async (t) => {
    const { proxy, urls, options } = await network(t);
    const agent = agentFor(t, options);
    for (const url of urls) assert.deepEqual(await tenTimes(() => get(agent, url)), Array(10).fill(200));
    const { connections, handshakes, requests, tunnels } = proxy.server.counters;
    assert.deepEqual({ connections, handshakes, tunnels }, { connections: 2, handshakes: 2, tunnels: 1 });
    assert.equal(requests, 11 + 2);
  });

  test(`${name} to a server that insists on channel bindings`, async (t) => {
    const { server, options } = await boundServer(t);
    const agent = agentFor(t, options);
    assert.deepEqual(await tenTimes(() => get(agent, server.url)), Array(10).fill(200));
    const { connections, handshakes, requests } = server.counters;
    assert.deepEqual({ connections, handshakes, requests }, { connections: 1, handshakes: 1, requests: 11 });
  });
}

test('a WebSocket through the proxy', async (t) => {
  const { options, proxy } = await network(t);
  const agent = agentFor(t, options);
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}/`, { agent });
  await once(socket, 'open');
  socket.send('hello');
  const [data] = await once(socket, 'message');
  assert.equal(String(data), 'heard hello');
  socket.close();
  await once(socket, 'close');
  assert.equal(proxy.server.counters.tunnels, 1);
  assert.equal(agent.size, 0);
});

test('a connection is reused, and Node is notified', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const agent = agentFor(t, { servers: [server.url] });
  assert.equal((await request(server.url, { agent })).reused, false);
  assert.equal((await request(server.url, { agent })).reused, true);
});

test('ten requests at once over three sockets: three handshakes', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const agent = agentFor(t, { servers: [server.url], maxSockets: 3 });
  const results = await Promise.all(Array.from({ length: 10 }, () => request(server.url, { agent })));
  assert.ok(results.every(({ status }) => status === 200));
  assert.equal(server.counters.handshakes, 3);
});

test('maxSockets may be set later, as programs do with the global agent', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const agent = agentFor(t, { servers: [server.url] });
  agent.maxSockets = 2;
  await Promise.all(Array.from({ length: 6 }, () => request(server.url, { agent })));
  assert.equal(server.counters.handshakes, 2);
});

test('OPTIONS * is asked of the server itself', async (t) => {
  const requests = [];
  const server = http.createServer(({ method, url }, response) =>
    response.end(requests.push(`${method} ${url}`) && ''),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}`;
  const agent = agentFor(t, { servers: [url] });
  await request(url, { agent, method: 'OPTIONS', path: '*' });
  assert.deepEqual(requests, ['OPTIONS *']);
});

test('a CONNECT of the program itself goes where the program says', async (t) => {
  const { proxy, urls } = await network(t);
  const agent = agentFor(t, { proxy: 'http://127.0.0.1:1' });
  const { hostname, port } = new URL(proxy.server.url);
  const options = { agent, hostname, port, method: 'CONNECT', path: new URL(urls[0]).host };
  const outgoing = http.request(options).end();
  const [response, socket] = await once(outgoing, 'connect');
  assert.equal(response.statusCode, 407);
  socket.destroy();
});

test('a body of one MiB crosses the wire once', async (t) => {
  const { server, requests } = await serve(t, { role: 'origin' });
  const agent = agentFor(t, { servers: [server.url] });
  const body = Buffer.alloc(1 << 20, 'x');
  const { status } = await request(`${server.url}/echo`, { agent, method: 'PUT', body });
  assert.equal(status, 200);
  assert.equal(
    requests.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
    1 << 20,
  );
  assert.ok(server.counters.bytesReceived < (1 << 20) + 4096);
});

test('a head that is written late, and one given as a list, reach the proxy in absolute form', async (t) => {
  const { proxy, urls, options } = await network(t);
  const agent = agentFor(t, { ...options, proxy: async () => proxy.server.url });
  const headers = ['Host', new URL(urls[0]).host, 'X-Spelt-Like-This', 'yes'];
  const { text } = await request(`${urls[0]}/echo`, { agent, headers });
  assert.match(text, /X-Spelt-Like-This/);
});

test('a server that asks for every request: the client sees one answer to each', async (t) => {
  const { server, requests } = await serve(t, { role: 'origin', authentication: 'request' });
  const agent = agentFor(t, { servers: [server.url] });
  for (const body of ['first', 'second', Buffer.alloc(3_000_000, 'x')]) {
    const { status, text } = await request(`${server.url}/echo`, { agent, method: 'POST', body });
    assert.equal(status, 200);
    assert.equal(JSON.parse(text).bodyBytes, body.length);
  }
  assert.equal(server.counters.handshakes, 3);
  assert.equal(server.counters.connections, 1);
  assert.ok(server.counters.bytesReceived < 3_010_000, 'the large body is sent once');
  assert.deepEqual(
    requests.map(({ method, status }) => `${method} ${status}`),
    [...['POST 401', 'POST 200'], ...['POST 401', 'POST 401', 'POST 200'], ...['POST 401', 'POST 200']],
  );
});

test('a wrong password is sent once', async (t) => {
  const { server, legs } = await serve(t, { role: 'origin' });
  const agent = agentFor(t, { servers: [server.url], credentials: wrongCredentials() });
  await assert.rejects(request(server.url, { agent }), { code: 'ERR_NTLM_REJECTED' });
  assert.equal(received(legs, 3), 1);
});

test('a request that is destroyed while its connection is being opened ends at once', async (t) => {
  const silent = http.createServer().on('connect', () => {});
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.closeAllConnections());
  t.after(() => silent.close());
  const agent = agentFor(t, { proxy: `http://127.0.0.1:${silent.address().port}` });
  const reason = new Error('no longer needed');
  const outgoing = https.get('https://example.invalid/', { agent });
  setTimeout(() => outgoing.destroy(reason), 50);
  const [error] = await once(outgoing, 'error').catch((error) => [error]);
  assert.equal(error, reason);
});

test('the usual ports are not spelt out in Host', async (t) => {
  const { proxy, options } = await network(t);
  const agent = agentFor(t, options);
  for (const [start, port] of [
    [http, 80],
    [https, 443],
  ]) {
    const outgoing = start.request({ host: 'example.invalid', agent });
    outgoing.on('error', () => {});
    assert.equal(outgoing.getHeader('host'), 'example.invalid', String(port));
    outgoing.destroy();
  }
  assert.equal(proxy.server.counters.otherSchemes, 0);
});

test('a Unix socket is reached as ever', async (t) => {
  const path = `${process.env.TMPDIR ?? '/tmp'}/ntlm-wasm-agent-${process.pid}.sock`;
  const server = http.createServer((_, response) => response.end('hello')).listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  const agent = agentFor(t, { proxy: 'http://127.0.0.1:1' });
  const outgoing = http.get({ socketPath: path, path: '/', agent });
  const [response] = await once(outgoing, 'response');
  assert.equal(response.statusCode, 200);
  response.resume();
  await once(response, 'end');
});
