// What the local proxy serves besides HTTP callers on loopback: SOCKS5, forwarded ports, other addresses, its own pages.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { startProxy, startServer } from 'ntlm-wasm/node';
import { parseAccess } from '../internals.mjs';

const SECRET = 'the-secret';
const CREDENTIALS = { username: 'alice', password: 'pw' };

async function upstream(t) {
  const server = await startServer({ accounts: { alice: 'pw' }, role: 'proxy' });
  t.after(() => server.close({ grace: 0 }));
  return server;
}

async function local(t, options = {}) {
  const server = await upstream(t);
  const requests = [];
  const proxy = await startProxy({
    proxy: server.url,
    credentials: CREDENTIALS,
    secret: SECRET,
    onRequest: (request) => requests.push(request),
    ...options,
  });
  t.after(() => proxy.close({ grace: 0 }));
  return { proxy, server, requests };
}

/** A server that answers each connection with what it receives. */
async function echo(t) {
  const server = net.createServer((socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

/** Bytes of a socket, as many as are asked for; fewer when it ends. */
function reader(socket) {
  let bytes = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  const notify = () => wake();
  socket.on('data', (piece) => ((bytes = Buffer.concat([bytes, piece])), notify()));
  for (const event of ['end', 'close', 'error']) socket.on(event, () => ((ended = true), notify()));
  return async (length) => {
    while (bytes.length < length && !ended) await new Promise((resolve) => (wake = resolve));
    const taken = bytes.subarray(0, length);
    bytes = bytes.subarray(taken.length);
    return taken;
  };
}

const portOf = (url) => Number(new URL(url.replace('socks5h:', 'http:')).port);

async function socks(t, port, { name = 'ntlm-wasm', password = SECRET, methods = [2] } = {}) {
  const socket = net.connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const read = reader(socket);
  socket.write(Buffer.from([5, methods.length, ...methods]));
  const [, method] = await read(2);
  if (method !== 2) return { socket, read, method };
  socket.write(
    Buffer.concat([
      Buffer.from([1, name.length]),
      Buffer.from(name),
      Buffer.from([password.length]),
      Buffer.from(password),
    ]),
  );
  const [, status] = await read(2);
  return { socket, read, method, status };
}

/** A request of SOCKS5; early bytes go out with it. */
function request(host, port, { command = 1, early = '' } = {}) {
  const parts = host.split('.').map(Number);
  const address =
    parts.length === 4 && !parts.some(Number.isNaN) ? [1, ...parts] : [3, host.length, ...Buffer.from(host)];
  return Buffer.concat([Buffer.from([5, command, 0, ...address, port >> 8, port & 255]), Buffer.from(early)]);
}

test('SOCKS5: user and password are the secret; a tunnel through the proxy, early bytes included', async (t) => {
  const { proxy, requests } = await local(t, { socks: { port: 0 } });
  assert.match(proxy.socksUrl, new RegExp(`^socks5h://ntlm-wasm:${SECRET}@127\\.0\\.0\\.1:\\d+$`));
  const port = await echo(t);
  for (const host of ['127.0.0.1', 'localhost']) {
    const { socket, read, status } = await socks(t, portOf(proxy.socksUrl));
    assert.equal(status, 0);
    socket.write(request(host, port, { early: 'early' }));
    assert.deepEqual([...(await read(10))], [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert.equal((await read(5)).toString(), 'early');
    socket.write('more');
    assert.equal((await read(4)).toString(), 'more');
    socket.end();
    assert.equal((await read(1)).length, 0, 'the end passes through');
  }
  assert.deepEqual(
    requests.map(({ method, status, target }) => [method, status, target]),
    [
      ['SOCKS', 200, `127.0.0.1:${port}`],
      ['SOCKS', 200, `localhost:${port}`],
    ],
  );
});

test('SOCKS5: what is refused', async (t) => {
  const { proxy, requests } = await local(t, { socks: { port: 0 } });
  const port = portOf(proxy.socksUrl);
  assert.equal((await socks(t, port, { password: 'wrong' })).status, 1);
  assert.equal((await socks(t, port, { name: 'x' })).status, 1);
  assert.equal((await socks(t, port, { methods: [0] })).method, 255, 'the secret is asked for');
  const replyTo = async (bytes) => {
    const { socket, read } = await socks(t, port);
    socket.write(bytes);
    return (await read(2))[1];
  };
  assert.equal(await replyTo(request('127.0.0.1', 1, { command: 2 })), 7, 'BIND');
  assert.equal(await replyTo(Buffer.from([5, 1, 0, 9, 0])), 8, 'an unknown kind of address');
  assert.equal(await replyTo(request('a/../b', 1)), 8, 'a name that is none');
  assert.notEqual(await replyTo(request('127.0.0.1', 1)), 0, 'a target that cannot be reached');
  assert.equal(requests.length, 1);
  assert.match(requests[0].error.code, /^ERR_NTLM_/);
  // What is no SOCKS5 is disconnected without a word.
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x04\x01\x00\x50\x7f\x00\x00\x01\x00']) {
    const socket = net.connect(port, '127.0.0.1');
    socket.write(bytes, 'latin1');
    assert.equal((await reader(socket)(1)).length, 0);
  }
});

test('SOCKS5 without a secret takes callers with and without a password', async (t) => {
  const { proxy } = await local(t, { socks: { port: 0 }, secret: false });
  const port = portOf(proxy.socksUrl);
  assert.equal((await socks(t, port, { methods: [0, 2] })).method, 0);
  assert.equal((await socks(t, port, { methods: [2], password: 'any' })).status, 0);
});

test('forwarded ports lead to one place each', async (t) => {
  const port = await echo(t);
  const { proxy, requests } = await local(t, {
    forwards: [
      { port: 0, target: `localhost:${port}` },
      { port: 0, target: 'localhost:1' },
    ],
  });
  const [good, bad] = proxy.forwardedPorts;
  const socket = net.connect(good, '127.0.0.1');
  const read = reader(socket);
  socket.write('hello');
  assert.equal((await read(5)).toString(), 'hello');
  socket.destroy();
  const closed = net.connect(bad, '127.0.0.1');
  assert.equal((await reader(closed)(1)).length, 0);
  assert.deepEqual(
    requests.map(({ method, error }) => [method, error === undefined]),
    [
      ['FORWARD', true],
      ['FORWARD', false],
    ],
  );
  await assert.rejects(local(t, { forwards: [{ port: 0, target: 'no-port' }] }), { code: 'ERR_NTLM_BAD_TARGET' });
});

/** An address of this machine that is not loopback, if it has one. */
const outer = Object.values(networkInterfaces())
  .flat()
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test('beyond loopback only with allow, and an address that is not allowed gets nothing', async (t) => {
  await assert.rejects(local(t, { host: '0.0.0.0' }), { code: 'ERR_NTLM_NOT_LOOPBACK' });
  await assert.rejects(local(t, { socks: { host: '0.0.0.0', port: 0 } }), { code: 'ERR_NTLM_NOT_LOOPBACK' });
  await assert.rejects(local(t, { host: '0.0.0.0', allow: ['10.0.0.0/33'] }), { code: 'ERR_NTLM_INVALID_OPTION' });
  if (outer === undefined) return;
  const answer = async (port, bytes) => {
    const socket = net.connect(port, outer);
    t.after(() => socket.destroy());
    socket.write(bytes);
    return (await reader(socket)(12)).toString('latin1');
  };
  const get = 'GET http://a.example/ HTTP/1.1\r\nHost: a\r\n\r\n';
  const open = { host: '0.0.0.0', socks: { host: '0.0.0.0', port: 0 } };
  const closed = await local(t, { ...open, allow: ['203.0.113.0/24'] });
  assert.equal(await answer(closed.proxy.port, get), '');
  assert.equal(await answer(portOf(closed.proxy.socksUrl), '\x05\x01\x02'), '');
  const { proxy } = await local(t, { ...open, allow: [`${outer}/32`] });
  assert.equal(await answer(proxy.port, get), 'HTTP/1.1 407', 'the secret is still required');
  assert.equal(await answer(portOf(proxy.socksUrl), '\x05\x01\x02'), '\x05\x02');
});

test('access lists: ranges of both families, mapped addresses, and what cannot be read', () => {
  const list = parseAccess(['172.17.0.0/16, 10.1.0.1-10.1.0.9', 'fd00::/8']);
  for (const address of ['172.17.3.4', '::ffff:172.17.3.4', '10.1.0.9', 'fd00::1', '127.0.0.1', '::1']) {
    assert.equal(list.allows(address), true, address);
  }
  for (const address of ['172.18.0.1', '10.1.0.10', 'fe80::1%eth0', '::ffff:10.1.0.10', 'x', '', undefined]) {
    assert.equal(list.allows(address), false, String(address));
  }
  for (const range of ['a', '10.0.0.0/33', '10.0.0.9-10.0.0.1', '10.0.0.1-::1', '10.0.0.0/', '0.0.0.0/-1']) {
    assert.throws(() => parseAccess([range]), { code: 'ERR_NTLM_INVALID_OPTION' }, range);
  }
});

/** One request to the local proxy itself. */
function own(proxy, path, headers = {}) {
  return new Promise((resolve, reject) => {
    http
      .get({ host: proxy.host, port: proxy.port, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }));
      })
      .on('error', reject);
  });
}

const basic = (secret) => `Basic ${Buffer.from(`ntlm-wasm:${secret}`).toString('base64')}`;

test('status pages for callers with the secret: text, JSON, Prometheus', async (t) => {
  const { proxy, server } = await local(t);
  const shown = { Authorization: basic(SECRET) };
  for (const path of ['/status', '/status.json', '/metrics']) {
    assert.equal((await own(proxy, path)).status, 401, path);
    assert.equal((await own(proxy, path, { Authorization: basic('wrong') })).status, 401, path);
    assert.equal((await own(proxy, path, shown)).status, 200, path);
  }
  assert.equal((await own(proxy, '/other', shown)).status, 400);
  const through = { 'Proxy-Authorization': basic(SECRET) };
  assert.equal((await own(proxy, `${server.url}/echo?token=hidden`, through)).status, 200);
  assert.equal((await own(proxy, 'http://127.0.0.1:1/', through)).status >= 500, true);
  const { text } = await own(proxy, '/status.json', shown);
  const status = JSON.parse(text);
  assert.equal(status.identity, 'alice');
  assert.equal(status.requests, 2);
  assert.deepEqual(status, { ...status, byKind: { http: 2, tunnel: 0, socks: 0, forward: 0 } });
  assert.ok(status.upstream.includes(server.url.replace(/\/$/, '')), text);
  const metrics = (await own(proxy, '/metrics', shown)).text;
  assert.match(metrics, /^# TYPE ntlm_wasm_requests_total counter\nntlm_wasm_requests_total\{kind="http"\} 2$/m);
  for (const line of metrics.trimEnd().split('\n')) assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? \d+)$/);
  assert.doesNotMatch(text + metrics, /hidden|the-secret|pw/);
});

test('without a secret the pages are for this machine by its own names only', async (t) => {
  const { proxy } = await local(t, { secret: false });
  assert.equal((await own(proxy, '/status', { Host: `127.0.0.1:${proxy.port}` })).status, 200);
  assert.equal((await own(proxy, '/status', { Host: 'rebound.attacker.example' })).status, 401);
});

test('fields for every request replace those of the caller', async (t) => {
  const seen = [];
  const origin = http.createServer((req, res) => {
    seen.push(req.headers);
    res.end();
  });
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  t.after(() => origin.close());
  const { proxy } = await local(t, {
    proxy: 'direct',
    headers: [
      ['X-Site', 'a'],
      ['Accept', 'b'],
    ],
    userAgent: 'Mozilla/5.0',
  });
  const headers = { 'Proxy-Authorization': basic(SECRET), 'User-Agent': 'curl', Accept: '*/*', 'X-Own': 'c' };
  await own(proxy, `http://127.0.0.1:${origin.address().port}/`, headers);
  const { 'x-site': site, accept, 'user-agent': agent, 'x-own': mine } = seen[0];
  assert.deepEqual([site, accept, agent, mine], ['a', 'b', 'Mozilla/5.0', 'c']);
  for (const header of [
    ['Host', 'x'],
    ['Content-Length', '1'],
    ['Proxy-Authorization', 'x'],
    ['a b', 'c'],
    ['A', 'b\r\nC: d'],
  ]) {
    await assert.rejects(local(t, { headers: [header] }), { code: 'ERR_NTLM_INVALID_OPTION' }, header[0]);
  }
});

test('reload: requests go on by the new options, tunnels that are open stay', async (t) => {
  const port = await echo(t);
  const { proxy, server } = await local(t, { forwards: [{ port: 0, target: `localhost:${port}` }] });
  const socket = net.connect(proxy.forwardedPorts[0], '127.0.0.1');
  const read = reader(socket);
  socket.write('one');
  assert.equal((await read(3)).toString(), 'one');
  const through = { 'Proxy-Authorization': basic(SECRET) };
  assert.equal((await own(proxy, `${server.url}/echo`, through)).status, 200);
  const other = await upstream(t);
  assert.throws(() => proxy.reload({ proxy: 'ftp://x' }), { code: 'ERR_NTLM_PROXY_UNSUPPORTED' });
  assert.equal((await own(proxy, `${server.url}/echo`, through)).status, 200, 'wrong options change nothing');
  proxy.reload({ proxy: other.url, credentials: CREDENTIALS });
  assert.equal((await own(proxy, `${other.url}/echo`, through)).status, 200);
  assert.ok(proxy.status().upstream.includes(other.url.replace(/\/$/, '')));
  socket.write('two');
  assert.equal((await read(3)).toString(), 'two');
  socket.destroy();
});
