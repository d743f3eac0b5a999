// Node's own agents are the specification: each scenario runs with them and with NtlmAgent, and must go the same way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { NtlmAgent } from 'ntlm-wasm/node';
import { selfSignedCertificate } from '../internals.mjs';

const tls = selfSignedCertificate();

const ca = tls.cert;

async function listen(t, server, at = [0, '127.0.0.1']) {
  server.listen(...at);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections?.();
  });
  return server.address().port;
}

const agents = {
  http: { node: (options) => new http.Agent({ keepAlive: true, ...options }), client: http },
  https: { node: (options) => new https.Agent({ keepAlive: true, ...options }), client: https },
};

/** Runs the scenario with both agents, and compares what it returns. */
function same(name, scenario, kinds = ['http', 'https']) {
  for (const kind of kinds) {
    test(`${kind}: ${name}`, async (t) => {
      const { node, client } = agents[kind];
      const results = [];
      for (const make of [node, (options) => new NtlmAgent({ proxy: 'direct', ...options })]) {
        const server = kind === 'http' ? http.createServer() : https.createServer(tls);
        const port = await listen(t, server);
        const made = [];
        const agent = (options) => {
          const one = make(kind === 'https' ? { ca, ...options } : options);
          made.push(one);
          t.after(() => one.destroy());
          return one;
        };
        results.push(await scenario({ t, client, server, port, agent, to: { host: '127.0.0.1', port } }));
      }
      const [expected, actual] = results;
      assert.deepEqual(actual, expected);
    });
  }
}

/** The names of a request's events until it closes, errors with code and message. */
function events(request) {
  const seen = [];
  for (const name of ['abort', 'timeout']) request.on(name, () => seen.push(name));
  request.on('error', ({ name, code, message }) => seen.push(`error ${name} ${code} ${message}`));
  request.on('response', (response) => {
    seen.push('response');
    response.resume();
    response.on('error', ({ code, message }) => seen.push(`response error ${code} ${message}`));
  });
  return new Promise((resolve) => request.on('close', () => resolve(seen)));
}

function counts(agent) {
  const lengths = (lists) =>
    Object.fromEntries(Object.entries(lists).map(([name, { length }]) => [length, name !== '']));
  return [lengths(agent.sockets), lengths(agent.freeSockets), lengths(agent.requests), agent.totalSocketCount];
}

const answer = (server) => server.on('request', (_request, response) => response.end('hello'));

same('abort() at once', ({ client, to, agent }) => {
  const request = client.get({ ...to, agent: agent() });
  request.abort();
  return events(request);
});

same('destroy() at once', ({ client, to, agent }) => {
  const request = client.get({ ...to, agent: agent() });
  request.destroy();
  return events(request);
});

same('destroy() with an error', ({ client, to, agent }) => {
  const request = client.get({ ...to, agent: agent() });
  request.destroy(Object.assign(new Error('mine'), { code: 'E_MINE' }));
  return events(request);
});

same('a signal that is aborted already', ({ client, to, agent }) =>
  events(client.get({ ...to, agent: agent(), signal: AbortSignal.abort() })),
);

same('a signal that is aborted at once', ({ client, to, agent }) => {
  const controller = new AbortController();
  const request = client.get({ ...to, agent: agent(), signal: controller.signal });
  controller.abort();
  return events(request);
});

same('abort() after the head of the response', async ({ client, server, to, agent }) => {
  server.on('request', (_request, response) => response.write('begins'));
  const request = client.get({ ...to, agent: agent() });
  request.on('response', () => request.abort());
  return events(request);
});

same('the server resets the connection', ({ client, server, to, agent }) => {
  server.on('request', (request) => request.socket.destroy());
  return events(client.get({ ...to, agent: agent() }));
});

same('no one listens', async ({ t, client, agent }) => {
  const server = net.createServer();
  const port = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  const [outcome] = await events(client.get({ host: '127.0.0.1', port, agent: agent() }));
  return outcome.replace(String(port), 'PORT').split(' ')[2];
});

same('a name that does not exist', async ({ client, agent }) => {
  const [outcome] = await events(client.get({ host: 'no-such-name.invalid', agent: agent() }));
  return outcome.split(' ')[2];
});

same(
  'an untrusted certificate',
  async ({ client, to, agent }) => {
    const [outcome] = await events(client.get({ ...to, agent: agent({ ca: [] }) }));
    return outcome.split(' ')[2];
  },
  ['https'],
);

same(
  'a server without TLS',
  async ({ t, client, agent }) => {
    const port = await listen(t, http.createServer());
    const [outcome] = await events(client.get({ host: '127.0.0.1', port, agent: agent() }));
    return outcome.split(' ')[2];
  },
  ['https'],
);

same('a lookup that is slower than the time-out: one event', async ({ client, server, port, agent }) => {
  server.on('request', () => {});
  const lookup = (_host, { all }, found) =>
    setTimeout(() => (all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)), 120);
  const request = client.get({ host: 'localhost', port, lookup, timeout: 60, agent: agent() });
  const seen = events(request);
  setTimeout(() => request.destroy(), 400);
  return seen;
});

same('the time-out of the agent', async ({ client, server, to, agent }) => {
  server.on('request', () => {});
  const request = client.get({ ...to, agent: agent({ timeout: 100 }) });
  request.on('timeout', () => request.destroy());
  return events(request);
});

same('the book-keeping of one request', async ({ client, server, to, agent: make }) => {
  answer(server);
  const agent = make();
  const steps = [counts(agent)];
  let free = 0;
  agent.on('free', () => (free += 1));
  const request = client.get({ ...to, agent });
  steps.push(counts(agent));
  const [response] = await once(request, 'response');
  steps.push(counts(agent));
  response.resume();
  await once(request, 'close');
  steps.push(counts(agent), free);
  agent.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return [...steps, counts(agent)];
});

same('the names in the lists', async ({ client, server, to, agent: make }) => {
  answer(server);
  const agent = make();
  const request = client.get({ ...to, agent });
  const names = Object.keys(agent.sockets);
  const [response] = await once(request, 'response');
  response.resume();
  await once(request, 'close');
  const [name] = Object.keys(agent.freeSockets);
  return [
    names.length,
    names[0] === name,
    name === agent.getName({ ...to, ...(agent.options.ca && { ca }), protocol: `${client.globalAgent.protocol}` }),
  ];
});

same('a queue behind maxSockets, with the one in the middle destroyed', async ({ client, server, to, agent: make }) => {
  const order = [];
  server.on('request', ({ url }, response) => {
    order.push(url);
    setTimeout(() => response.end(), 20);
  });
  const agent = make({ maxSockets: 1 });
  const requests = ['/0', '/1', '/2'].map((path) => client.get({ ...to, path, agent }));
  const queued = counts(agent);
  const outcomes = Promise.all(requests.map(events));
  requests[1].destroy();
  return [queued, await outcomes, order];
});

same('maxTotalSockets', async ({ client, server, to, agent: make }) => {
  answer(server);
  const agent = make({ maxTotalSockets: 1 });
  const requests = ['127.0.0.1', 'localhost'].map((host) => client.get({ ...to, host, agent, family: 4 }));
  const queued = counts(agent);
  return [queued, await Promise.all(requests.map(events))];
});

same('keepAlive: false', async ({ client, server, to, agent: make }) => {
  server.on('request', (request, response) => response.end(request.headers.connection));
  const agent = make({ keepAlive: false });
  const request = client.get({ ...to, agent });
  const [response] = await once(request, 'response');
  const text = await new Promise((resolve) => response.on('data', (chunk) => resolve(String(chunk))));
  await once(request, 'close');
  await new Promise((resolve) => setTimeout(resolve, 20));
  return [text, counts(agent)];
});

same('agent.destroy() while a connection is being opened', ({ client, to, agent: make }) => {
  const agent = make();
  const request = client.get({ ...to, agent });
  const seen = events(request);
  agent.destroy();
  return seen;
});

same('an upgrade takes the socket from the agent', async ({ client, server, to, agent: make }) => {
  server.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes'),
  );
  const agent = make();
  const request = client.get({ ...to, agent, headers: { Connection: 'Upgrade', Upgrade: 'x' } });
  const [response, socket, head] = await once(request, 'upgrade');
  let text = String(head);
  for await (const chunk of socket) text += chunk;
  return [response.statusCode, text, counts(agent)];
});

same('a Host field that is a list', ({ client, to, agent }) => {
  try {
    client.get({ ...to, agent: agent(), headers: { Host: ['a', 'b'] } }).on('error', () => {});
    return 'nothing';
  } catch ({ code, message }) {
    return [code, message];
  }
});

same(
  'keylog',
  async ({ client, server, to, agent: make }) => {
    answer(server);
    const agent = make();
    const lines = [];
    agent.on('keylog', (line, socket) => lines.push([String(line).split(' ')[0], socket instanceof net.Socket]));
    await events(client.get({ ...to, agent }));
    return lines;
  },
  ['https'],
);

same(
  'TLS sessions are used again',
  async ({ client, server, to, agent: make }) => {
    server.on('request', (request, response) => response.end(String(request.socket.isSessionReused())));
    const agent = make({ keepAlive: false, maxVersion: 'TLSv1.2' });
    const answers = [];
    for (let count = 0; count < 2; count += 1) {
      const [response] = await once(client.get({ ...to, agent }), 'response');
      for await (const chunk of response) answers.push(String(chunk));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return answers;
  },
  ['https'],
);

same(
  'TLS options reach the handshake',
  async ({ t, agent: make }) => {
    const psk = Buffer.from('0123456789abcdef0123456789abcdef');
    const server = https.createServer(
      { pskCallback: () => psk, ciphers: 'PSK', maxVersion: 'TLSv1.2' },
      (_, response) => response.end('psk'),
    );
    const port = await listen(t, server);
    const options = {
      pskCallback: () => ({ psk, identity: 'alice' }),
      ciphers: 'PSK',
      checkServerIdentity: () => {},
      maxVersion: 'TLSv1.2',
    };
    const request = https.get({ host: '127.0.0.1', port, agent: make(), ...options, highWaterMark: 8000 });
    const [response] = await once(request, 'response');
    response.resume();
    return [response.statusCode, response.socket.readableHighWaterMark];
  },
  ['https'],
);

same('a Unix socket', async ({ t, client, agent: make }) => {
  const path = join(tmpdir(), `ntlm-wasm-habits-${process.pid}-${Math.random()}.sock`);
  const server = client === https ? https.createServer(tls) : http.createServer();
  server.on('request', (request, response) =>
    response.end(`${request.headers.authorization} ${request.socket.encrypted}`),
  );
  await listen(t, server, [path]);
  const headers = { Authorization: 'Bearer secret' };
  const [response] = await once(
    client.get({ socketPath: path, path: '/', servername: 'localhost', headers, agent: make() }),
    'response',
  );
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
});

same(
  'the socket option: TLS over a connection of the program',
  async ({ client, server, port, agent: make }) => {
    answer(server);
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const [response] = await once(client.get({ host: '127.0.0.1', port: 1, socket, agent: make() }), 'response');
    response.resume();
    return response.statusCode;
  },
  ['https'],
);

same('CONNECT', async ({ client, server, to, agent: make }) => {
  server.on('connect', (request, socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${request.url} ${socket.encrypted}`));
  const request = client.request({ ...to, method: 'CONNECT', path: 'a.test:443', agent: make() }).end();
  const [, socket, head] = await once(request, 'connect');
  let text = String(head);
  for await (const chunk of socket) text += chunk;
  return text;
});

same('a request whose connection failed has a socket', async ({ t, client, agent }) => {
  const server = net.createServer();
  const port = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  const request = client.get({ host: '127.0.0.1', port, agent: agent() });
  await once(request, 'error').catch(() => {});
  return request.socket?.destroyed;
});

test('an agent of Node, in name too', () => {
  const agent = new NtlmAgent();
  assert.ok(agent instanceof https.Agent && agent instanceof http.Agent);
  assert.equal(agent.options.keepAlive, true);
  assert.equal(
    JSON.stringify(new NtlmAgent({ credentials: { username: 'a', password: 'topsecret' } }).options).includes(
      'topsecret',
    ),
    false,
  );
});

for (const [name, act, options] of [
  ['the timeout option', () => {}, { timeout: 80 }],
  ['setTimeout()', (request) => request.setTimeout(80), {}],
]) {
  test(`${name} works while a handshake waits`, async (t) => {
    const silent = net.createServer((socket) => socket.resume().on('error', () => {}));
    const port = await listen(t, silent);
    const agent = new NtlmAgent({ proxy: `http://127.0.0.1:${port}`, credentials: { username: 'a', password: 'b' } });
    t.after(() => agent.destroy());
    const request = http.get({ host: 'example.test', agent, ...options });
    act(request);
    request.on('timeout', () => request.destroy(new Error('in time')));
    assert.deepEqual(await events(request), ['timeout', 'error Error undefined in time']);
  });
}
