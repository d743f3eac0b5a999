/**
 * A hostile server behind the local proxy. Its callers keep their connections for requests to other servers: so an answer must
 * end where every reader takes it to end, and no connection may become the server's.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { startProxy } from 'ntlm-wasm/node';

/** Returns what a caller gets for one request and for the next; `seen` is everything the server received. */
async function ask(t, answer, { end = false } = {}) {
  let seen = '';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const first = seen === '';
      seen += chunk.toString('latin1');
      if (first) socket.write(Buffer.from(answer, 'latin1'), () => end && socket.end());
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const proxy = await startProxy({ proxy: 'direct', credentials: { username: 'alice', password: 'x' } });
  t.after(() => proxy.close({ grace: 0 }));
  const host = `127.0.0.1:${server.address().port}`;
  const secret = `Proxy-Authorization: Basic ${Buffer.from(`ntlm-wasm:${proxy.secret}`).toString('base64')}`;
  const socket = connect(proxy.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let got = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => (got += chunk.toString('latin1')));
  socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${secret}\r\n\r\n`);
  // The proxy itself answers the next request, for another server. That answer marks the end of the first one.
  const last = `GET /last HTTP/1.1\r\nHost: a\r\n${secret}\r\nConnection: close\r\n\r\n`;
  await once(socket, 'data');
  socket.write(last);
  const timer = setTimeout(() => socket.destroy(), 5_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return { got, seen };
}

const LAST = /HTTP\/1\.1 400 Bad Request\r\n[^]*this is a proxy/;

test('an unrequested 101 does not hand the server the next request of the caller or the secret', async (t) => {
  const { got, seen } = await ask(t, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\n\r\n');
  assert.match(got, /^HTTP\/1\.1 502 ERR_NTLM_BAD_RESPONSE\r\n/);
  assert.match(got, LAST);
  assert.doesNotMatch(seen, /proxy-authorization|Basic|\/last/i);
});

/** What a caller could take for another answer than ours, and what becomes of it. */
const AMBIGUOUS = {
  'a length that Connection names away': {
    answer:
      'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 28\r\n\r\n0\r\n\r\nHTTP/1.1 200 EVIL\r\n\r\n\r\n',
    passed: /\r\nContent-Length: 28\r\n/,
    not: /transfer-encoding/i,
  },
  'a length where nothing can be': {
    answer: 'HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n',
    passed: /^HTTP\/1\.1 204 None\r\n/,
    not: /content-length: 5\r/i,
  },
  'no length where a body without one would end with the connection': {
    answer: 'HTTP/1.1 200 OK\r\n\r\nhelloHTTP/1.1 200 EVIL\r\n\r\n',
    end: true,
    passed: /\r\nTransfer-Encoding: chunked\r\n[^]*\r\n1a\r\nhelloHTTP\/1\.1 200 EVIL/,
    not: /content-length: 5\r/i,
  },
  'the length of a body that a 304 has not': {
    answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    passed: /^HTTP\/1\.1 304 Not Modified\r\nContent-Length: 5\r\n/,
    not: /transfer-encoding/i,
  },
};

for (const [name, { answer, end, passed, not }] of Object.entries(AMBIGUOUS)) {
  test(`an answer has one end and one reading: ${name}`, async (t) => {
    const { got } = await ask(t, answer, { end });
    assert.match(got, passed);
    assert.match(got, LAST);
    assert.doesNotMatch(got, not);
  });
}

const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n';
const UNREADABLE = {
  'a length, and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxxx\r\n0\r\n\r\n',
  'another length, and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxxx\r\n0\r\n\r\n',
  'an unknown coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\nxx',
  'a coding below the chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nxx\r\n0\r\n\r\n',
  'a length, and an unknown coding': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: x\r\n\r\nxx',
  'the same length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nxx',
  'the same length twice in one field': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nxx',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nxxx',
  'a carriage return within a value': 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: evil=1\r\nContent-Length: 2\r\n\r\nxx',
  'a zero byte within a value': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nxx',
  'a blank within a name': 'HTTP/1.1 200 OK\r\nTransfer Encoding: chunked\r\nContent-Length: 2\r\n\r\nxx',
  'no HTTP at all': 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n',
};

for (const [name, answer] of Object.entries(UNREADABLE)) {
  test(`not passed on, as two readers could understand it differently: ${name}`, async (t) => {
    const { got } = await ask(t, answer);
    assert.match(got, /^HTTP\/1\.1 502 ERR_NTLM_BAD_RESPONSE\r\n/);
    assert.match(got, LAST);
    assert.doesNotMatch(got, /xx|yy/);
  });
}

const CUT = {
  'a line feed within the extension of a chunk': '2;\nxx\r\n2\r\nyy\r\n0\r\n\r\n',
  'a carriage return within the extension of a chunk': '2;\rxx\r\n2\r\nyy\r\n0\r\n\r\n',
  'a size that ends in a bare line feed': '2\nxx\r\n0\r\n\r\n',
  'a trailer that ends in a bare line feed': '2\r\nxx\r\n0\r\nA: b\n\r\n',
  'two carriage returns after the last chunk': '2\r\nxx\r\n0\r\n\r\r\n',
  'a chunk longer than its size': '2\r\nxxx\r\n0\r\n\r\n',
};

for (const [name, body] of Object.entries(CUT)) {
  test(`a body that breaks after its beginning never ends for the caller: ${name}`, async (t) => {
    const { got } = await ask(t, `${HEAD}\r\n${body}`);
    assert.match(got, /^HTTP\/1\.1 (200 OK|502 ERR_NTLM_BAD_RESPONSE)\r\n/);
    if (got.includes('200 OK')) assert.ok(!got.includes('\r\n0\r\n'), got);
  });
}

test('a head that takes long to read is no way to stop the proxy', async (t) => {
  const before = performance.now();
  const { got } = await ask(t, `HTTP/1.1 200 OK\r\nContent-Length: 1${' '.repeat(60_000)}1\r\n\r\n`);
  assert.match(got, /^HTTP\/1\.1 502 /);
  assert.ok(performance.now() - before < 1000);
});
