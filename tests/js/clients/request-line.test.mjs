/** Untrusted input that a program passes on must not become a second request. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { NtlmDispatcher } from 'ntlm-wasm/node';
import { adapters } from './both.mjs';
import { serve } from './servers.mjs';

const HOSTILE = {
  'a path with a line break': { path: '/x HTTP/1.1\r\nEvil: 1\r\n\r\nGET /y', method: 'GET' },
  'a path with a space': { path: '/x y', method: 'GET' },
  'a path that goes on with the host name': { path: '.evil.example/', method: 'GET' },
  'a method with a line break': { path: '/', method: 'GET / HTTP/1.1\r\nEvil: 1\r\n\r\nPUT' },
};

for (const [name, { path, method }] of Object.entries(HOSTILE)) {
  test(`refused before a byte goes out: ${name}`, async (t) => {
    let connections = 0;
    const proxy = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const dispatcher = new NtlmDispatcher({
      proxy: `http://127.0.0.1:${proxy.address().port}`,
      credentials: { username: 'alice', password: 'secret' },
    });
    t.after(() => dispatcher.destroy());
    await assert.rejects(dispatcher.request({ origin: 'http://a.example', path, method }), {
      code: 'UND_ERR_INVALID_ARG',
    });
    assert.equal(connections, 0);
  });
}

for (const [name, clientWith] of Object.entries(adapters)) {
  for (const route of ['by a proxy', 'directly']) {
    test(`${name}: a path that is the URL of another server takes no credentials there, ${route}`, async (t) => {
      const { server, legs, requests } = await serve(t, { role: 'both' });
      const client = clientWith(t, { proxy: route === 'directly' ? 'direct' : server.url, servers: [server.url] });
      const elsewhere = client.send(server.url, { target: 'http://evil.example/' });
      await assert.rejects(elsewhere, { code: 'ERR_NTLM_BAD_TARGET' });
      assert.deepEqual([legs, requests], [[], []]);
      if (route === 'directly') return;
      assert.equal((await client.send(server.url, { target: `${server.url}/echo` })).status, 200);
    });
  }
}
