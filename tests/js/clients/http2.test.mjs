import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { Agent, request } from 'undici';
import { NtlmDispatcher } from 'ntlm-wasm/node';
import { selfSignedCertificate } from '../internals.mjs';
import { adapters } from './both.mjs';
import { credentials, serve } from './servers.mjs';

/** An NTLM server behind a TLS front that prefers HTTP/2, as IIS does. */
async function front(t, protocols) {
  const { server } = await serve(t, { role: 'origin' });
  const { cert, key } = selfSignedCertificate();
  const spoken = [];
  const listener = createServer({ cert, key, ALPNProtocols: protocols }, (socket) => {
    spoken.push(socket.alpnProtocol);
    socket.on('error', () => {});
    if (socket.alpnProtocol !== 'http/1.1') return void socket.destroy();
    const inner = connect(server.port, '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  listener.on('tlsClientError', () => {});
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  const url = `https://127.0.0.1:${listener.address().port}`;
  return { server, spoken, url, options: { servers: [url], tls: { ca: cert }, channelBindings: 'off' } };
}

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: a server that prefers HTTP/2 is spoken to in HTTP/1.1, whatever the TLS options say`, async (t) => {
    const { server, spoken, url, options } = await front(t, ['h2', 'http/1.1']);
    const tls = { ...options.tls, ALPNProtocols: ['h2', 'http/1.1'] };
    const { send } = make(t, { ...options, tls });
    assert.equal((await send(`${url}/bytes/3`)).status, 200);
    assert.equal((await send(`${url}/echo`, { method: 'POST', body: 'text' })).status, 200);
    assert.deepEqual(spoken, ['http/1.1']);
    assert.equal(server.counters.handshakes, 1);
  });

  test(`${name}: a server that speaks only HTTP/2 is distinguished from a broken one`, async (t) => {
    const { url, options } = await front(t, ['h2']);
    const { send } = make(t, options);
    await assert.rejects(send(`${url}/`), {
      code: 'ERR_NTLM_HTTP2_ONLY',
      message: /127\.0\.0\.1:\d+ does not support HTTP\/1\.1/,
    });
  });
}

test("undici's option allowH2 is refused by name, and the dispatcher uses HTTP/1.1 next to an agent with HTTP/2", async (t) => {
  const { spoken, url, options } = await front(t, ['h2', 'http/1.1']);
  const own = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  t.after(() => own.destroy());
  await assert.rejects(request(url, { dispatcher: own }));
  const settings = { ...options, credentials, proxy: 'direct' };
  assert.throws(() => new NtlmDispatcher({ ...settings, allowH2: true }), {
    code: 'ERR_NTLM_INVALID_OPTION',
    message: /allowH2/,
  });
  const dispatcher = new NtlmDispatcher(settings);
  t.after(() => dispatcher.destroy());
  const { statusCode, body } = await request(url, { dispatcher });
  await body.dump();
  assert.equal(statusCode, 200);
  assert.deepEqual(spoken, ['h2', 'http/1.1']);
});
