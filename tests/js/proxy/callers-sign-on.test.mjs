/** A caller of the local proxy that authenticates to an origin itself. */
import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { test } from 'node:test';
import { NtlmClient } from 'ntlm-wasm';
import { startProxy, startServer } from 'ntlm-wasm/node';

test('a connection that a caller authenticates itself is used by that caller only, and closes with it', async (t) => {
  const origin = await startServer({ role: 'origin', accounts: { bob: 'secret' } });
  t.after(() => origin.close());
  const proxy = await startProxy({ proxy: () => 'DIRECT' });
  t.after(() => proxy.close());
  const secret = `Basic ${Buffer.from(`ntlm-wasm:${proxy.secret}`).toString('base64')}`;
  const callers = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => callers.forEach((caller) => caller.destroy()));
  const ask = (caller, authorization) =>
    new Promise((resolve, reject) => {
      const headers = { 'proxy-authorization': secret, ...(authorization && { authorization }) };
      get({ agent: caller, port: proxy.port, host: proxy.host, path: `${origin.url}/`, headers }, (response) => {
        response.resume().on('end', () => resolve(response));
      }).on('error', reject);
    });
  const [bob, other] = callers;
  assert.equal((await ask(bob)).statusCode, 401);
  const client = new NtlmClient({ username: 'bob', password: 'secret' });
  const challenged = await ask(bob, `NTLM ${client.negotiate()}`);
  const answer = client.authenticate(challenged.headers['www-authenticate']);
  assert.equal((await ask(bob, `NTLM ${answer}`)).statusCode, 200);
  assert.equal((await ask(bob)).statusCode, 200, 'the connection of this caller stays authenticated');
  assert.equal((await ask(other)).statusCode, 401, 'and no other caller uses it');
  bob.destroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(origin.counters.open, 1, 'only the shared connection is left');
});

test('an empty secret is refused', async () => {
  await assert.rejects(startProxy({ secret: '' }), { code: 'ERR_NTLM_INVALID_OPTION' });
});
