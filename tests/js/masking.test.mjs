/** Whatever holds credentials may be printed, by whatever means, without showing them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { createFetch, NtlmAgent, NtlmDispatcher, startProxy, startServer } from 'ntlm-wasm/node';

const PASSWORD = 'Not-To-Be-Seen-1';
const HASH = 'a4f49c406510bdcab6824ee7c30fd852';
const UTF16 = Buffer.from(PASSWORD, 'utf16le').toString('latin1');

/** Every way in which things end up in logs. */
function printed(thing) {
  const ways = [
    inspect(thing, { showHidden: true, depth: 20, getters: true, maxArrayLength: null, maxStringLength: null }),
    format('%s %o %O %j', thing, thing, thing, thing),
    String(thing),
    JSON.stringify(thing),
    thing instanceof Error ? `${thing.stack} ${inspect(thing.cause)}` : '',
  ];
  return ways.join('\n');
}

function assertMasked(name, thing) {
  const text = printed(thing);
  for (const secret of [
    PASSWORD,
    encodeURIComponent(PASSWORD),
    UTF16,
    HASH,
    Buffer.from(PASSWORD).toString('base64'),
  ]) {
    assert.ok(!text.includes(secret), `${name} shows its secret`);
  }
}

test('clients, servers and sessions of the token interface', async () => {
  for (const secret of [{ password: PASSWORD }, { ntHash: HASH }]) {
    const client = new NtlmClient({ username: 'alice', ...secret, seal: true });
    const server = new NtlmServer({ account: () => secret });
    const accepted = await server.authenticate(client.authenticate(server.challenge(client.negotiate())));
    const key = Buffer.from(accepted.session.exportedSessionKey).toString('hex');
    for (const thing of [client, server, client.session, accepted]) {
      assertMasked(thing.constructor.name, thing);
      assert.ok(!printed(thing).includes(key), 'the session key is not shown either');
    }
  }
});

test('agents, dispatchers, fetch and servers, unused and after a request', async (t) => {
  const upstream = await startServer({ accounts: { alice: PASSWORD } });
  t.after(() => upstream.close());
  const options = {
    proxy: `http://127.0.0.1:${upstream.port}`,
    credentials: { username: 'alice', password: PASSWORD },
  };
  const inUrl = { proxy: `http://alice:${PASSWORD}@127.0.0.1:${upstream.port}` };
  const local = await startProxy(options);
  t.after(() => local.close());
  const dispatchers = [new NtlmDispatcher(options), new NtlmDispatcher(inUrl)];
  t.after(() => Promise.all(dispatchers.map((dispatcher) => dispatcher.destroy())));
  const things = { upstream, local, agent: new NtlmAgent(options), fetch: createFetch(options) };
  dispatchers.forEach((dispatcher, i) => Object.assign(things, { [`dispatcher ${i}`]: dispatcher }));
  for (const [name, thing] of Object.entries(things)) assertMasked(name, thing);
  for (const dispatcher of dispatchers) {
    const { body } = await dispatcher.request({ origin: upstream.url, path: '/', method: 'GET' });
    await body.dump();
  }
  for (const [name, thing] of Object.entries(things)) assertMasked(`${name} after a request`, thing);
});

test('a refusal and a bad option', async (t) => {
  const upstream = await startServer({ accounts: { alice: 'another one' } });
  t.after(() => upstream.close());
  for (const proxy of [
    `http://alice:${PASSWORD}@127.0.0.1:${upstream.port}`,
    `http://alice:${PASSWORD}@nowhere.invalid`,
  ]) {
    const dispatcher = new NtlmDispatcher({ proxy });
    t.after(() => dispatcher.destroy());
    const failure = await dispatcher
      .request({ origin: upstream.url, path: '/', method: 'GET' })
      .catch((error) => error);
    assert.match(failure.code, /^ERR_NTLM_(REJECTED|PROXY_UNREACHABLE)$/);
    assertMasked(failure.code, failure);
  }
  for (const bad of [{ ntHash: PASSWORD }, { password: PASSWORD, domain: 7 }, { ntHash: HASH, mechanism: PASSWORD }]) {
    assert.throws(
      () => new NtlmClient({ username: 'alice', ...bad }),
      (error) => {
        assertMasked(error.code, error);
        return true;
      },
    );
  }
});
