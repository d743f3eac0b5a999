import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { NtlmAgent } from 'ntlm-wasm/node';
import { adapters } from './both.mjs';

/** A server whose connections are counted. */
async function counted(t, answer) {
  const server = http.createServer(answer);
  const seen = { server, connections: 0, requests: 0 };
  server.on('connection', (socket) => (socket.number = seen.connections += 1));
  server.on('request', () => (seen.requests += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return Object.assign(seen, { url: `http://127.0.0.1:${server.address().port}/` });
}

const hello = (request, response) => response.end(String(request.socket.number));

async function until(condition) {
  for (let count = 0; count < 200 && !condition(); count += 1) await delay(10);
  assert.ok(condition(), String(condition));
}

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: the connection used last is used first`, async (t) => {
    const peer = await counted(t, hello);
    const { send } = make(t);
    const together = await Promise.all([send(peer.url), send(peer.url), send(peer.url)]);
    assert.equal(new Set(together.map(({ text }) => text)).size, 3);
    const { text: first } = await send(peer.url);
    for (let count = 0; count < 5; count += 1) assert.equal((await send(peer.url)).text, first);
    assert.equal(peer.connections, 3);
  });

  test(`${name}: a connection that lies idle too long is closed`, async (t) => {
    const peer = await counted(t, hello);
    const client = make(t, { keepAliveTimeout: 60 });
    await client.send(peer.url);
    assert.equal(client.size, 1);
    await until(() => client.size === 0);
    assert.equal((await client.send(peer.url)).text, '2');
  });

  test(`${name}: what the server says about its patience counts`, async (t) => {
    const peer = await counted(t, (_, response) => response.setHeader('Keep-Alive', 'timeout=1').end());
    const client = make(t);
    await client.send(peer.url);
    await until(() => client.size === 0);
    assert.equal(peer.connections, 1);
  });

  test(`${name}: a connection that the peer closed while it lay idle is not used`, async (t) => {
    const peer = await counted(t, hello);
    const client = make(t);
    await client.send(peer.url);
    peer.server.closeIdleConnections();
    await until(() => client.size === 0);
    assert.equal((await client.send(peer.url)).text, '2');
  });

  test(`${name}: Connection: close ends the connection, not the client`, async (t) => {
    const peer = await counted(t, (request, response) => response.setHeader('Connection', 'close').end('bye'));
    const client = make(t);
    for (let count = 1; count <= 3; count += 1) {
      assert.equal((await client.send(peer.url)).text, 'bye');
      assert.equal(peer.connections, count);
    }
  });

  test(`${name}: unsolicited bytes end an idle connection`, async (t) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 50);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const client = make(t);
    const url = `http://127.0.0.1:${server.address().port}/`;
    assert.equal((await client.send(url)).text, 'hi');
    await until(() => client.size === 0);
    assert.equal((await client.send(url)).text, 'hi');
  });

  test(`${name}: the next proxy of the list when the first is not there, and not the first again`, async (t) => {
    const gone = net.createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    gone.close();
    await once(gone, 'close');
    const proxy = await counted(t, (request, response) => response.end(request.url));
    const list = `PROXY 127.0.0.1:${port}; PROXY 127.0.0.1:${proxy.server.address().port}; DIRECT`;
    const client = make(t, { proxy: () => list });
    for (const path of ['/one', '/two']) {
      assert.equal((await client.send(`http://www.example${path}`)).text, `http://www.example${path}`);
    }
    const alone = make(t, { proxy: `http://127.0.0.1:${port}` });
    await assert.rejects(alone.send('http://www.example/'), { code: 'ERR_NTLM_PROXY_UNREACHABLE' });
  });

  test(`${name}: one connection to an open proxy serves all origins`, async (t) => {
    const proxy = await counted(t, (request, response) => response.end(`${request.url} ${request.headers.host}`));
    const { send } = make(t, { proxy: `http://127.0.0.1:${proxy.server.address().port}` });
    for (const host of ['one.example', 'two.example:81', 'one.example']) {
      assert.equal((await send(`http://${host}/`)).text, `http://${host}/ ${host}`);
    }
    assert.equal(proxy.connections, 1);
  });
}

/** How a server closes a connection, and the error code that each client reports. */
const deaths = { end: (socket) => socket.destroy(), reset: (socket) => socket.resetAndDestroy() };
const lost = { agent: 'ECONNRESET', dispatcher: 'UND_ERR_SOCKET' };

for (const [name, make] of Object.entries(adapters)) {
  for (const [death, kill] of Object.entries(deaths)) {
    test(`${name}, ${death}: a kept connection that dies under a GET is replaced; under a POST it is not, nor is a new one`, async (t) => {
      const fatal = new Set();
      const peer = await counted(t, (request, response) => {
        if (fatal.delete(request.socket.number)) kill(request.socket);
        else response.end(String(request.socket.number));
      });
      const { send } = make(t);
      await send(peer.url);
      fatal.add(1);
      assert.equal((await send(peer.url)).text, '2');
      assert.equal((await send(peer.url)).text, '2');
      const code = name === 'dispatcher' && death === 'reset' ? 'ECONNRESET' : lost[name];
      fatal.add(2);
      await assert.rejects(send(peer.url, { method: 'POST', body: 'once' }), { code });
      fatal.add(3);
      await assert.rejects(send(peer.url), { code });
      assert.equal(peer.connections, 3);
      // Two deaths in a row are no accident.
      await send(peer.url);
      fatal.add(4).add(5);
      await assert.rejects(send(peer.url), { code });
      assert.equal(peer.connections, 5);
    });
  }
}

test('a request that has not been written yet is moved to another connection, body and all', async (t) => {
  const peer = await counted(t, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(`${request.socket.number} ${text}`);
  });
  const agent = new NtlmAgent({ proxy: 'direct' });
  t.after(() => agent.destroy());
  const start = (options) => http.request(peer.url, { agent, ...options });
  const answer = async (request) => {
    const [response] = await once(request, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    await setImmediate();
    return text;
  };
  assert.equal(await answer(start().end()), '1 ');
  const late = start({ method: 'POST', timeout: 400 });
  const [socket] = await once(late, 'socket');
  peer.server.closeAllConnections();
  await once(socket, 'close');
  late.end('late');
  assert.equal(await answer(late), '2 late');
  assert.equal(late.reusedSocket, false);
  const silent = await counted(t, (request, response) => {
    if (silent.requests === 0) response.end();
    else if (silent.connections === 1) request.socket.destroy();
  });
  await answer(http.get(silent.url, { agent }));
  // The time-out of the request goes with it.
  const waiting = http.get(silent.url, { agent, timeout: 100 });
  await once(waiting, 'timeout');
  waiting.destroy();
  assert.equal((await once(waiting, 'error').catch((error) => [error]))[0].code, 'ECONNRESET');
  assert.equal(silent.connections, 2);
});
