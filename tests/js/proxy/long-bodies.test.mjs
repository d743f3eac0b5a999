// Long response bodies and tunnels: the bytes go from socket to socket, and each byte arrives once and in order.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startProxy } from 'ntlm-wasm/node';

const MIB = 1 << 20;
const BODY = randomBytes(8 * MIB);
const digest = (data) => createHash('sha256').update(data).digest('hex');

/** An upstream proxy without authentication: `answer(socket, number, head)` writes the response to each request. */
async function upstreamProxy(t, answer) {
  const seen = { connections: 0, requests: 0, closed: 0, sockets: [] };
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    seen.connections += 1;
    seen.sockets.push(socket);
    let text = '';
    socket.on('error', () => {}).on('close', () => (seen.closed += 1));
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        answer(socket, (seen.requests += 1), head);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startProxy({ proxy: `http://127.0.0.1:${server.address().port}`, secret: false });
  t.after(async () => {
    await proxy.close({ grace: 0 });
    for (const socket of seen.sockets) socket.destroy();
    server.close();
  });
  return { proxy, seen };
}

function request(proxy, { method = 'GET', agent } = {}) {
  const { port } = proxy;
  return http.request({ port, host: '127.0.0.1', method, path: 'http://origin.example/', agent }).end();
}

async function response(...args) {
  const [res] = await once(request(...args), 'response');
  return res;
}

async function read(res, pace = async () => {}) {
  const chunks = [];
  for await (const chunk of res) {
    chunks.push(chunk);
    await pace(chunks.length);
  }
  return Buffer.concat(chunks);
}

const head = (...fields) => `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

function writeBody(socket, ...fields) {
  socket.write(head(`Content-Length: ${BODY.length}`, ...fields));
  socket.write(BODY);
}

test('a long body arrives whole, with one length, and its connection is used again', async (t) => {
  const { proxy, seen } = await upstreamProxy(t, (socket) => writeBody(socket, 'X-Kept: yes'));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let round = 0; round < 5; round++) {
    const res = await response(proxy, { agent });
    assert.equal(digest(await read(res)), digest(BODY));
    const { 'content-length': length, 'x-kept': kept, 'transfer-encoding': coding } = res.headers;
    assert.deepEqual({ length, kept, coding }, { length: String(BODY.length), kept: 'yes', coding: undefined });
    assert.equal(res.rawHeaders.filter((name) => /^content-length$/i.test(name)).length, 1);
  }
  assert.deepEqual([seen.connections, seen.requests], [1, 5]);
});

test('long and short bodies take turns on one connection', async (t) => {
  const { proxy, seen } = await upstreamProxy(t, (socket, number) => {
    if (number % 2 === 1) writeBody(socket);
    else socket.write(`${head('Content-Length: 5')}short`);
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let round = 0; round < 6; round++) {
    const body = await read(await response(proxy, { agent }));
    assert.equal(digest(body), digest(round % 2 === 0 ? BODY : 'short'));
  }
  assert.equal(seen.connections, 1);
});

test('a slow caller gets every byte, while other callers use other connections', async (t) => {
  const { proxy } = await upstreamProxy(t, (socket) => writeBody(socket));
  const callers = [1, 7, 50].map(async (every) => {
    const res = await response(proxy);
    return read(res, (count) => (count % every === 0 ? delay(2) : undefined));
  });
  for (const body of await Promise.all(callers)) assert.equal(digest(body), digest(BODY));
});

test('the head arrives in pieces, and so does the body', async (t) => {
  const { proxy } = await upstreamProxy(t, async (socket) => {
    const whole = Buffer.concat([Buffer.from(head(`Content-Length: ${BODY.length}`)), BODY]);
    for (let at = 0, size = 1; at < whole.length; at += size, size = Math.min(size * 2, 100_000)) {
      socket.write(whole.subarray(at, at + size));
      await delay(1);
    }
  });
  assert.equal(digest(await read(await response(proxy))), digest(BODY));
});

test('a body whose connection closes after it', async (t) => {
  const { proxy, seen } = await upstreamProxy(t, (socket) => {
    writeBody(socket, 'Connection: close');
    socket.end();
  });
  for (let round = 0; round < 3; round++) assert.equal(digest(await read(await response(proxy))), digest(BODY));
  assert.equal(seen.connections, 3);
});

test('a body that breaks off closes the connection to the caller', async (t) => {
  const { proxy } = await upstreamProxy(t, (socket) => {
    socket.write(head(`Content-Length: ${BODY.length}`));
    socket.end(BODY.subarray(0, 3 * MIB));
  });
  await assert.rejects(async () => read(await response(proxy)), { code: 'ECONNRESET' });
});

test('a caller that leaves in the middle of a body releases the connection upstream', async (t) => {
  const { proxy, seen } = await upstreamProxy(t, (socket) => writeBody(socket));
  const res = await response(proxy);
  await once(res, 'data');
  res.destroy();
  for (let wait = 0; wait < 200 && seen.closed === 0; wait++) await delay(10);
  assert.equal(seen.closed, 1);
});

test('bytes after a long body are not the response to the next request', async (t) => {
  const { proxy } = await upstreamProxy(t, (socket, number) => {
    writeBody(socket);
    if (number === 1) socket.write(`${head('Content-Length: 6')}forged`);
  });
  for (let round = 0; round < 3; round++) assert.equal(digest(await read(await response(proxy))), digest(BODY));
});

test('a response without its announced body: HEAD and 304', async (t) => {
  const { proxy } = await upstreamProxy(t, (socket, number, text) => {
    const length = `Content-Length: ${BODY.length}`;
    if (text.startsWith('HEAD')) socket.write(head(length));
    else socket.write(`HTTP/1.1 304 Not Modified\r\n${length}\r\n\r\n`);
  });
  const found = await response(proxy, { method: 'HEAD' });
  assert.equal(found.headers['content-length'], String(BODY.length));
  assert.equal((await read(found)).length, 0);
  const unchanged = await response(proxy);
  assert.equal(unchanged.statusCode, 304);
  assert.equal((await read(unchanged)).length, 0);
});

const AMBIGUOUS = {
  'two lengths': [`Content-Length: ${BODY.length}`, 'Content-Length: 100000'],
  'a length and a coding': [`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked'],
  'a folded length': [`Content-Length: ${BODY.length}\r\n 0`],
  'a length with a sign': [`Content-Length: +${BODY.length}`],
};

for (const [name, fields] of Object.entries(AMBIGUOUS)) {
  test(`${name}: refused`, async (t) => {
    const { proxy } = await upstreamProxy(t, (socket) => {
      socket.write(head(...fields));
      socket.write(BODY);
    });
    assert.equal((await response(proxy)).statusCode, 502);
  });
}

test('a tunnel forwards every byte in both directions, also past a slow reader', async (t) => {
  const { proxy } = await upstreamProxy(t, (socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.removeAllListeners('data');
    socket.removeAllListeners('end');
    socket.pipe(socket);
  });
  const req = http
    .request({ port: proxy.port, host: '127.0.0.1', method: 'CONNECT', path: 'origin.example:443' })
    .end();
  const [, socket] = await once(req, 'connect');
  socket.end(BODY);
  assert.equal(digest(await read(socket, (count) => (count % 9 === 0 ? delay(1) : undefined))), digest(BODY));
});
