/** Whatever holds credentials may be printed, by whatever means, without showing them. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import * as tokens from 'ntlm-wasm';
import * as network from 'ntlm-wasm/node';
import { writings } from './secret-writings.mjs';

const { NtlmClient, NtlmServer, ntHash } = tokens;
const { createFetch, NtlmAgent, NtlmDispatcher, startProxy, startServer } = network;

const PASSWORD = 'Not-To-Be-Seen-1';
const HASH = 'a4f49c406510bdcab6824ee7c30fd852';
const SECRETS = [
  PASSWORD,
  encodeURIComponent(PASSWORD),
  ...[
    Buffer.from(PASSWORD),
    Buffer.from(PASSWORD, 'utf16le'),
    Buffer.from(`alice:${PASSWORD}`),
    Buffer.from(HASH, 'hex'),
    Buffer.from(ntHash(PASSWORD)),
  ].flatMap(writings),
];

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
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${name} shows its secret`);
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

test('what is published, logged and reported when authentication succeeds and when it is refused', async (t) => {
  const told = [];
  const watch = (message, name) => told.push([String(name), message]);
  const names = ['connect', 'leg', 'authenticated', 'refused', 'reused', 'closed'].map((name) => `ntlm-wasm:${name}`);
  names.forEach((name) => subscribe(name, watch));
  t.after(() => names.forEach((name) => unsubscribe(name, watch)));
  const log = (line) => told.push(['log', line]);
  const onRequest = (request) => told.push(['onRequest', request]);
  for (const account of [{ password: PASSWORD }, { ntHash: HASH }, { password: 'another one' }]) {
    const upstream = await startServer({ accounts: { carol: account }, role: 'both', log, onRequest });
    t.after(() => upstream.close());
    for (const secret of [{ password: PASSWORD }, { ntHash: HASH }]) {
      // Another user than above: credentials that one server rejects are not sent to another.
      const credentials = { username: 'carol', ...secret };
      const local = await startProxy({ proxy: upstream.url, credentials, secret: false, onRequest });
      t.after(() => local.close());
      for (const proxy of [upstream.url, local.url]) {
        const fetch = createFetch({ proxy, credentials, servers: [upstream.url] });
        const target = `${upstream.url.replace('127.0.0.1', 'localhost')}/`;
        told.push([
          'answer',
          await fetch(target).then(
            (response) => response.status,
            (error) => error,
          ),
        ]);
      }
      told.push(['diagnosis', await network.diagnose(upstream.url, { proxy: upstream.url, credentials })]);
    }
  }
  const kinds = new Set(told.map(([kind]) => kind));
  for (const kind of [
    'ntlm-wasm:leg',
    'ntlm-wasm:authenticated',
    'ntlm-wasm:refused',
    'log',
    'onRequest',
    'diagnosis',
  ]) {
    assert.ok(kinds.has(kind), `${kind} was not told`);
  }
  for (const [kind, thing] of told) assertMasked(kind, thing);
});

test('a check of a password shows its verdict and not the key', () => {
  const client = new NtlmClient({ username: 'alice', password: PASSWORD });
  const server = new NtlmServer({ account: () => ({ password: PASSWORD }) });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  const bytes = (token) => new Uint8Array(Buffer.from(token, 'base64'));
  const handshake = [negotiate, challenge, client.authenticate(challenge)].map(bytes);
  const [message1, message2, message3] = handshake;
  for (const secret of [{ password: PASSWORD }, { ntHash: HASH }]) {
    const verdict = tokens.checkPassword({
      negotiate: message1,
      challenge: message2,
      authenticate: message3,
      ...secret,
    });
    assertMasked('the verdict', verdict);
  }
  for (const token of handshake) assertMasked('what is decoded', tokens.decode(token));
});

/** What is tried above, what answers with the secret that it was asked for, and what is never shown one. */
const EXPORTS = {
  tried: [
    'NtlmClient',
    'NtlmServer',
    'NtlmError',
    'checkPassword',
    'decode',
    'NtlmAgent',
    'NtlmDispatcher',
    'createFetch',
    'diagnose',
    'startProxy',
    'startServer',
  ],
  answers: ['ntHash'],
  without: [
    'certificateFrom',
    'channelBindings',
    'demoAccount',
    'explainConversations',
    'findTokens',
    'messageType',
    'ntlmAuth',
    'register',
    'version',
  ],
};

test('every export is in one of these lists', () => {
  const listed = Object.values(EXPORTS).flat().sort();
  const exported = [...new Set([...Object.keys(tokens), ...Object.keys(network)])].sort();
  assert.deepEqual(listed, exported);
});

test('the local proxy: its secret is in its properties, and not in what is printed', async (t) => {
  const proxy = await startProxy({ proxy: 'direct', secret: PASSWORD, socks: { port: 0 } });
  t.after(() => proxy.close({ grace: 0 }));
  assertMasked('the local proxy', proxy);
  assert.match(inspect(proxy), /http:\/\/ntlm-wasm:\*\*\*@127\.0\.0\.1:\d+/);
  assert.equal(new URL(proxy.url).password, PASSWORD);
  assert.equal(proxy.secret, PASSWORD);
  assert.equal({ ...proxy }.url, proxy.url);
});
