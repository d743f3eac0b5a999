import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFetch, NtlmAgent, NtlmDispatcher } from 'ntlm-wasm/node';
import { adapters } from './both.mjs';
import { serve } from './servers.mjs';

const wrong = {
  'no object': null,
  'a text': 'http://proxy',
  'no sockets': { maxSockets: 0 },
  'sockets by words': { maxSockets: 'many' },
  'no time': { handshakeTimeout: NaN },
  'negative time': { keepAliveTimeout: -1 },
  'another scheme': { schemes: ['Basic'] },
  'no scheme': { schemes: [] },
  'unknown bindings': { channelBindings: 'always' },
  'a server that is no origin': { servers: ['*'] },
  'credentials without a password': { credentials: { username: 'alice' } },
  'a proxy that is a number': { proxy: 8080 },
};

for (const [name, options] of Object.entries(wrong)) {
  test(`${name}: refused at once, with a code`, () => {
    for (const make of [() => new NtlmAgent(options), () => new NtlmDispatcher(options), () => createFetch(options)]) {
      assert.throws(make, ({ code, advice }) => code === 'ERR_NTLM_INVALID_OPTION' && advice !== '');
    }
  });
}

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: endless patience is possible`, async (t) => {
    const { server } = await serve(t, { role: 'origin' });
    const client = make(t, { servers: [server.url], keepAliveTimeout: Infinity, handshakeTimeout: Infinity });
    for (let count = 0; count < 2; count += 1) assert.equal((await client.send(server.url)).status, 200);
    assert.equal(server.counters.connections, 1);
  });
}
