import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import connect from 'connect';
import express from 'express';
import fastify from 'fastify';
import { NtlmClient } from 'ntlm-wasm';
import { createFetch, ntlmAuth } from 'ntlm-wasm/node';

const ACCOUNTS = { alice: 'pw', bob: 'pw2' };
const account = ({ username }) => (username in ACCOUNTS ? { password: ACCOUNTS[username] } : undefined);

async function listening(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A plain server behind the middleware that reports the user and what it got. */
function serve(t, options, handler) {
  const middleware = ntlmAuth({ account, ...options });
  const answer =
    handler ??
    ((req, res) => {
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify({ user: req.ntlm, url: req.url }));
    });
  const server = http.createServer((req, res) =>
    middleware(req, res, (error) => {
      if (error === undefined) return answer(req, res);
      res.statusCode = error.status ?? 500;
      res.end(error.code);
    }),
  );
  return listening(t, server);
}

const as = (username, password = ACCOUNTS[username], url) =>
  createFetch({
    proxy: 'direct',
    servers: [url],
    credentials: { username, password, domain: 'CORP', workstation: 'PC1' },
  });

/** One connection on which requests are written as text; `read` resolves with the next whole response. */
async function connection(url) {
  const { hostname, port } = new URL(url);
  const socket = net.connect(port, hostname);
  await once(socket, 'connect');
  let text = '';
  let wake = () => {};
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece;
    wake();
  });
  return {
    socket,
    send: (path, headers = '') => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`),
    async read() {
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1]);
        if (end !== -1 && text.length >= end + 4 + length) {
          const head = text.slice(0, end);
          const body = text.slice(end + 4, end + 4 + length);
          text = text.slice(end + 4 + length);
          const challenge = /^www-authenticate: (.*)$/im.exec(head)?.[1];
          return { status: Number(head.split(' ')[1]), head, body, challenge };
        }
        await new Promise((resolve) => (wake = resolve));
      }
    },
  };
}

/** Messages 1 and 3 of alice as header lines. */
function handshake(username = 'alice') {
  const client = new NtlmClient({ username, password: ACCOUNTS[username] ?? 'pw' });
  return {
    first: `Authorization: NTLM ${client.negotiate()}\r\n`,
    second: (challenge) => `Authorization: NTLM ${client.authenticate(challenge)}\r\n`,
  };
}

const FRAMEWORKS = {
  express(middleware) {
    const app = express();
    app.use(middleware);
    app.use(express.json());
    app.all('/{*any}', (req, res) => res.json({ user: req.ntlm, locals: res.locals.ntlm?.UserName, body: req.body }));
    return http.createServer(app);
  },
  connect(middleware) {
    const app = connect();
    app.use(middleware);
    app.use((req, res) => {
      let body = '';
      req.on('data', (piece) => (body += piece));
      req.on('end', () =>
        res.end(JSON.stringify({ user: req.ntlm, body: body === '' ? undefined : JSON.parse(body) })),
      );
    });
    return http.createServer(app);
  },
  fastify(middleware) {
    let handle;
    const app = fastify({ serverFactory: (handler) => ((handle = http.createServer(handler)), handle) });
    app.addHook('onRequest', (request, reply, done) => middleware(request.raw, reply.raw, done));
    app.all('/*', (request, reply) => reply.send({ user: request.raw.ntlm, body: request.body ?? undefined }));
    return app.ready().then(() => handle);
  },
};

for (const [name, make] of Object.entries(FRAMEWORKS)) {
  test(`${name}: our client, POST with a body, a wrong password`, async (t) => {
    const middleware = ntlmAuth({ account });
    const server = await make(middleware);
    const url = await listening(t, server);
    let connections = 0;
    server.on('connection', () => (connections += 1));
    const fetch = as('alice', 'pw', url);
    const got = await fetch(`${url}/a`);
    assert.equal(got.status, 200);
    const { user, locals } = await got.json();
    assert.deepEqual(user, { UserName: 'alice', DomainName: 'CORP', Workstation: 'PC1', Authenticated: true });
    if (name === 'express') assert.equal(locals, 'alice');
    const posted = await fetch(`${url}/b`, {
      method: 'POST',
      body: JSON.stringify({ a: 1 }),
      headers: { 'Content-Type': 'application/json' },
    });
    assert.deepEqual((await posted.json()).body, { a: 1 });
    assert.equal(connections, 1, 'the handshake was for the connection');
    const wrong = await as('bob', 'wrong', url)(`${url}/c`).catch((error) => error.cause ?? error);
    assert.equal(wrong.code, 'ERR_NTLM_REJECTED');
  });
}

test('each connection has its own user, whatever the order', async (t) => {
  const url = await serve(t);
  const [alice, bob] = [as('alice', 'pw', url), as('bob', 'pw2', url)];
  const names = await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const response = await (index % 2 === 0 ? alice : bob)(`${url}/${index}`);
      return (await response.json()).user.UserName;
    }),
  );
  names.forEach((name, index) => assert.equal(name, index % 2 === 0 ? 'alice' : 'bob'));
});

test('pipelined requests wait for the handshake before them, and keep their order', async (t) => {
  const url = await serve(t, { account: (user) => sleep(80).then(() => account(user)) });
  const { first, second } = handshake();
  const { send, read, socket } = await connection(url);
  send('/a', first);
  const { status, challenge } = await read();
  assert.equal(status, 401);
  socket.cork();
  send('/a', second(challenge));
  send('/b');
  send('/c');
  socket.uncork();
  for (const path of ['/a', '/b', '/c']) {
    const { status, body } = await read();
    assert.equal(status, 200);
    assert.deepEqual([JSON.parse(body).url, JSON.parse(body).user.UserName], [path, 'alice']);
  }
  socket.destroy();
});

test('another scheme, or another handshake, ends what the connection has proved', async (t) => {
  const url = await serve(t);
  const { send, read, socket } = await connection(url);
  const signIn = async () => {
    const { first, second } = handshake();
    send('/', first);
    send('/', second((await read()).challenge));
    assert.equal((await read()).status, 200);
  };
  for (const header of [
    'Authorization: Bearer x\r\n',
    'Authorization: Basic YTpi\r\n',
    'Authorization: NTLM TlRM\r\n',
  ]) {
    await signIn();
    send('/', header);
    assert.equal((await read()).status, 401, header);
    send('/');
    assert.equal((await read()).status, 401, `${header} and without a header`);
  }
  await signIn();
  send('/', handshake('bob').first);
  assert.equal((await read()).status, 401);
  send('/');
  assert.equal((await read()).status, 401, 'no request is authenticated during a handshake');
  socket.destroy();
});

test('message 3 on another connection is refused and reported by its own code', async (t) => {
  const failures = [];
  const url = await serve(t, { onFailure: ({ code }) => failures.push(code) });
  const [one, other] = [await connection(url), await connection(url)];
  const { first, second } = handshake();
  one.send('/', first);
  const proof = second((await one.read()).challenge);
  other.send('/', proof);
  const { status, challenge } = await other.read();
  assert.deepEqual([status, challenge], [401, 'NTLM']);
  one.send('/', proof);
  assert.equal((await one.read()).status, 200, 'where it belongs it is accepted');
  one.send('/', proof);
  assert.equal((await one.read()).status, 401, 'but only once');
  assert.deepEqual(failures, ['ERR_NTLM_NO_CHALLENGE', 'ERR_NTLM_NO_CHALLENGE']);
  one.socket.destroy();
  other.socket.destroy();
});

test('behind a proxy that may share connections: refused, unless it is trusted', async (t) => {
  for (const header of ['X-Forwarded-For: 10.0.0.1', 'Via: 1.1 nginx', 'Forwarded: for=a', 'X-Real-IP: 10.0.0.1']) {
    const { send, read, socket } = await connection(await serve(t));
    send('/', `${header}\r\n`);
    const { status, body } = await read();
    assert.deepEqual([status, body], [500, 'ERR_NTLM_SHARED_CONNECTION'], header);
    socket.destroy();
  }
  const { send, read, socket } = await connection(await serve(t, { trustProxy: true }));
  send('/', 'Via: 1.1 haproxy\r\n');
  assert.equal((await read()).status, 401);
  socket.destroy();
});

test('HTTP/2 is refused with a code', async (t) => {
  const middleware = ntlmAuth({ account });
  const server = http2.createServer((req, res) => middleware(req, res, (error) => res.end(error.code)));
  const url = await listening(t, server);
  const session = http2.connect(url);
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  let body = '';
  stream.setEncoding('utf8').on('data', (piece) => (body += piece));
  await once(stream, 'end');
  assert.equal(body, 'ERR_NTLM_HTTP2_ONLY');
});

test('handlers for unauthorized and forbidden, authorize, skip', async (t) => {
  const page = (text) => (_req, res) => res.end(text);
  const options = {
    unauthorized: page('sign in first'),
    forbidden: page('not you'),
    authorize: async ({ UserName }, req) => UserName === 'alice' || req.url === '/open',
    skip: (req) => req.url === '/health',
  };
  const url = await serve(t, options);
  const plain = await fetch(`${url}/`);
  assert.deepEqual([plain.status, await plain.text()], [401, 'sign in first']);
  assert.equal(plain.headers.get('www-authenticate'), 'NTLM');
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.equal((await as('alice', 'pw', url)(`${url}/`)).status, 200);
  const bob = as('bob', 'pw2', url);
  assert.equal(await (await bob(`${url}/`)).text(), 'not you');
  assert.equal((await bob(`${url}/open`)).status, 200);
  const noHandler = await serve(t, { authorize: () => false });
  assert.equal((await as('alice', 'pw', noHandler)(`${noHandler}/`)).status, 403);
});

test('what the next handler throws is not taken for a failed handshake', async (t) => {
  const failures = [];
  const middleware = ntlmAuth({ account, onFailure: (error) => failures.push(error) });
  const app = express();
  app.use(middleware);
  app.get('/', () => {
    throw new Error('of the application');
  });
  app.use((error, _req, res, _next) => res.status(500).end(error.message));
  const url = await listening(t, http.createServer(app));
  const response = await as('alice', 'pw', url)(`${url}/`);
  assert.deepEqual([response.status, await response.text()], [500, 'of the application']);
  assert.deepEqual(failures, []);
});

test('SPNEGO is accepted where it is offered', async (t) => {
  const url = await serve(t, { schemes: ['Negotiate', 'NTLM'] });
  assert.equal((await as('alice', 'pw', url)(`${url}/`)).status, 200);
});

test('verify: "system" asks winbind’s helper, and does not need a password', async (t) => {
  const failures = [];
  const helper = [process.execPath, fileURLToPath(new URL('fake-ntlm-auth.mjs', import.meta.url))];
  const url = await serve(t, {
    account: undefined,
    verify: 'system',
    helper,
    onFailure: (error) => failures.push(error),
  });
  const responses = await Promise.all(
    Array.from({ length: 30 }, (_, index) => as('alice', 'pw', url)(`${url}/${index}`)),
  );
  for (const response of responses) {
    assert.deepEqual((await response.json()).user, {
      UserName: 'alice',
      DomainName: 'CORP',
      Workstation: 'PC1',
      Authenticated: true,
    });
  }
  await assert.rejects(
    as('alice', 'wrong', url)(`${url}/`),
    (error) => (error.cause ?? error).code === 'ERR_NTLM_REJECTED',
  );
  assert.equal(failures.length, 1);
  assert.equal(failures[0].code, 'ERR_NTLM_VERIFY_REJECTED');
  assert.match(failures[0].message, /NT_STATUS_WRONG_PASSWORD/);
});

test('verify: "system" without winbind: a code, and a challenge for the client', async (t) => {
  const failures = [];
  const helper = ['no-such-program'];
  const url = await serve(t, {
    account: undefined,
    verify: 'system',
    helper,
    onFailure: ({ code }) => failures.push(code),
  });
  const { send, read, socket } = await connection(url);
  send('/', handshake().first);
  assert.equal((await read()).status, 401);
  assert.deepEqual(failures, ['ERR_NTLM_VERIFY_UNAVAILABLE']);
  socket.destroy();
});

test('options that cannot work are refused at once', () => {
  assert.throws(() => ntlmAuth({}), { code: 'ERR_NTLM_INVALID_OPTION' });
  assert.throws(() => ntlmAuth({ verify: 'sytem' }), { code: 'ERR_NTLM_INVALID_OPTION' });
});
