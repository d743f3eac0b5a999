import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:tls';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { demoAccount, startServer } from 'ntlm-wasm/node';
import { RawConnection } from '../server/raw-connection.mjs';
import { localProxy, secretField } from './local-proxy.mjs';

/** The local proxy in front of an NTLM proxy, with a function that opens client connections which know the secret. */
async function serve(t, { server: serverOptions, ...options } = {}) {
  const server = await startServer(serverOptions);
  t.after(() => server.close({ grace: 0 }));
  const local = await localProxy(t, { proxy: server.url, credentials: demoAccount, ...options });
  return { server, ...local, auth: secretField(local.proxy.secret) };
}

test('without the secret nothing leaves this machine', async (t) => {
  const { server, open } = await serve(t);
  const client = await open();
  const wrong = (text) => ({ 'Proxy-Authorization': `Basic ${Buffer.from(text).toString('base64')}` });
  for (const fields of [{}, wrong('ntlm-wasm:wrong'), wrong(''), { 'Proxy-Authorization': 'NTLM TlRMTVNTUAAB' }]) {
    for (const [method, target] of [
      ['GET', `${server.url}/`],
      ['CONNECT', `127.0.0.1:${server.port}`],
    ]) {
      const response = await client.ask(method, target, fields);
      assert.equal(response.status, 407);
      assert.match(response.fields['proxy-authenticate'][0], /^Basic /);
    }
  }
  assert.equal(server.counters.connections, 0);
});

test('the secret is random, can be given, and can be waived', async (t) => {
  const one = await serve(t);
  const two = await serve(t);
  assert.notEqual(one.proxy.secret, two.proxy.secret);
  assert.ok(one.proxy.secret.length >= 32);
  const given = await serve(t, { secret: 'of my own' });
  assert.equal((await (await given.open()).ask('GET', `${given.server.url}/`, given.auth)).status, 200);
  const none = await serve(t, { secret: false });
  assert.equal(none.proxy.url, `http://127.0.0.1:${none.proxy.port}`);
  assert.equal((await (await none.open()).ask('GET', `${none.server.url}/`)).status, 200);
});

test('requests of different clients share an authenticated connection', async (t) => {
  const { server, open, auth } = await serve(t);
  for (let count = 0; count < 5; count += 1) {
    const client = await open();
    for (let again = 0; again < 2; again += 1) {
      assert.equal((await client.ask('GET', `${server.url}/bytes/4`, auth)).body, 'ntlm');
    }
    client.close();
  }
  assert.equal(server.counters.handshakes, 1);
  assert.equal(server.counters.refused, 0);
});

test('the secret of the caller does not travel on', async (t) => {
  const { server, open, auth } = await serve(t);
  const client = await open();
  const echo = JSON.parse((await client.ask('GET', `${server.url}/echo`, { ...auth, 'X-Mine': '1' })).body);
  const names = echo.headers.map(([name]) => name.toLowerCase());
  assert.ok(names.includes('x-mine'));
  assert.ok(!names.includes('proxy-authorization'));
  assert.equal(server.counters.otherSchemes, 0);
});

test('CONNECT makes a tunnel to a TLS server', async (t) => {
  const origin = await startServer({ role: 'none', tls: true });
  t.after(() => origin.close({ grace: 0 }));
  const { server, open, auth } = await serve(t);
  const client = await open();
  assert.equal((await client.ask('CONNECT', `localhost:${origin.port}`, auth)).status, 200);
  client.socket.removeAllListeners('data');
  const secured = connect({ socket: client.socket, servername: 'localhost', ca: origin.certificate });
  await once(secured, 'secureConnect');
  const inner = new RawConnection(secured);
  assert.match((await inner.ask('GET', '/')).body, /It works/);
  assert.equal(server.counters.tunnels, 1);
});

test('a megabyte is posted once, with a length and in chunks', async (t) => {
  const { server, open, auth } = await serve(t);
  const client = await open();
  const body = 'x'.repeat(1024 * 1024);
  const before = server.counters.bytesReceived;
  const plain = await client.ask('POST', `${server.url}/echo`, { ...auth, 'Content-Length': body.length }, body);
  assert.equal(JSON.parse(plain.body).bodyBytes, body.length);
  const chunks = `80000\r\n${body.slice(0, 0x80000)}\r\n80000\r\n${body.slice(0x80000)}\r\n0\r\n\r\n`;
  const chunked = await client.ask('POST', `${server.url}/echo`, { ...auth, 'Transfer-Encoding': 'chunked' }, chunks);
  assert.equal(JSON.parse(chunked.body).bodyBytes, body.length);
  // Two bodies, each received by the proxy and by the page behind it.
  const received = (server.counters.bytesReceived - before) / body.length;
  assert.ok(received > 4 && received < 4.02, `${received} bodies`);
});

test('answers in chunks pass with their trailers; HTTP/1.0 clients get none of that', async (t) => {
  const origin = createServer((_request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('one');
    response.addTrailers({ 'X-Sum': '3' });
    response.end();
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  t.after(() => origin.closeAllConnections());
  t.after(() => origin.close());
  const { open, auth } = await serve(t);
  const target = `http://127.0.0.1:${origin.address().port}/`;
  const client = await open();
  client.write(
    `GET ${target} HTTP/1.1\r\nHost: a\r\nProxy-Authorization: ${auth['Proxy-Authorization']}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(await client.rest(), /3\r\none\r\n0\r\n/);
  const old = await open();
  old.write(`GET ${target} HTTP/1.0\r\nProxy-Authorization: ${auth['Proxy-Authorization']}\r\n\r\n`);
  const response = await old.response();
  assert.equal(response.fields['transfer-encoding'], undefined);
  assert.equal(response.body, 'one');
});

test('an upgrade passes, by a tunnel upstream', async (t) => {
  const origin = createServer();
  origin.on('upgrade', (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\n\r\nhello`,
    );
    socket.pipe(socket);
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  t.after(() => origin.close());
  const { server, open, auth } = await serve(t);
  const client = await open();
  const fields = { ...auth, Connection: 'Upgrade', Upgrade: 'echo' };
  const response = await client.ask('GET', `http://127.0.0.1:${origin.address().port}/`, fields);
  assert.equal(response.status, 101);
  assert.deepEqual(response.fields.upgrade, ['echo']);
  assert.equal(await client.bytes(5), 'hello');
  client.write('and back');
  assert.equal(await client.bytes(8), 'and back');
  assert.equal(server.counters.tunnels, 1);
  client.close();
});

test('what goes wrong is said in status, reason phrase and body', async (t) => {
  const { server, open, auth, seen } = await serve(t);
  const client = await open();
  const told = async (method, target) => {
    const { status, reason, body } = await client.ask(method, target, auth);
    return [status, reason, body];
  };
  const [status, reason, body] = await told('CONNECT', '127.0.0.1:1');
  assert.deepEqual([status, reason], [502, 'ERR_NTLM_TUNNEL_REFUSED']);
  assert.match(body, /ERR_NTLM_TUNNEL_REFUSED/);
  assert.deepEqual((await told('GET', 'ftp://a/')).slice(0, 2), [400, 'ERR_NTLM_BAD_TARGET']);
  assert.deepEqual((await told('CONNECT', 'nonsense')).slice(0, 2), [400, 'ERR_NTLM_BAD_TARGET']);
  assert.equal((await told('GET', '/'))[0], 400);
  assert.equal((await told('GET', `${server.url}/nowhere?token=secret`))[0], 404);
  assert.deepEqual(seen.at(-1).target, `${server.url}/nowhere?…`);
  assert.equal(seen[0].error.code, 'ERR_NTLM_TUNNEL_REFUSED');
});

test('wrong credentials are sent once, whatever the callers do', async (t) => {
  const { server, open, auth } = await serve(t, { credentials: { ...demoAccount, password: 'wrong' } });
  const client = await open();
  for (let count = 0; count < 5; count += 1) {
    const { status, reason } = await client.ask('GET', `${server.url}/`, auth);
    assert.deepEqual([status, reason], [502, 'ERR_NTLM_REJECTED']);
  }
  assert.equal(server.counters.refused, 1);
});

test('a proxy that cannot be reached, and a target that cannot: 502 with the reason', async (t) => {
  const { open, auth } = await serve(t, { proxy: 'http://127.0.0.1:1' });
  const lost = await (await open()).ask('GET', 'http://127.0.0.1:1/', auth);
  assert.deepEqual([lost.status, lost.reason], [502, 'ERR_NTLM_PROXY_UNREACHABLE']);
  const direct = await serve(t, { proxy: 'direct' });
  const client = await direct.open();
  for (const [method, target] of [
    ['GET', 'http://127.0.0.1:1/'],
    ['CONNECT', '127.0.0.1:1'],
  ]) {
    const response = await client.ask(method, target, direct.auth);
    assert.deepEqual([response.status, response.reason], [502, 'ERR_NTLM_TARGET_UNREACHABLE']);
  }
});

test('it fails over along the routes', async (t) => {
  const { server, open, auth } = await serve(t);
  const other = await serve(t, { proxy: `PROXY 127.0.0.1:1; PROXY 127.0.0.1:${server.port}` });
  const client = await other.open();
  assert.equal((await client.ask('GET', `${server.url}/`, other.auth)).status, 200);
  assert.equal((await (await open()).ask('GET', `${server.url}/`, auth)).status, 200);
});

test('it also authenticates to a named server, for callers that do not support NTLM', async (t) => {
  const { server, open, auth } = await serve(t, {
    server: { role: 'origin' },
    proxy: 'direct',
    servers: ['http://127.0.0.1'],
  });
  const client = await open();
  // The name without a port means the usual one.
  assert.equal((await client.ask('GET', `${server.url}/`, auth)).status, 401);
  const named = await serve(t, { proxy: 'direct', servers: [server.url] });
  const caller = await named.open();
  const response = await caller.ask('GET', `${server.url}/`, named.auth);
  assert.equal(response.status, 200);
  assert.match(response.body, /You are alice/);
});

test('an upstream connection that died while idle is replaced, without a word to the caller', async (t) => {
  const { server, open, auth } = await serve(t, { server: { idleTimeout: 80 } });
  const client = await open();
  for (let count = 0; count < 3; count += 1) {
    assert.equal((await client.ask('GET', `${server.url}/bytes/1`, auth)).status, 200);
    await delay(150);
  }
  assert.equal(server.counters.handshakes, 3);
});

test('a client that does not read slows the server down, and one that leaves frees the connection', async (t) => {
  const { server, open, auth } = await serve(t);
  const client = await open();
  client.socket.pause();
  client.write(
    `GET ${server.url}/bytes/500000000 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: ${auth['Proxy-Authorization']}\r\n\r\n`,
  );
  await delay(500);
  const sent = server.counters.bytesSent;
  assert.ok(sent > 10_000 && sent < 60_000_000, `${sent} bytes on their way`);
  client.close();
  await delay(200);
  const later = server.counters.bytesSent;
  await delay(200);
  assert.equal(server.counters.bytesSent, later, 'nothing flows any more');
  assert.equal((await (await open()).ask('GET', `${server.url}/bytes/1`, auth)).status, 200);
});

test('close lets what is under way finish, and leaves nothing open', async (t) => {
  const { server, proxy, open, auth } = await serve(t);
  const busy = await open();
  const idle = await open();
  const answer = busy.ask('GET', `${server.url}/slow?ms=200`, auth);
  await delay(80);
  const closed = proxy.close({ grace: 2000 });
  assert.equal(await idle.rest(), '');
  assert.equal((await answer).body, '1\n2\n3\n4\n');
  await closed;
  await delay(50);
  assert.equal(server.counters.open, 0);
});

test(
  'a thousand requests of forty clients, some of which die: none lost, none mixed up',
  { timeout: 60_000 },
  async (t) => {
    const { server, open, auth } = await serve(t, { maxSockets: 16 });
    let answered = 0;
    const worker = async (number) => {
      let client = await open();
      for (let count = 0; count < 25; count += 1) {
        if ((number + count) % 7 === 0) {
          // Dies in the middle of a request.
          client.write(
            `GET ${server.url}/bytes/100000 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: ${auth['Proxy-Authorization']}\r\n\r\n`,
          );
          if (count % 2 === 0) await delay(count % 5);
          client.close();
          client = await open();
        }
        const text = `${number}-${count}`;
        const response = await client.ask(
          'POST',
          `${server.url}/echo?${text}`,
          { ...auth, 'Content-Length': text.length },
          text,
        );
        const echo = JSON.parse(response.body);
        assert.equal(echo.target, `/echo?${text}`);
        assert.equal(echo.bodyBytes, text.length);
        answered += 1;
      }
      client.close();
    };
    await Promise.all(Array.from({ length: 40 }, (_, number) => worker(number)));
    assert.equal(answered, 1000);
    assert.equal(server.counters.refused, 0);
  },
);
