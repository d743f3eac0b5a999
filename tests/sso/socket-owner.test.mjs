// The addon's report of whose socket is at the other end of a connection: with other users, and what it costs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const addon = require(
  process.env.NTLM_ADDON ??
    fileURLToPath(new URL(`../../pkg-native/linux-${process.arch}-gnu/ntlm-wasm.node`, import.meta.url)),
);
const NOBODY = 65534;

async function listening(t, host = '127.0.0.1') {
  const server = createServer((socket) => socket.on('error', () => {}));
  await once(server.listen(0, host), 'listening');
  t.after(() => server.close());
  return server;
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }) => [
  ...[remoteAddress, remotePort],
  ...[localAddress, localPort],
];
const owner = (socket) => addon.socketOwner(...endsOf(socket));

test('this user and another one, by IPv4 and IPv6', async (t) => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = await listening(t, host);
    const { port } = server.address();
    const accepted = once(server, 'connection');
    const client = connect(port, host);
    const [socket] = await accepted;
    assert.equal(owner(socket), process.geteuid());
    client.destroy();
    const other = once(server, 'connection');
    const source = `require("net").connect(${port}, "${host}"); process.stdin.resume()`;
    const child = spawn(process.execPath, ['-e', source], { uid: NOBODY, gid: NOBODY, cwd: '/' });
    t.after(() => child.kill('SIGKILL'));
    const [stranger] = await other;
    const ends = endsOf(stranger);
    assert.equal(addon.socketOwner(...ends), NOBODY);
    // The kernel keeps the entry for a moment, as user 0.
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.equal(addon.socketOwner(...ends), null);
  }
});

test('an endpoint without a connection has no owner', () => {
  assert.equal(addon.socketOwner('127.0.0.1', 1, '127.0.0.1', 2), null);
  assert.equal(addon.socketOwner('no address', 1, '127.0.0.1', 2), null);
});

test('it takes microseconds', async (t) => {
  const server = await listening(t);
  const accepted = once(server, 'connection');
  const client = connect(server.address().port, '127.0.0.1');
  const [socket] = await accepted;
  const count = 5000;
  const started = performance.now();
  for (let i = 0; i < count; i += 1) owner(socket);
  const each = ((performance.now() - started) * 1000) / count;
  t.diagnostic(`${each.toFixed(1)} µs per look-up`);
  assert.ok(each < 200, `${each} µs`);
  client.destroy();
});
