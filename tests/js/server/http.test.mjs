import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from '../../../pkg/dist/node/index.js';
import { RawConnection } from './raw-connection.mjs';

async function open(t, options = {}) {
  const server = await startServer({ role: 'none', ...options });
  t.after(() => server.close());
  const connection = await RawConnection.to(server);
  t.after(() => connection.close());
  return { server, connection };
}

const malformed = {
  'no HTTP at all': ['hello\r\n\r\n', 400],
  'TLS to a plain port': ['\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n', 400],
  'an unsupported version': ['GET / HTTP/2.0\r\n\r\n', 400],
  'no Host': ['GET / HTTP/1.1\r\n\r\n', 400],
  'two Hosts': ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  'a folded field': ['GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n', 400],
  'a blank before the colon': ['GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n', 400],
  'a field without a colon': ['GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', 400],
  'a bare line feed in a value': ['GET / HTTP/1.1\r\nHost: a\r\nX: 1\nY: 2\r\n\r\n', 400],
  'a zero byte in a value': ['GET / HTTP/1.1\r\nHost: a\r\nX: 1\0\r\n\r\n', 400],
  'two lengths': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 400],
  'a signed length': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n', 400],
  'a list of lengths': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n', 400],
  'length and chunks': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  'an unknown coding': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n', 400],
  'chunked twice': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n', 400],
  'chunks in HTTP/1.0': ['POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
  'a bad chunk size': ['POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n', 400],
  'a chunk longer than its size': [
    'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
    400,
  ],
  'a head without end': [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}`, 431],
  'a body that ends early': ['POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', 400, 'end'],
  'a target that is no path': ['GET * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
};

for (const [name, [text, status, end]] of Object.entries(malformed)) {
  test(`refused and closed: ${name}`, async (t) => {
    const { connection } = await open(t);
    connection.write(Buffer.from(text, 'latin1'));
    if (end === 'end') connection.socket.end();
    const response = await connection.response();
    assert.equal(response.status, status);
    assert.deepEqual(response.fields.connection, ['close']);
    assert.equal(await connection.rest(), '');
  });
}

test('a request may come byte by byte', async (t) => {
  const { connection } = await open(t);
  const text =
    'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: 1\r\n\r\n';
  connection.socket.setNoDelay(true);
  for (const character of text) {
    connection.write(character);
    await new Promise(setImmediate);
  }
  const echo = JSON.parse((await connection.response()).body);
  assert.equal(echo.bodyBytes, 4);
  assert.equal((await connection.ask('GET', '/bytes/3')).body, 'ntl');
});

test('requests may come all at once, and are answered in order', async (t) => {
  const { connection } = await open(t);
  connection.write(
    'GET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3) +
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /bytes/2 HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  for (let count = 0; count < 3; count += 1) assert.equal((await connection.response()).body, 'n');
  assert.equal(JSON.parse((await connection.response()).body).bodyBytes, 3);
  assert.equal((await connection.response()).body, 'nt');
});

test('an empty line before a request is passed over', async (t) => {
  const { connection } = await open(t);
  connection.write('\r\nGET /bytes/1 HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await connection.response()).body, 'n');
});

test('an unread body is dropped, and the connection stays open', async (t) => {
  const { connection } = await open(t);
  assert.equal((await connection.ask('POST', '/', { 'Content-Length': 100_000 }, 'x'.repeat(100_000))).status, 200);
  assert.equal((await connection.ask('GET', '/bytes/1')).body, 'n');
});

test('a body that is too long to be dropped ends the connection, after the answer', async (t) => {
  const { connection } = await open(t);
  connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
  connection.write(Buffer.alloc(5_000_000));
  assert.equal((await connection.response()).status, 200);
  assert.equal(await connection.rest(), '');
});

test('100 Continue is sent when the body is wanted, and only then', async (t) => {
  const { connection } = await open(t);
  const fields = { 'Content-Length': 3, Expect: '100-continue' };
  assert.equal((await connection.ask('POST', '/echo', fields)).status, 100);
  connection.write('abc');
  assert.equal(JSON.parse((await connection.response()).body).bodyBytes, 3);
  const unread = await connection.ask('POST', '/', fields);
  assert.equal(unread.status, 200);
  assert.deepEqual(unread.fields.connection, ['close']);
  assert.equal(await connection.rest(), '', 'the server cannot know whether the body will follow');
});

test('HTTP/1.0: no chunks, and the connection ends unless asked to stay', async (t) => {
  const { server, connection } = await open(t);
  connection.write('GET /bytes/4?chunked HTTP/1.0\r\n\r\n');
  const response = await connection.response();
  assert.equal(response.body, 'ntlm');
  assert.equal(response.fields['transfer-encoding'], undefined);
  const other = await RawConnection.to(server);
  t.after(() => other.close());
  for (let count = 0; count < 2; count += 1) {
    other.write('GET /bytes/4 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    assert.equal((await other.response()).body, 'ntlm');
  }
});

test('HEAD has the fields of GET and no body', async (t) => {
  const { connection } = await open(t);
  const response = await connection.ask('HEAD', '/bytes/1000');
  assert.deepEqual(response.fields['content-length'], ['1000']);
  assert.equal((await connection.ask('GET', '/bytes/1')).body, 'n');
});

test('the pages: echo hides credentials, redirect takes no line breaks, slow drips, others are missing', async (t) => {
  const { connection } = await open(t);
  const echo = JSON.parse((await connection.ask('PUT', '/echo?a=b', { Authorization: 'Basic c2VjcmV0' })).body);
  assert.equal(echo.method, 'PUT');
  assert.equal(echo.target, '/echo?a=b');
  assert.deepEqual(
    echo.headers.find(([name]) => name === 'Authorization'),
    ['Authorization', 'Basic (8 characters)'],
  );
  const redirect = await connection.ask('GET', '/redirect?to=http://b.example/%0d%0aX:%20y&status=307');
  assert.equal(redirect.status, 307);
  assert.deepEqual(redirect.fields.location, ['http://b.example/%0D%0AX:%20y']);
  // Their low bytes are CR and LF, and all that latin-1 has of them.
  const wide = await connection.ask('GET', '/redirect?to=%C4%8D%C4%8AEvil:%201');
  assert.deepEqual(wide.fields.location, ['%C4%8D%C4%8AEvil:%201']);
  assert.equal(wide.fields.evil, undefined);
  assert.equal((await connection.ask('GET', '/slow?ms=40')).body, '1\n2\n3\n4\n');
  for (const missing of ['/nowhere', '/constructor', '/__proto__', '/%00']) {
    assert.equal((await connection.ask('GET', missing)).status, 404, missing);
  }
});

test('the proxy passes on method, body, fields and answer, without those of the hop', async (t) => {
  const origin = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    response.writeHead(201, 'Made', {
      'X-Seen': JSON.stringify([request.method, request.url, request.headers, body]),
      'Keep-Alive': 'timeout=9',
    });
    response.write('one');
    response.end('two');
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  t.after(() => origin.close());
  const { connection } = await open(t);
  const host = `127.0.0.1:${origin.address().port}`;
  const fields = {
    Host: 'somebody-else',
    Connection: 'X-Private',
    'X-Private': '1',
    'X-Public': '2',
    'Proxy-Connection': 'keep-alive',
    'Transfer-Encoding': 'chunked',
  };
  const response = await connection.ask('PATCH', `http://${host}/a?b=c`, fields, '3\r\nabc\r\n0\r\n\r\n');
  assert.equal(response.status, 201);
  assert.equal(response.reason, 'Made');
  assert.equal(response.body, 'onetwo');
  assert.equal(response.fields['keep-alive'], undefined);
  const [method, url, headers, body] = JSON.parse(response.fields['x-seen'][0]);
  assert.deepEqual([method, url, body], ['PATCH', '/a?b=c', 'abc']);
  assert.deepEqual(headers, { host, 'x-public': '2', 'transfer-encoding': 'chunked', connection: 'keep-alive' });
});

test('the proxy reaches this machine only, by address or by name, unless configured otherwise', async (t) => {
  const { server, connection } = await open(t, {
    hosts: { 'intranet.corp.example': '127.0.0.1', 'far.example': '192.0.2.1' },
  });
  const status = async (method, target) => (await connection.ask(method, target)).status;
  assert.equal(await status('GET', `http://intranet.corp.example:${server.port}/bytes/1`), 200);
  assert.equal(await status('GET', `http://localhost:${server.port}/bytes/1`), 200);
  assert.equal(await status('GET', 'http://192.0.2.1/'), 403);
  assert.equal(await status('GET', 'http://far.example/'), 403);
  assert.equal(await status('CONNECT', '192.0.2.1:443'), 403);
  assert.equal(await status('CONNECT', '[2001:db8::1]:443'), 403);
  assert.equal(await status('GET', 'http://does-not-exist.invalid/'), 502);
  assert.equal(await status('CONNECT', '127.0.0.1:1'), 502);
  assert.equal(await status('CONNECT', 'localhost'), 400);
  assert.equal(await status('CONNECT', 'localhost:0'), 400);
  assert.equal(await status('GET', 'https://localhost/'), 400);
  assert.equal(await status('GET', 'ftp://localhost/'), 400);
});

test('the page says who authenticated: the origin or the proxy, by CONNECT too', async (t) => {
  const { server, connection } = await open(t);
  const page = async (link, target) => (await link.ask('GET', target)).body;
  const direct = /No user name was requested: this request did not go through the proxy\./;
  assert.match(await page(connection, '/'), direct);
  // This proxy requires nothing.
  assert.match(await page(connection, `${server.url}/`), /<p>No user name was requested\.<\/p>/);
  assert.match(await page(connection, '/'), direct);
  assert.equal((await connection.ask('CONNECT', `127.0.0.1:${server.port}`)).status, 200);
  assert.match(await page(connection, '/'), /<p>No user name was requested\.<\/p>/);
});

test('it listens on loopback alone, and says when a port is taken', async (t) => {
  const { server } = await open(t);
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.0.0.1.example.com']) {
    await assert.rejects(startServer({ host }), { code: 'ERR_NTLM_NOT_LOOPBACK' }, host);
  }
  await assert.rejects(startServer({ port: server.port }), { code: 'ERR_NTLM_LISTEN', message: /EADDRINUSE/ });
});

test('close lets a request finish, ends idle connections at once and hanging ones in time', async (t) => {
  const server = await startServer({ role: 'none' });
  const [idle, busy, hanging] = await Promise.all([1, 2, 3].map(() => RawConnection.to(server)));
  t.after(() => [idle, busy, hanging].forEach((connection) => connection.close()));
  const answer = busy.ask('GET', '/slow?ms=200');
  const cut = hanging.ask('GET', '/slow?ms=20000').then(
    () => 'whole',
    () => 'cut',
  );
  await delay(50);
  const started = performance.now();
  const closed = server.close({ grace: 500 });
  assert.equal(await idle.rest(), '');
  assert.ok(performance.now() - started < 400);
  assert.equal((await answer).body, '1\n2\n3\n4\n');
  await closed;
  assert.ok(performance.now() - started < 2000);
  assert.equal(await cut, 'cut');
  assert.equal(server.counters.open, 0);
});

test('a program that closes its server ends by itself', async () => {
  const source = `
    import { startServer } from ${JSON.stringify(new URL('../../../pkg/dist/node/index.js', import.meta.url).href)};
    const server = await startServer({ role: 'none' });
    await (await fetch(server.url + '/bytes/1')).text();
    await server.close();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});

test('a client that is silent, or drips, is cut off', async (t) => {
  const { server, connection } = await open(t, { idleTimeout: 150 });
  assert.equal(await connection.rest(), '');
  const slow = await RawConnection.to(server);
  t.after(() => slow.close());
  slow.write('GET / HTTP/1.1\r\n');
  assert.equal(await slow.rest(), '');
});
