/** What the legs of a handshake look like, and what is remembered about a target. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFetch, NtlmAgent, startServer } from 'ntlm-wasm/node';
import { firstLeg } from '../internals.mjs';
import { clients } from './clients.mjs';
import { startPeer } from './peers.mjs';

let users = 0;
const credentials = () => ({ username: `leg${(users += 1)}`, password: 'right' });

async function clientFor(t, name, peer, options) {
  const client = await clients[name]({ proxy: 'direct', servers: [peer.url], credentials: credentials(), ...options });
  t.after(() => client.close());
  return client;
}

test('the first leg: requests, and what the target has taught', () => {
  const rows = {
    //                unknown   none     head     token    empty
    'GET at hand': ['token', 'plain', 'token', 'token', 'empty'],
    'HEAD at hand': ['token', 'plain', 'token', 'token', 'token'],
    'POST at hand': ['token', 'plain', 'token', 'token', 'empty'],
    'DELETE at hand': ['token', 'plain', 'token', 'token', 'empty'],
    'POST later': ['head', 'plain', 'head', 'empty', 'empty'],
    'PUT later': ['head', 'plain', 'head', 'empty', 'empty'],
    'CONNECT at hand': ['token', 'plain', 'token', 'token', 'token'],
    'TRACE at hand': ['plain', 'plain', 'plain', 'plain', 'plain'],
  };
  const taught = [undefined, 'none', 'head', 'token', 'empty'];
  for (const [name, expected] of Object.entries(rows)) {
    const [method, when] = name.split(' ');
    const request = { method, isAtHand: when === 'at' };
    assert.deepEqual(
      taught.map((leg) => firstLeg(request, leg)),
      expected,
      name,
    );
    const rejected = method === 'TRACE' ? Array(5).fill('plain') : ['plain', 'plain', 'reject', 'reject', 'reject'];
    assert.deepEqual(
      taught.map((leg) => firstLeg(request, leg, true)),
      rejected,
      `${name}, rejected a moment ago`,
    );
  }
});

for (const name of Object.keys(clients)) {
  test(`${name}: cookies of a challenge go back with the next leg, and reach the caller`, async (t) => {
    let challenges = 0;
    const onChallenge = () =>
      `Set-Cookie: sess=${(challenges += 1)}; Path=/; HttpOnly\r\nSet-Cookie: old=x; Max-Age=0\r\n`;
    const peer = await startPeer(t, { onChallenge });
    const client = await clientFor(t, name, peer);
    const headers = { cookie: 'mine=1; old=2', 'user-agent': 'probe/1.0', 'x-own': 'yes' };
    for (const kind of ['small', 'large']) {
      peer.executed.length = 0;
      const { headers: received } = await client.send(`${peer.url}/${kind}`, { method: 'POST', kind, headers });
      const [{ fields }] = peer.executed;
      assert.equal(fields['user-agent'], 'probe/1.0');
      if (kind === 'small') {
        assert.equal(fields.cookie, 'mine=1; sess=1');
        assert.match(String(received['set-cookie']), /sess=1; Path=\/; HttpOnly/);
      } else {
        assert.equal(fields.cookie, 'mine=1; old=2', 'no challenge any more');
      }
    }
  });

  test(`${name}: TRACE carries no credentials`, async (t) => {
    if (name === 'fetch') return; // It refuses the method.
    const peer = await startPeer(t, {});
    const client = await clientFor(t, name, peer);
    const { status } = await client.send(`${peer.url}/`, { method: 'TRACE', kind: 'none' });
    assert.equal(status, 401);
    assert.deepEqual(peer.legs, ['TRACE 0']);
  });

  test(`${name}: a peer that closes on a body is asked without one, the next time at once`, async (t) => {
    const peer = await startPeer(t, { closesOnBody: true });
    for (const legs of [
      ['POST 1', 'POST 1', 'POST 3'],
      ['POST 1', 'POST 3'],
    ]) {
      peer.legs.length = 0;
      const client = await clientFor(t, name, peer);
      assert.deepEqual((await client.send(`${peer.url}/same`, { method: 'POST', kind: 'small' })).status, 200);
      assert.deepEqual(peer.legs, legs);
    }
    assert.deepEqual(
      peer.executed.map(({ method, body }) => `${method} ${body}`),
      ['POST hello', 'POST hello'],
    );
  });

  test(`${name}: a target is remembered across clients: no HEAD where it is not challenged`, async (t) => {
    const peer = await startPeer(t, { asks: (method) => method === 'POST', head: 404 });
    for (const legs of [
      ['HEAD 1', 'POST 0', 'POST 1', 'POST 3'],
      ['POST 1', 'POST 3'],
    ]) {
      peer.legs.length = 0;
      const client = await clientFor(t, name, peer);
      assert.equal((await client.send(`${peer.url}/api`, { method: 'POST', kind: 'large' })).text, 'done POST 100000');
      assert.deepEqual(peer.legs, legs);
    }
  });

  test(`${name}: a caller that wants its connection closed is authenticated on one that is kept`, async (t) => {
    const peer = await startPeer(t, {});
    const client = await clientFor(t, name, peer);
    if (name === 'fetch') return; // It does not send the field.
    const headers = { connection: 'close' };
    assert.equal((await client.send(`${peer.url}/`, { method: 'GET', kind: 'none', headers })).status, 200);
    assert.deepEqual(peer.legs, ['GET 1', 'GET 3']);
  });
}

test('one extra round trip where a peer challenges, none afterwards, none where it does not', async (t) => {
  const asking = await startPeer(t, {});
  const open = await startPeer(t, { asks: () => false });
  for (const [peer, legs] of [
    [asking, ['GET 1', 'GET 3', 'GET 0', 'GET 0']],
    [open, ['GET 1', 'GET 0', 'GET 0']],
  ]) {
    const client = await clientFor(t, 'dispatcher', peer);
    for (const path of ['/1', '/2', '/3']) await client.send(peer.url + path, { method: 'GET', kind: 'none' });
    assert.deepEqual(peer.legs, legs);
  }
});

for (const name of ['fetch', 'dispatcher', 'agent', 'local proxy']) {
  test(`${name}: a function that has new credentials is asked before the request fails`, async (t) => {
    const user = credentials().username;
    for (const headers of [{}, { connection: 'close' }]) {
      let password = `old ${Object.keys(headers).length}`;
      const given = [];
      const server = await startServer({ accounts: () => ({ password }) });
      t.after(() => server.close());
      const ask = () => (given.push(password), { username: user, password });
      const client = await clients[name]({ proxy: server.url, credentials: ask, maxSockets: 1 });
      t.after(() => client.close());
      const fresh = { ...headers, connection: 'close' };
      const send = async (method, kind) =>
        (await client.send(`${server.url}/echo`, { method, kind, headers: fresh })).status;
      assert.equal(await send('GET', 'none'), 200);
      password = `new ${password}`;
      assert.deepEqual(
        [await send('POST', 'small'), await send('POST', 'streamed'), await send('GET', 'none')],
        [200, 200, 200],
      );
      // The local proxy keeps its connection, whatever its caller does with its own.
      assert.equal(given.length, name === 'local proxy' ? 1 : 2);
    }
  });
}

test('handshakeTimeout covers routes and credential functions that never come to a result', async () => {
  const never = () => new Promise(() => {});
  for (const options of [{ proxy: never }, { proxy: 'http://127.0.0.1:9', credentials: never }]) {
    const fetch = createFetch({ handshakeTimeout: 150, ...options });
    const started = performance.now();
    await assert.rejects(fetch('http://origin.example/'), (error) => {
      assert.equal((error.cause ?? error).code, 'ERR_NTLM_HANDSHAKE_TIMEOUT');
      return true;
    });
    assert.ok(performance.now() - started < 2_000);
  }
});

test('an agent that is given up during a decision leaves nothing behind', async (t) => {
  const peer = await startPeer(t, {});
  const agent = new NtlmAgent({ proxy: 'direct', servers: [peer.url], credentials: () => new Promise(() => {}) });
  t.after(() => agent.destroy());
  const http = await import('node:http');
  const request = http.get(peer.url, { agent });
  setTimeout(() => request.destroy(new Error('enough')), 30);
  await assert.rejects(new Promise((_, reject) => request.on('error', reject)), /enough/);
  assert.equal(agent.size, 0);
});
