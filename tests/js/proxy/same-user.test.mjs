// Programs of the same user are admitted without the secret: what the kernel reports about a socket, and what it does not.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { demoAccount, startProxy, startServer } from '../../../pkg/dist/node/index.js';
import { isSameUser, knowsSocketOwners, listedOwner, ownerIn } from '../internals.mjs';

const own = process.geteuid?.();
const linux = { skip: process.platform === 'linux' ? false : 'the kernel of Linux is asked' };
const asRoot = { skip: own === 0 ? linux.skip : 'only root can become another user' };
const ends = (more) => ({
  remoteAddress: '127.0.0.1',
  remotePort: 4000,
  localAddress: '127.0.0.1',
  localPort: 3128,
  ...more,
});

test('the owner must be this user, at the other end of a loopback connection', linux, async () => {
  assert.ok(knowsSocketOwners());
  assert.equal(
    isSameUser(ends(), () => own),
    true,
  );
  assert.equal(await isSameUser(ends(), async () => own), true);
  assert.equal(
    isSameUser(ends(), () => own + 1),
    false,
  );
  assert.equal(
    isSameUser(ends(), () => undefined),
    false,
    'a socket that is closed already',
  );
  for (const address of ['172.17.0.2', '10.0.2.2', '::ffff:172.17.0.2', 'fe80::1', undefined]) {
    assert.equal(
      isSameUser(ends({ remoteAddress: address }), () => own),
      false,
      `from ${address}`,
    );
    assert.equal(
      isSameUser(ends({ localAddress: address }), () => own),
      false,
      `at ${address}`,
    );
  }
});

test('a line of /proc/net/tcp: the user of the peer’s end, unless its process has closed it', () => {
  const line = (peer, local, uid, inode) =>
    `   1: ${peer} ${local} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000 20 4 0 10 -1\n`;
  const [peer, local] = ['0100007F:0FA0', '0100007F:0C38'];
  const list = `header\n${line(local, peer, 7, 1)}${line(peer, local, 1000, 5000)}`;
  assert.equal(ownerIn(list, peer, local), 1000);
  assert.equal(ownerIn(`header\n${line(peer, local, 0, 0)}`, peer, local), undefined);
  assert.equal(ownerIn('header\n', peer, local), undefined);
  const mapped = (end) => `0000000000000000FFFF0000${end}`;
  assert.equal(ownerIn(`header\n${line(mapped(peer), mapped(local), 12, 3)}`, peer, local), 12);
});

test(
  'the list of this kernel has the owner of a connection; many that ask at once share readings',
  linux,
  async (t) => {
    for (const host of ['127.0.0.1', '::1', '::']) {
      const server = createServer((socket) => socket.on('error', () => {}));
      await once(server.listen(0, host), 'listening');
      t.after(() => server.close());
      const address = host === '::' ? '127.0.0.1' : host;
      const accepted = once(server, 'connection');
      const client = connect(server.address().port, address);
      const [socket] = await accepted;
      const { remoteAddress, remotePort, localAddress, localPort } = socket;
      const started = performance.now();
      const found = await Promise.all(
        Array.from({ length: 200 }, () => listedOwner(remoteAddress, remotePort, localAddress, localPort)),
      );
      assert.deepEqual(new Set(found), new Set([own]), host);
      assert.ok(performance.now() - started < 2000, '200 readings would take longer');
      client.destroy();
      await once(socket.resume(), 'close');
      assert.equal(await listedOwner(remoteAddress, remotePort, localAddress, localPort), undefined, host);
    }
  },
);

/** Status of a request through the proxy without its secret, by curl; user 65534 is unprivileged. */
function status(proxy, url, { uid } = {}) {
  return new Promise((resolve, reject) => {
    const address = `http://${proxy.host}:${proxy.port}`;
    const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--noproxy', '', '-x', address, url];
    const options = uid === undefined ? {} : { uid, gid: uid, cwd: '/' };
    execFile('curl', args, options, (error, out) => (out ? resolve(Number(out)) : reject(error)));
  });
}

async function behind(t, options) {
  const upstream = await startServer({ role: 'proxy' });
  const origin = await startServer({ role: 'none' });
  const proxy = await startProxy({ proxy: upstream.url, credentials: demoAccount, ...options });
  t.after(() => Promise.all([proxy.close({ grace: 0 }), upstream.close(), origin.close()]));
  return { proxy, url: origin.url };
}

const curl = spawnSync('curl', ['--version']).status === 0 ? linux : { skip: 'curl is not installed' };

test('startProxy: the secret is required unless sameUser is set', curl, async (t) => {
  const strict = await behind(t, {});
  assert.equal(await status(strict.proxy, strict.url), 407);
  const open = await behind(t, { sameUser: true });
  assert.equal(await status(open.proxy, open.url), 200);
});

test('another user needs the secret', { skip: asRoot.skip || curl.skip }, async (t) => {
  const { proxy, url } = await behind(t, { sameUser: true });
  assert.equal(await status(proxy, url, { uid: 65534 }), 407);
  const secret = { ...proxy, host: `ntlm-wasm:${proxy.secret}@${proxy.host}` };
  assert.equal(await status(secret, url, { uid: 65534 }), 200);
});
