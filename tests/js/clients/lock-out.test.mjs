/** Proxies with which a wrong password could be tried more often than once, although no program is malicious. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { NtlmServer } from 'ntlm-wasm';
import { adapters } from './both.mjs';
import { wrongCredentials } from './servers.mjs';

/**
 * A slow proxy that refuses all credentials and counts the attempts; `asks` selects the targets it challenges for. Each
 * challenge comes later than the one before by `stagger` milliseconds.
 */
async function refusingProxy(t, { milliseconds = 0, stagger = 0, asks = () => true } = {}) {
  const proxy = { tries: 0 };
  let late = 0;
  const challenges = new WeakMap();
  const server = createServer(async ({ socket, url, headers }, response) => {
    if (!asks(url)) return response.end('free for all');
    const token = headers['proxy-authorization']?.split(' ')[1];
    const type = token === undefined ? 0 : Buffer.from(token, 'base64')[8];
    if (type === 1) {
      late += stagger;
      await delay(late);
      const challenger = new NtlmServer({ account: () => undefined });
      response.setHeader('Proxy-Authenticate', `NTLM ${challenger.challenge(token)}`);
      challenges.set(socket, challenger);
    } else {
      if (type === 3) {
        proxy.tries += 1;
        await delay(milliseconds);
      }
      response.setHeader('Proxy-Authenticate', 'NTLM');
    }
    response.writeHead(407).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  proxy.url = `http://127.0.0.1:${server.address().port}`;
  return proxy;
}

function tenAtOnce(client) {
  const requests = Array.from({ length: 10 }, (_, index) => client.send(`http://a.example/asked/${index}`));
  return Promise.all(requests.map((request) => request.catch((error) => error)));
}

for (const [name, clientWith] of Object.entries(adapters)) {
  test(`${name}: a proxy that takes long to say no is asked once by ten requests`, async (t) => {
    const proxy = await refusingProxy(t, { milliseconds: 2_500 });
    const errors = await tenAtOnce(clientWith(t, { proxy: proxy.url, credentials: wrongCredentials() }));
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['ERR_NTLM_REJECTED']));
    assert.equal(proxy.tries, 1);
  });

  test(`${name}: a proxy that did not ask before, and then asks ten requests, is answered by one`, async (t) => {
    const proxy = await refusingProxy(t, { milliseconds: 100, asks: (url) => url.includes('/asked') });
    const client = clientWith(t, { proxy: proxy.url, credentials: wrongCredentials() });
    assert.equal((await client.send('http://a.example/free')).status, 200);
    const errors = await tenAtOnce(client);
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['ERR_NTLM_REJECTED']));
    assert.equal(proxy.tries, 1);
  });

  test(`${name}: a request challenged unexpectedly, after others were refused, does not try the same credentials again`, async (t) => {
    const proxy = await refusingProxy(t, { stagger: 40, asks: (url) => url.includes('/asked') });
    const client = clientWith(t, { proxy: proxy.url, credentials: wrongCredentials() });
    assert.equal((await client.send('http://a.example/free')).status, 200);
    const errors = await tenAtOnce(client);
    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['ERR_NTLM_REJECTED']));
    assert.equal(proxy.tries, 1);
  });

  test(`${name}: requests that wait for the verdict about another give up in time`, async (t) => {
    const proxy = await refusingProxy(t, { milliseconds: 3_000 });
    const client = clientWith(t, { proxy: proxy.url, credentials: wrongCredentials(), handshakeTimeout: 500 });
    const requests = Array.from({ length: 10 }, (_, index) => client.send(`http://a.example/asked/${index}`));
    const timed = requests.map(async (request) => {
      const before = performance.now();
      const { code } = await request.catch((error) => error);
      return [code, performance.now() - before < 2_000];
    });
    const outcomes = (await Promise.all(timed)).map(String).sort();
    assert.deepEqual(outcomes, [...Array(9).fill('ERR_NTLM_HANDSHAKE_TIMEOUT,true'), 'ERR_NTLM_REJECTED,false']);
    assert.equal(proxy.tries, 1);
  });
}
