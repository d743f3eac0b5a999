/** A program of this machine tries what HTTP/1.1 leaves open, against the local proxy: bytes in, and bytes that leave for the origin. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { startProxy } from 'ntlm-wasm/node';

/** An origin that notes down what it is sent and answers each head with an empty page. */
async function startOrigin(t) {
  const origin = { bytes: '', connections: 0 };
  const server = createServer((socket) => {
    origin.connections += 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      origin.bytes += chunk.toString('latin1');
      if (origin.bytes.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  origin.host = `127.0.0.1:${server.address().port}`;
  return origin;
}

async function setUp(t) {
  const origin = await startOrigin(t);
  const proxy = await startProxy({ proxy: () => 'DIRECT', credentials: { username: 'alice', password: 'x' } });
  t.after(() => proxy.close({ grace: 0 }));
  const secret = `Proxy-Authorization: Basic ${Buffer.from(`ntlm-wasm:${proxy.secret}`).toString('base64')}`;
  return { origin, proxy, secret };
}

/** The head of what comes back. */
async function say(proxy, text) {
  const socket = connect(proxy.port, '127.0.0.1');
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    if (answer.includes('\r\n\r\n')) socket.destroy();
  });
  socket.write(Buffer.from(text, 'latin1'));
  const timer = setTimeout(() => socket.destroy(), 10_000);
  await once(socket, 'close');
  clearTimeout(timer);
  return answer;
}

const REFUSED = {
  'origin-form, as a page of a browser sends it after DNS rebinding': (host) => `GET / HTTP/1.1\r\nHost: ${host}`,
  'both framings': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked`,
  'two lengths': (host) => `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nContent-Length: 5`,
  'a coding that is not known': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: xchunked`,
  'a folded line': (host) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nX: a\r\n b`,
  'a bare line feed in a value': (host) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nX: a\nEvil: b`,
  'a bare carriage return in a value': (host) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nX: a\rEvil: b`,
  'a space before the colon': (host) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length : 4`,
  'a coding without a name, and a length': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: ,\r\nContent-Length: 4`,
  'an empty coding, and a length': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding:\r\nContent-Length: 4`,
  'a coding before chunked': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: gzip, chunked`,
  'chunks in HTTP/1.0': (host) => `POST http://${host}/ HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked`,
  'a blank that is none': (host) => `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\xa0`,
  'two equal lengths': (host) =>
    `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nContent-Length: 4`,
  'a tunnel with a body': (host) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4`,
  'an upgrade with a body': (host) =>
    `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 4`,
  'two Hosts': (host) => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example`,
  'another scheme': (host) => `GET file://${host}/etc/passwd HTTP/1.1\r\nHost: ${host}`,
  'a tunnel with a path': (host) => `CONNECT ${host}/x HTTP/1.1\r\nHost: ${host}`,
  'a tunnel with a user': (host) => `CONNECT a@${host} HTTP/1.1\r\nHost: ${host}`,
  'a space in the target': (host) => `GET http://${host}/a b HTTP/1.1\r\nHost: ${host}`,
};

for (const [name, head] of Object.entries(REFUSED)) {
  test(`refused before anything leaves: ${name}`, async (t) => {
    const { origin, proxy, secret } = await setUp(t);
    const answer = await say(proxy, `${head(origin.host)}\r\n${secret}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 (4\d\d|501) /);
    assert.equal(origin.connections, 0);
  });
}

test('the length of a body cannot be named away, so that the body is never the next request', async (t) => {
  const { origin, proxy, secret } = await setUp(t);
  const body = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const lines = [
    `POST http://${origin.host}/ HTTP/1.1`,
    `Host: ${origin.host}`,
    secret,
    'Connection: content-length, host',
    `Content-Length: ${body.length}`,
  ];
  const answer = await say(proxy, `${lines.join('\r\n')}\r\n\r\n${body}`);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const [head] = origin.bytes.split('\r\n\r\n');
  assert.match(head, new RegExp(`^POST / [^]*\r\ncontent-length: ${body.length}$`));
});

test('a field full of blanks is read in one pass, also before the secret has been shown', async (t) => {
  const { proxy } = await setUp(t);
  const before = performance.now();
  const answer = await say(proxy, `GET http://a.example/ HTTP/1.1\r\nHost: a\r\nX: a${' '.repeat(60_000)}b\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 407 /);
  assert.ok(performance.now() - before < 1000, 'a new scan from each blank takes seconds');
});

test('the target decides and not the Host field; no field of the caller’s hop travels on, in whatever letters', async (t) => {
  const { origin, proxy, secret } = await setUp(t);
  const lines = [
    `GET http://${origin.host}/?a=http://evil.example HTTP/1.1`,
    'Host: named.corp.example',
    secret.replace('Proxy-Authorization', 'pROXY-aUTHORIZATION'),
    'Connection: X-Hop, keep-alive',
    'X-Hop: of this hop alone',
    'Proxy-Connection: keep-alive',
    'X-End: to end',
  ];
  const answer = await say(proxy, `${lines.join('\r\n')}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(origin.bytes, new RegExp(`^GET /\\?a=http://evil\\.example HTTP/1\\.1\r\nhost: ${origin.host}\r\n`));
  assert.doesNotMatch(origin.bytes, /named\.corp|authorization|Basic|X-Hop|proxy-connection/i);
  assert.match(origin.bytes, /X-End: to end/);
});

test('every hop reads the same host from a target with a user name or a backslash', async (t) => {
  const { origin, proxy, secret } = await setUp(t);
  for (const target of [`http://named.corp.example\\@${origin.host}/`, `http://named.corp.example#@${origin.host}/`]) {
    await say(proxy, `GET ${target} HTTP/1.1\r\nHost: x\r\n${secret}\r\n\r\n`);
  }
  assert.equal(origin.connections, 0, 'the host ends at the backslash, or at the fragment');
  const answer = await say(
    proxy,
    `GET http://named.corp.example@${origin.host}/y HTTP/1.1\r\nHost: x\r\n${secret}\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 (200|4\d\d) /);
  assert.doesNotMatch(origin.bytes, /named\.corp/);
});

test('a caller that sends an endless request head is rejected', async (t) => {
  const { origin, proxy, secret } = await setUp(t);
  const endless = `GET http://${origin.host}/ HTTP/1.1\r\n${secret}\r\n${'X: y\r\n'.repeat(100_000)}`;
  assert.match(await say(proxy, endless), /^HTTP\/1\.1 431 /);
  assert.equal(origin.connections, 0);
});

test('a wrong secret costs the same whatever it begins with, and is never echoed', async (t) => {
  const { origin, proxy } = await setUp(t);
  for (const guess of ['', proxy.secret.slice(0, -1), `${proxy.secret}x`, 'x'.repeat(60_000)]) {
    const basic = Buffer.from(`ntlm-wasm:${guess}`).toString('base64');
    const answer = await say(
      proxy,
      `GET http://${origin.host}/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 (407|431) /);
    assert.ok(!answer.includes(basic) && (guess === '' || !answer.includes(guess)));
  }
  assert.equal(origin.connections, 0);
});

test('a reported request target holds no password, wherever it was, and no query', async (t) => {
  const told = [];
  const proxy = await startProxy({ proxy: 'direct', secret: false, onRequest: ({ target }) => told.push(target) });
  t.after(() => proxy.close({ grace: 0 }));
  for (const target of ['http://u:p@ss@127.0.0.1:1/a@b?t=secret', 'http://u:p%40ss@127.0.0.1:1/']) {
    await say(proxy, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
  }
  await say(proxy, 'CONNECT u:p@ss@127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.deepEqual(told, ['http://127.0.0.1:1/a@b?…', 'http://127.0.0.1:1/', '127.0.0.1:1']);
});

test('the reported address is the one listened on: another address of the name may belong to another program', async (t) => {
  const proxy = await startProxy({ host: 'localhost', proxy: 'direct' });
  t.after(() => proxy.close({ grace: 0 }));
  assert.match(new URL(proxy.url).hostname, /^(127\.0\.0\.1|\[::1\])$/);
  assert.match(proxy.host, /^(127\.0\.0\.1|::1)$/);
});

test('a target in absolute form needs no Host field', async (t) => {
  const { origin, proxy, secret } = await setUp(t);
  assert.match(await say(proxy, `GET http://${origin.host}/ HTTP/1.1\r\n${secret}\r\n\r\n`), /^HTTP\/1\.1 200 /);
  assert.match(origin.bytes, new RegExp(`^GET / HTTP/1\\.1\r\nhost: ${origin.host}\r\n`));
});
