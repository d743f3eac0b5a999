/** What undici's own dispatchers do, and programs count on. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { NtlmDispatcher, startServer } from 'ntlm-wasm/node';
import { Agent, errors, interceptors } from 'undici';

async function setUp(t) {
  const server = await startServer({ role: 'none' });
  t.after(() => server.close({ grace: 0 }));
  const dispatcher = new NtlmDispatcher({ proxy: 'direct' });
  return { server, dispatcher };
}

test('a composed dispatcher closes and is destroyed like any other', async (t) => {
  const { server, dispatcher } = await setUp(t);
  const composed = dispatcher.compose(interceptors.retry());
  const { statusCode, body } = await composed.request({ origin: server.url, path: '/', method: 'GET' });
  await body.dump();
  assert.equal(statusCode, 200);
  await composed.close();
  assert.equal(dispatcher.closed, true);
  const other = new NtlmDispatcher({ proxy: 'direct' });
  await other.compose(interceptors.redirect()).destroy();
  assert.equal(other.destroyed, true);
});

test('closed and destroyed say what they say of an Agent; after that requests are refused', async (t) => {
  const { server, dispatcher } = await setUp(t);
  const agent = new Agent();
  const states = (one) => [one.closed, one.destroyed];
  assert.deepEqual(states(dispatcher), states(agent));
  await Promise.all([dispatcher.close(), agent.close()]);
  assert.deepEqual(states(dispatcher), states(agent));
  await assert.rejects(dispatcher.request({ origin: server.url, path: '/', method: 'GET' }), {
    code: 'UND_ERR_DESTROYED',
  });
});

test('close() waits for the requests under way', async (t) => {
  const { server, dispatcher } = await setUp(t);
  const { body } = await dispatcher.request({ origin: server.url, path: '/slow?ms=200', method: 'GET' });
  const closed = dispatcher.close();
  assert.equal(await body.text(), '1\n2\n3\n4\n');
  await closed;
  assert.equal(dispatcher.size, 0);
});

test('destroy(error) gives that error to the requests under way, answered or not', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  t.after(() => silent.close());
  const { server, dispatcher } = await setUp(t);
  const { body } = await dispatcher.request({ origin: server.url, path: '/slow?ms=5000', method: 'GET' });
  const unanswered = dispatcher.request({
    origin: `http://127.0.0.1:${silent.address().port}`,
    path: '/',
    method: 'GET',
  });
  await once(silent, 'connection');
  const reason = new Error('enough');
  const rejected = Promise.all([assert.rejects(unanswered, reason), assert.rejects(body.text(), reason)]);
  await dispatcher.destroy(reason);
  await rejected;
});

test('the caller may change its objects as soon as dispatch() has returned', async (t) => {
  const { server, dispatcher } = await setUp(t);
  t.after(() => dispatcher.close());
  for (const headers of [{ 'x-n': '' }, ['x-n', '']]) {
    const requests = [];
    for (let n = 0; n < 4; n += 1) {
      if (Array.isArray(headers)) headers[1] = String(n);
      else headers['x-n'] = String(n);
      requests.push(dispatcher.request({ origin: server.url, path: '/echo', method: 'GET', headers }));
    }
    const seen = await Promise.all(requests.map(async (request) => (await (await request).body.json()).headers));
    assert.deepEqual(
      seen.map((fields) => fields.find(([name]) => name === 'x-n')[1]),
      ['0', '1', '2', '3'],
    );
  }
});

test('header fields of a plain object are its own, whatever has been added to all objects', async (t) => {
  const { server, dispatcher } = await setUp(t);
  t.after(() => dispatcher.close());
  Object.prototype[Symbol.iterator] = function* () {};
  let request;
  try {
    request = dispatcher.request({ origin: server.url, path: '/echo', method: 'GET', headers: { 'x-n': '1' } });
  } finally {
    delete Object.prototype[Symbol.iterator];
  }
  const { headers } = await (await request).body.json();
  assert.deepEqual(
    headers.find(([name]) => name === 'x-n'),
    ['x-n', '1'],
  );
});

test('a callback that throws: the process sees the error, and close() ends', async (t) => {
  const { server, dispatcher } = await setUp(t);
  const thrown = new Error('of the callback');
  const [before] = [process.listeners('uncaughtException')];
  process.removeAllListeners('uncaughtException');
  const seen = new Promise((resolve) => process.once('uncaughtException', resolve));
  dispatcher.request({ origin: server.url, path: '/', method: 'GET' }, (_error, { body }) => {
    body.destroy();
    throw thrown;
  });
  assert.equal(await seen, thrown);
  for (const listener of before) process.on('uncaughtException', listener);
  await dispatcher.close();
});

test('abort() before there is a connection gives undici’s RequestAbortedError', async (t) => {
  const { server, dispatcher } = await setUp(t);
  t.after(() => dispatcher.close());
  const signal = new EventEmitter();
  const request = dispatcher.request({ origin: server.url, path: '/', method: 'GET', signal });
  signal.emit('abort');
  const error = await request.catch((reason) => reason);
  assert.ok(error instanceof errors.RequestAbortedError);
  assert.deepEqual([error.code, error.message], ['UND_ERR_ABORTED', 'Request aborted']);
});

test('undici’s WebSocket finds the limits of an Agent', () => {
  assert.deepEqual(new NtlmDispatcher().webSocketOptions, new Agent().webSocketOptions);
});

test('connect, disconnect and connectionError are emitted like those of an Agent', async (t) => {
  const { server, dispatcher } = await setUp(t);
  const agent = new Agent();
  const closed = createServer();
  await once(closed.listen(0, '127.0.0.1'), 'listening');
  const nowhere = `http://127.0.0.1:${closed.address().port}`;
  await once(closed.close(), 'close');

  const eventsOf = async (one) => {
    const seen = [];
    for (const event of ['connect', 'disconnect', 'connectionError']) {
      one.on(event, (origin, targets, error) => {
        seen.push([event, origin.origin, targets[0] === one, error === undefined ? '' : error instanceof Error]);
      });
    }
    const { body } = await one.request({ origin: server.url, path: '/', method: 'GET' });
    await body.dump();
    await assert.rejects(one.request({ origin: nowhere, path: '/', method: 'GET' }));
    await one.destroy();
    await new Promise(setImmediate);
    return seen;
  };
  const expected = [
    ['connect', server.url, true, ''],
    ['connectionError', nowhere, true, true],
    ['disconnect', server.url, true, true],
  ];
  assert.deepEqual(await eventsOf(agent), expected);
  assert.deepEqual(await eventsOf(dispatcher), expected);
});

const WRONG = {
  'no origin': { origin: undefined },
  'another scheme': { origin: 'ftp://127.0.0.1' },
  'no URL': { origin: 'nonsense' },
  'no path': { path: undefined },
  'a line break in the path': { path: '/a\r\nb' },
  'no method': { method: 5 },
  'a blank in the method': { method: 'GET /x' },
  'an invalid name of a field': { headers: { 'a b': '1' } },
  'a line break in a field': { headers: { a: 'b\r\nc: d' } },
  'an odd list of fields': { headers: ['a'] },
  'fields of another kind': { headers: 5 },
  'a field of the hop': { headers: { 'transfer-encoding': 'chunked' } },
  'a body of another kind': { method: 'POST', body: 5 },
  'an invalid time-out': { headersTimeout: -1 },
  'an invalid reset': { reset: 'yes' },
};

for (const [name, wrong] of Object.entries(WRONG)) {
  test(`refused with undici’s code and words before anything is opened: ${name}`, async (t) => {
    const { server, dispatcher } = await setUp(t);
    t.after(() => dispatcher.close());
    const agent = new Agent();
    t.after(() => agent.close());
    const options = { origin: server.url, path: '/', method: 'GET', ...wrong };
    const errorOf = (one) =>
      one.request(options).then(
        () => undefined,
        ({ code, message }) => ({ code, message }),
      );
    const expected = await errorOf(agent);
    assert.match(expected.code, /^(UND_ERR_INVALID_ARG|ERR_INVALID_URL)$/);
    assert.deepEqual(await errorOf(dispatcher), expected);
    assert.equal(server.counters.requests, 0);
    assert.equal(dispatcher.size, 0);
  });
}

test('a handler without methods is refused', async (t) => {
  const { server, dispatcher } = await setUp(t);
  t.after(() => dispatcher.close());
  const options = { origin: server.url, path: '/', method: 'GET' };
  assert.throws(() => dispatcher.dispatch(options, {}), { code: 'UND_ERR_INVALID_ARG' });
  assert.throws(() => dispatcher.dispatch(options, null), { code: 'UND_ERR_INVALID_ARG' });
});
