/** A wrong password is tried once per process and 30 seconds, in every situation in which it could be tried again. */
import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { NtlmServer } from 'ntlm-wasm';
import { createFetch, NtlmAgent, NtlmDispatcher, startProxy } from 'ntlm-wasm/node';

let users = 0;

/** One domain: several ports that ask the same accounts, and count the wrong passwords that they are sent. */
async function startDomain(
  t,
  { ports = 1, verdictAfter = 30, host = '127.0.0.1', closes = false, closesFirst = false, role = 'proxy' } = {},
) {
  users += 1;
  const domain = { username: `user${users}`, password: 'right', wrong: 0, proofs: 0, urls: [] };
  const name = role === 'proxy' ? 'Proxy-Authenticate: NTLM' : 'WWW-Authenticate: NTLM';
  const line = role === 'proxy' ? 'HTTP/1.1 407 X' : 'HTTP/1.1 401 X';
  const sockets = new Set();
  let connections = 0;
  const onSocket = (socket) => {
    let text = '';
    let ntlm;
    let authenticated = false;
    connections += 1;
    sockets.add(socket.on('error', () => {}));
    const challenge = (token) => socket.write(`${line}\r\n${name}${token}\r\nContent-Length: 0\r\n\r\n`);
    socket.on('data', async (chunk) => {
      text += chunk.toString('latin1');
      for (let end; (end = text.indexOf('\r\n\r\n')) !== -1;) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const token = /authorization: NTLM (\S+)/i.exec(head)?.[1];
        const type = token === undefined ? 0 : Buffer.from(token, 'base64')[8];
        if (type === 3) {
          domain.proofs += 1;
          await delay(verdictAfter);
          authenticated = await ntlm.authenticate(token).then(
            () => true,
            () => false,
          );
          if (!authenticated) domain.wrong += 1;
          if (!authenticated && closes) return socket.destroy();
        }
        if (authenticated)
          socket.write(
            head.startsWith('CONNECT')
              ? 'HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n'
              : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
          );
        else if (closesFirst && connections <= 10)
          socket.end(`${line}\r\n${name}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        else if (type === 1) {
          ntlm = new NtlmServer({ account: () => ({ password: domain.password }) });
          challenge(` ${ntlm.challenge(token)}`);
        } else challenge('');
      }
    });
  };
  for (let index = 0; index < ports; index += 1) {
    const server = createServer(onSocket);
    await new Promise((resolve) => server.listen(0, host, resolve));
    t.after(() => server.close());
    domain.urls.push(`http://127.0.0.1:${server.address().port}`);
  }
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  domain.right = { username: domain.username, password: 'right' };
  domain.mistyped = { username: domain.username, password: 'wrong' };
  return domain;
}

const codeOf = (error) => error.cause?.code ?? error.code ?? error.name;
const byAgent = (agent, url, options = {}) =>
  new Promise((resolve) => {
    const { patience, ...more } = options;
    const request = http.get(url, { agent, ...more }, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    request.on('error', (error) => resolve(codeOf(error)));
    if (patience !== undefined) setTimeout(() => request.destroy(), patience);
  });
const byFetch = (fetch, url, init) =>
  fetch(url, init).then(async (response) => (await response.text(), response.status), codeOf);
const times = (count, work) => Promise.all(Array.from({ length: count }, (_, index) => work(index)));

async function localProxy(t, options) {
  const proxy = await startProxy({ secret: false, ...options });
  t.after(() => proxy.close({ grace: 0 }));
  const headers = { host: 'a.example' };
  return (path, more) => byAgent(false, proxy.url, { path: `http://a.example${path}`, headers, ...more });
}

const SITUATIONS = {
  async 'many agents, dispatchers and fetches'(t, domain) {
    const options = { proxy: domain.urls[0], credentials: domain.mistyped };
    const agents = Array.from({ length: 5 }, () => new NtlmAgent(options));
    const dispatchers = Array.from({ length: 5 }, () => new NtlmDispatcher(options));
    t.after(() => [...agents, ...dispatchers].forEach((one) => one.destroy()));
    await Promise.all([
      ...agents.map((agent) => byAgent(agent, 'http://a.example/')),
      ...dispatchers.map((dispatcher) =>
        dispatcher.request({ origin: 'http://a.example', path: '/', method: 'GET' }).catch(codeOf),
      ),
      ...Array.from({ length: 5 }, () => byFetch(createFetch(options), 'http://a.example/')),
    ]);
    for (const agent of agents) await byAgent(agent, 'http://b.example/');
  },
  async 'a new agent for each request'(t, domain) {
    for (let count = 0; count < 10; count += 1) {
      const agent = new NtlmAgent({ proxy: domain.urls[0], credentials: domain.mistyped });
      await byAgent(agent, `http://a.example/${count}`);
      agent.destroy();
    }
  },
  async 'copies of the package, as an ES module and as CommonJS'(t, domain) {
    const options = { proxy: domain.urls[0], credentials: domain.mistyped };
    const other = createRequire(import.meta.url)('ntlm-wasm/node');
    assert.notEqual(other.createFetch, createFetch);
    const fetches = [
      createFetch(options),
      other.createFetch(options),
      createFetch(options),
      other.createFetch(options),
    ];
    await Promise.all(fetches.map((fetch) => byFetch(fetch, 'http://a.example/')));
    for (const fetch of fetches) assert.equal(await byFetch(fetch, 'http://a.example/'), 'ERR_NTLM_REJECTED');
  },
  async 'http and https'(t, domain) {
    const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.mistyped });
    await times(10, (index) => byFetch(fetch, `${index % 2 ? 'https' : 'http'}://a.example/${index}`));
  },
  async 'several ports'(t, domain) {
    const fetch = createFetch({ proxy: 'direct', servers: ['127.0.0.1'], credentials: domain.mistyped });
    await times(10, (index) => byFetch(fetch, `${domain.urls[index % 3]}/${index}`));
    await times(10, (index) => byFetch(fetch, `${domain.urls[index % 3]}/${index}`));
  },
  async 'several hosts'(t, domain) {
    const fetch = createFetch({ proxy: 'direct', servers: ['127.0.0.1', 'localhost'], credentials: domain.mistyped });
    await times(10, (index) =>
      byFetch(fetch, (index % 2 ? domain.urls[0] : domain.urls[0].replace('127.0.0.1', 'localhost')) + `/${index}`),
    );
  },
  async 'the name of the user in several forms'(t, domain) {
    const [proxy] = domain.urls;
    const forms = [
      { username: `CORP\\${domain.username}`, password: 'wrong' },
      { username: domain.username.toUpperCase(), domain: 'corp', password: 'wrong' },
      { username: domain.username, domain: 'CORP', password: 'wrong', workstation: 'PC7' },
    ];
    for (const credentials of forms) await byFetch(createFetch({ proxy, credentials }), 'http://a.example/');
  },
  async 'callers of a local proxy'(t, domain) {
    const send = await localProxy(t, { proxy: domain.urls[0], credentials: domain.mistyped });
    await times(10, (index) => send(`/${index}`));
    await times(10, (index) => send(`/${index}`));
  },
  async 'callers that give up before the verdict, by fetch'(t, domain) {
    const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.mistyped });
    for (const url of ['http://a.example/', 'https://a.example/', 'http://a.example/']) {
      assert.match(String(await byFetch(fetch, url, { signal: AbortSignal.timeout(150) })), /TimeoutError|23|REJECTED/);
    }
  },
  async 'callers that give up before the verdict, by tunnels'(t, domain) {
    const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.mistyped });
    for (let count = 0; count < 4; count += 1)
      await byFetch(fetch, 'https://a.example/', { signal: AbortSignal.timeout(150) });
  },
  async 'callers that give up before the verdict, by agent'(t, domain) {
    const agent = new NtlmAgent({ proxy: domain.urls[0], credentials: domain.mistyped });
    t.after(() => agent.destroy());
    for (let count = 0; count < 4; count += 1) await byAgent(agent, 'http://a.example/', { patience: 150 });
  },
  async 'callers of a local proxy that give up before the verdict'(t, domain) {
    const send = await localProxy(t, { proxy: domain.urls[0], credentials: domain.mistyped });
    for (let count = 0; count < 4; count += 1) await send('/', { patience: 150 });
  },
  async 'a password that is changed while the program runs'(t, domain) {
    const [proxy] = domain.urls;
    const fetch = createFetch({ proxy, credentials: domain.right });
    const agent = new NtlmAgent({ proxy, credentials: domain.right });
    t.after(() => agent.destroy());
    const send = await localProxy(t, { proxy, credentials: domain.right });
    assert.equal(await byFetch(fetch, 'http://a.example/warm'), 200);
    domain.password = 'changed';
    await Promise.all([
      times(10, (index) => byFetch(fetch, `http://a.example/${index}`)),
      times(10, (index) => byAgent(agent, `http://a.example/${index}`)),
      times(10, (index) => send(`/${index}`)),
    ]);
  },
  async 'a password that is changed after a burst'(t, domain) {
    const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.right });
    assert.deepEqual(new Set(await times(8, (index) => byFetch(fetch, `http://a.example/${index}`))), new Set([200]));
    await delay(5_100);
    domain.password = 'changed';
    const { proofs } = domain;
    await times(20, (index) =>
      byFetch(createFetch({ proxy: domain.urls[0], credentials: domain.right }), `http://a.example/${index}`),
    );
    assert.equal(domain.proofs, proofs + 1);
  },
  async 'a function that returns the same again'(t, domain) {
    let asked = 0;
    const credentials = () => ((asked += 1), { ...domain.mistyped });
    const fetch = createFetch({ proxy: domain.urls[0], credentials });
    for (let count = 0; count < 5; count += 1)
      assert.equal(await byFetch(fetch, 'http://a.example/'), 'ERR_NTLM_REJECTED');
    await times(10, (index) => byFetch(fetch, `http://a.example/${index}`));
    assert.ok(asked >= 2);
  },
  async 'credentials in the URL of the proxy'(t, domain) {
    const proxy = domain.urls[0].replace('//', `//${domain.username}:wrong@`);
    await times(5, (index) => byFetch(createFetch({ proxy }), `http://a.example/${index}`));
  },
};

const SLOW = /give up/;
for (const [title, run] of Object.entries(SITUATIONS)) {
  test(title, async (t) => {
    const domain = await startDomain(t, {
      ports: title === 'several ports' ? 3 : 1,
      host: title === 'several hosts' ? undefined : '127.0.0.1',
      role: /several/.test(title) && !/form/.test(title) ? 'origin' : 'proxy',
      verdictAfter: SLOW.test(title) ? 400 : 30,
    });
    await run(t, domain);
    if (SLOW.test(title)) await delay(600);
    assert.equal(domain.wrong, 1);
  });
}

test('a peer that closes after its first challenge: one proof, on the next connection', async (t) => {
  const domain = await startDomain(t, { closesFirst: true });
  const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.mistyped });
  const codes = await times(10, (index) => byFetch(fetch, `http://a.example/${index}`));
  assert.deepEqual(new Set(codes), new Set(['ERR_NTLM_REJECTED']));
  assert.equal(domain.wrong, 1);
});

test('a peer that closes instead of rejecting is sent a second proof, and no third', async (t) => {
  const domain = await startDomain(t, { closes: true });
  const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.mistyped });
  const codes = [];
  for (let count = 0; count < 6; count += 1) codes.push(await byFetch(fetch, 'http://a.example/'));
  assert.equal(domain.wrong, 2);
  assert.deepEqual(codes, [
    'ERR_NTLM_CLOSED_MID_HANDSHAKE',
    'ERR_NTLM_CLOSED_MID_HANDSHAKE',
    ...Array(4).fill('ERR_NTLM_REJECTED'),
  ]);
});

test('the right password of many requests at once: each connection is authenticated', async (t) => {
  const domain = await startDomain(t, {});
  const fetch = createFetch({ proxy: domain.urls[0], credentials: domain.right });
  assert.deepEqual(new Set(await times(40, (index) => byFetch(fetch, `http://a.example/${index}`))), new Set([200]));
  assert.equal(domain.wrong, 0);
});
