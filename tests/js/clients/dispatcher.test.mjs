import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { NtlmServer } from 'ntlm-wasm';
import { createFetch, NtlmDispatcher } from 'ntlm-wasm/node';
import { credentials, received, serve, tenTimes, wrongCredentials } from './servers.mjs';

function fetchFor(t, options) {
  const dispatcher = new NtlmDispatcher({ credentials, proxy: 'direct', ...options });
  t.after(() => dispatcher.destroy());
  return Object.assign((url, init) => fetch(url, { ...init, dispatcher }), { dispatcher });
}

const text = async (response) => [response.status, (await response.text()).length > 0];

test('ten requests through the proxy: one connection, eleven requests, one handshake', async (t) => {
  const { server } = await serve(t);
  const get = fetchFor(t, { proxy: server.url });
  const results = await tenTimes((index) => get(`${server.url}/?${index}`).then(text));
  assert.deepEqual(results, Array(10).fill([200, true]));
  // The pages come from the server itself, so the proxy's own connections to it are counted as well.
  assert.equal(server.counters.handshakes, 1);
});

test('ten requests to a server: one connection, eleven requests, one handshake', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: [server.url] });
  assert.deepEqual(await tenTimes(() => get(server.url).then(text)), Array(10).fill([200, true]));
  const { connections, requests, handshakes } = server.counters;
  assert.deepEqual({ connections, requests, handshakes }, { connections: 1, requests: 11, handshakes: 1 });
});

test('ten requests at once: as many handshakes as connections', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: [server.url] });
  const results = await Promise.all(Array.from({ length: 10 }, () => get(server.url).then(text)));
  assert.deepEqual(results, Array(10).fill([200, true]));
  const { connections, requests, handshakes } = server.counters;
  assert.deepEqual({ connections, requests, handshakes }, { connections: 10, requests: 20, handshakes: 10 });
});

test('ten requests at once over three sockets: three handshakes', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: [server.url], maxSockets: 3 });
  const results = await Promise.all(Array.from({ length: 10 }, () => get(server.url).then(text)));
  assert.deepEqual(results, Array(10).fill([200, true]));
  const { connections, requests, handshakes } = server.counters;
  assert.deepEqual({ connections, requests, handshakes }, { connections: 3, requests: 13, handshakes: 3 });
});

for (const [name, body] of [
  ['a buffer', () => Buffer.alloc(1 << 20, 'x')],
  ['a stream', () => Readable.toWeb(Readable.from([Buffer.alloc(1 << 19, 'x'), Buffer.alloc(1 << 19, 'y')]))],
]) {
  test(`a body of one MiB from ${name} crosses the wire once`, async (t) => {
    const { server, requests } = await serve(t, { role: 'origin' });
    const get = fetchFor(t, { servers: [server.url] });
    const response = await get(`${server.url}/echo`, { method: 'POST', body: body(), duplex: 'half' });
    assert.equal(response.status, 200);
    assert.deepEqual(
      requests.map(({ method, status, bodyBytes }) => [method, status, bodyBytes]),
      [
        ['HEAD', 401, 0],
        ['POST', 200, 1 << 20],
      ],
    );
    assert.ok(server.counters.bytesReceived < (1 << 20) + 4096, String(server.counters.bytesReceived));
  });
}

test('a wrong password is sent once, and the error says that it was wrong', async (t) => {
  const { server, legs } = await serve(t);
  const get = fetchFor(t, { proxy: server.url, credentials: wrongCredentials() });
  const error = await get(`${server.url}/`).catch(({ cause }) => cause);
  assert.equal(error.code, 'ERR_NTLM_REJECTED');
  assert.equal(received(legs, 3), 1);
  assert.equal(get.dispatcher.size, 0);
});

for (const [where, url] of Object.entries({ 'in the clear': 'http://127.0.0.1', 'by tunnels': 'https://127.0.0.1' })) {
  for (const from of ['options', 'the URL of the proxy', 'a function']) {
    test(`ten requests at once ${where} with a wrong password from ${from}: it is sent once`, async (t) => {
      const { server, legs } = await serve(t);
      const wrong = wrongCredentials();
      const proxy =
        from === 'the URL of the proxy' ? server.url.replace('//', `//alice:${wrong.password}@`) : server.url;
      const get = fetchFor(t, { proxy, credentials: from === 'a function' ? () => wrong : wrong });
      const errors = await Promise.all(Array.from({ length: 10 }, () => get(url).catch(({ cause }) => cause)));
      assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['ERR_NTLM_REJECTED']));
      assert.equal(received(legs, 3), 1);
    });
  }
}

test('a wrong password is sent once through a tunnel too', async (t) => {
  const { server, legs } = await serve(t);
  const get = fetchFor(t, { proxy: server.url, credentials: wrongCredentials() });
  const error = await get('https://127.0.0.1:8443/').catch(({ cause }) => cause);
  assert.equal(error.code, 'ERR_NTLM_REJECTED');
  assert.equal(received(legs, 3), 1);
});

test('a function is asked again when what it gave was refused, and the request succeeds', async (t) => {
  const { server, legs } = await serve(t);
  const asked = [];
  const get = fetchFor(t, {
    proxy: server.url,
    credentials: (ask) => {
      asked.push(ask);
      return { ...credentials, password: asked.length === 1 ? 'mistyped' : credentials.password };
    },
  });
  const response = await get(`${server.url}/`, { method: 'POST', body: 'once' });
  assert.equal(response.status, 200);
  assert.equal(asked.length, 2);
  assert.equal(received(legs, 3), 2);
  assert.deepEqual({ isProxy: asked[0].isProxy, port: asked[0].port }, { isProxy: true, port: server.port });
});

test('an origin that is not listed in servers never receives credentials', async (t) => {
  const { server, legs } = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: ['https://elsewhere.example'] });
  assert.equal((await get(server.url)).status, 401);
  assert.deepEqual(legs, []);
});

test('a redirect carries no credentials to an origin that is not named', async (t) => {
  const named = await serve(t, { role: 'origin' });
  const other = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: [named.server.url] });
  const response = await get(`${named.server.url}/redirect?to=${encodeURIComponent(other.server.url)}`);
  assert.equal(response.redirected, true);
  assert.equal(response.status, 401);
  assert.deepEqual(other.legs, []);
  assert.equal(named.server.counters.handshakes, 1);
});

test('http and https through the proxy, and an NTLM server behind it: two handshakes on one connection', async (t) => {
  const proxy = await serve(t);
  const origin = await serve(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  const get = fetchFor(t, {
    proxy: proxy.server.url,
    servers: [origin.server.url],
    tls: { ca: origin.server.certificate },
  });
  assert.deepEqual(await tenTimes(() => get(origin.server.url).then(text)), Array(10).fill([200, true]));
  assert.equal(proxy.server.counters.tunnels, 1);
  assert.equal(proxy.server.counters.handshakes, 1);
  assert.equal(origin.server.counters.handshakes, 1);
  assert.equal(origin.server.counters.requests, 11);
});

test('an NTLM server behind an NTLM proxy, without TLS', async (t) => {
  const { server, legs } = await serve(t, { role: 'both' });
  const get = fetchFor(t, { proxy: server.url, servers: [server.url] });
  assert.deepEqual(await text(await get(server.url)), [200, true]);
  assert.ok(legs.some(({ side }) => side === 'proxy') && legs.some(({ side }) => side === 'origin'));
});

test('extended protection: without the binding the server refuses', async (t) => {
  // A separate account: credentials that one server rejects are not sent to another.
  const bob = { username: 'bob', password: 'Bürgschaft' };
  const accounts = { bob: bob.password };
  const { server } = await serve(t, { role: 'origin', tls: true, channelBindingPolicy: 'required', accounts });
  const options = { servers: [server.url], tls: { ca: server.certificate }, credentials: bob };
  const bound = fetchFor(t, options);
  const unbound = fetchFor(t, { ...options, channelBindings: 'off' });
  assert.equal((await bound(server.url)).status, 200);
  const error = await unbound(server.url).catch(({ cause }) => cause);
  assert.equal(error.code, 'ERR_NTLM_REJECTED');
});

test('a proxy that is spoken to over TLS', async (t) => {
  const { server } = await serve(t, { tls: true, channelBindingPolicy: 'required' });
  const page = await serve(t, { role: 'none' });
  const secure = await serve(t, { role: 'none', tls: true });
  const get = fetchFor(t, {
    proxy: server.url,
    tls: { ca: [secure.server.certificate] },
    proxyTls: { ca: server.certificate },
  });
  assert.equal((await get(page.server.url)).status, 200);
  assert.equal((await get(secure.server.url)).status, 200);
});

test('a server that asks for every request: small bodies go with the token, streams after a leg without them', async (t) => {
  const { server, requests } = await serve(t, { role: 'origin', authentication: 'request' });
  const get = fetchFor(t, { servers: [server.url] });
  const stream = () => Readable.toWeb(Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'x'))));
  for (const body of ['first', 'second', 'third', stream()]) {
    const response = await get(`${server.url}/echo`, { method: 'POST', body, duplex: 'half' });
    assert.equal(response.status, 200);
    assert.equal((await response.json()).bodyBytes, body.length ?? 40 * 65_536);
  }
  assert.equal(server.counters.connections, 1);
  assert.equal(server.counters.handshakes, 4);
  assert.deepEqual(
    requests.map(({ method, status }) => `${method} ${status}`),
    [
      ...['POST 401', 'POST 200'],
      // That it asks again is learnt from the second.
      ...['POST 401', 'POST 401', 'POST 200'],
      ...['POST 401', 'POST 200'],
      ...['POST 401', 'POST 200'],
    ],
  );
});

test('a server with an open page and a closed one: one handshake, when it is first wanted', async (t) => {
  const { server, requests } = await halfOpen(t);
  const get = fetchFor(t, { servers: [server.url] });
  for (const path of ['/open', '/closed', '/closed', '/open']) assert.equal((await get(server.url + path)).status, 200);
  assert.deepEqual(requests, [
    'GET /open 200',
    'GET /closed 401',
    'GET /closed 401',
    'GET /closed 200',
    'GET /closed 200',
    'GET /open 200',
  ]);
});

test('a proxy that needs no authentication sees each request once, and nothing else', async (t) => {
  const { server, requests } = await serve(t, { role: 'none' });
  const get = fetchFor(t, { proxy: server.url, maxSockets: 2 });
  await Promise.all([get(`${server.url}/`), get(`${server.url}/`)].map(async (one) => (await one).text()));
  await tenTimes(() => get(`${server.url}/`).then(text));
  assert.deepEqual(
    requests.filter(({ side }) => side === 'proxy').map(({ method }) => method),
    Array(12).fill('GET'),
  );
});

test('an abort during the handshake ends it', async (t) => {
  const { server } = await serve(t);
  const get = fetchFor(t, { proxy: server.url });
  const reason = new Error('changed my mind');
  const controller = new AbortController();
  const answer = get(`${server.url}/`, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(answer, reason);
});

test('destroy leaves nothing behind, close waits for what is under way', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const get = fetchFor(t, { servers: [server.url] });
  const underWay = get(server.url);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await get.dispatcher.close();
  assert.equal((await underWay).status, 200);
  assert.equal(get.dispatcher.size, 0);
  await assert.rejects(get(server.url), ({ cause }) => cause.code === 'UND_ERR_DESTROYED');
});

test('createFetch is a fetch', async (t) => {
  const { server } = await serve(t);
  const get = createFetch({ proxy: server.url, credentials, keepAliveTimeout: 100 });
  const response = await get(new Request(`${server.url}/`, { method: 'POST', body: 'hello' }));
  assert.equal(response.status, 200);
  assert.ok(response instanceof Response);
});

/** An origin that asks only for what lies below /closed. */
async function halfOpen(t) {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    const state = (request.socket.state ??= { ntlm: new NtlmServer({ account: () => credentials }) });
    const token = request.headers.authorization?.slice('NTLM '.length);
    const first = token !== undefined && Buffer.from(token, 'base64')[8] === 1;
    if (token !== undefined && !first) state.user = await state.ntlm.authenticate(token);
    response.statusCode = request.url === '/closed' && state.user === undefined ? 401 : 200;
    if (response.statusCode === 401) {
      response.setHeader('WWW-Authenticate', first ? `NTLM ${state.ntlm.challenge(token)}` : 'NTLM');
    }
    requests.push(`${request.method} ${request.url} ${response.statusCode}`);
    response.end('page');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { server: { url: `http://127.0.0.1:${server.address().port}` }, requests };
}
