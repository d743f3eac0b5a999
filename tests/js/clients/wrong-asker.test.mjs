/** Peers not entitled to credentials ask for them: an origin as a proxy, a proxy as an origin, and redirects. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { test } from 'node:test';
import { selfSignedCertificate } from '../internals.mjs';
import { adapters } from './both.mjs';
import { serve } from './servers.mjs';

const ASKS = ['NTLM', 'Negotiate', 'Basic realm="x"'].map(
  (scheme) => `Proxy-Authenticate: ${scheme}\r\nWWW-Authenticate: ${scheme}`,
);

/** Answers every request with this status and with every question that there is; `requests` are the heads that arrived. */
async function startAsker(t, status, { tls, location = '' } = {}) {
  const asker = { requests: [] };
  const onSocket = (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      asker.requests.push(chunk.toString('latin1'));
      socket.write(`HTTP/1.1 ${status} x\r\n${ASKS.join('\r\n')}\r\n${location}Content-Length: 0\r\n\r\n`);
    });
  };
  const server = tls ? createTlsServer(selfSignedCertificate(), onSocket) : createTcpServer(onSocket);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  asker.url = `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}`;
  return asker;
}

const tls = { rejectUnauthorized: false };

for (const [name, clientWith] of Object.entries(adapters)) {
  for (const inTls of [false, true]) {
    test(`${name}: a 407 of an ${inTls ? 'https:' : 'http:'} origin is left to the caller, even if the origin is listed`, async (t) => {
      const origin = await startAsker(t, 407, { tls: inTls });
      const client = clientWith(t, { servers: [origin.url], tls });
      for (const _round of [1, 2]) assert.equal((await client.send(`${origin.url}/`)).status, 407);
      assert.ok(origin.requests.every((head) => !/proxy-authorization|authorization: basic/i.test(head)));
    });
  }

  test(`${name}: a 407 from within a tunnel is the caller's, and hears nothing of the proxy's credentials`, async (t) => {
    const { server, legs } = await serve(t);
    const origin = await startAsker(t, 407, { tls: true });
    const client = clientWith(t, { proxy: server.url, tls });
    assert.equal((await client.send(`${origin.url}/`)).status, 407);
    assert.equal(origin.requests.length, 1);
    assert.doesNotMatch(origin.requests.join(), /authorization/i);
    assert.equal(legs.filter(({ direction }) => direction === 'received').length, 2);
  });

  for (const status of [301, 307, 401]) {
    test(`${name}: a proxy that answers CONNECT with ${status} hears nothing of a named origin's credentials`, async (t) => {
      const elsewhere = await startAsker(t, 401);
      const proxy = await startAsker(t, status, { location: `Location: ${elsewhere.url}/\r\n` });
      const client = clientWith(t, { proxy: proxy.url, servers: ['https://a.example'], tls });
      await assert.rejects(client.send('https://a.example/'), ({ code }) => /^ERR_NTLM_/.test(code));
      assert.ok(
        proxy.requests.every((head) => /^CONNECT a\.example:443 /.test(head) && !/\r\nauthorization/i.test(head)),
      );
      assert.deepEqual(elsewhere.requests, []);
    });
  }

  test(`${name}: an https: proxy with a self-signed certificate receives nothing`, async (t) => {
    const proxy = await startAsker(t, 407, { tls: true });
    await assert.rejects(clientWith(t, { proxy: proxy.url }).send('http://a.example/'));
    assert.deepEqual(proxy.requests, []);
  });
}
