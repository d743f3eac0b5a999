/** Every kind of request body that undici takes, to a server that challenges and to one that could. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import OldFormData from 'form-data';
import { demoAccount, ntlmAuth, NtlmDispatcher } from 'ntlm-wasm/node';
import * as undici from 'undici';
import * as undici6 from 'undici6';

const { Agent } = undici;

function form(FormData) {
  const made = new FormData();
  made.append('name', 'value');
  made.append('file', new Blob(['hello'], { type: 'text/x' }), 'a.txt');
  return made;
}

function oldForm() {
  const made = new OldFormData();
  made.append('name', 'value');
  made.append('file', Readable.from([Buffer.from('hello')]), { filename: 'a.txt', knownLength: 5 });
  return made;
}

/** A function of each kind of body, because some can be read only once. */
const BODIES = {
  'a string': () => 'hello',
  'a Buffer': () => Buffer.from('hello'),
  'a typed array': () => new Uint16Array([0x6568, 0x6c6c]),
  'an ArrayBuffer': () => new Uint8Array([104, 105]).buffer,
  'a Blob': () => new Blob(['hello']),
  'undici’s FormData': () => form(undici.FormData),
  'a list of chunks': () => [Buffer.from('hel'), Buffer.from('lo')],
  'a generator': () =>
    (function* () {
      yield 'hel';
      yield Buffer.from('lo');
    })(),
  'an asynchronous generator': () =>
    (async function* () {
      yield 'hel';
      yield Buffer.from('lo');
    })(),
  'a stream': () => Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
  'a stream without an iterator': oldForm,
};

/** A server that returns what it receives. */
async function startEcho(t, application) {
  const server = http.createServer(application ?? echo);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => (server.close(), server.closeAllConnections()));
  return `http://127.0.0.1:${server.address().port}`;
}

async function echo(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('latin1');
  response.end(JSON.stringify({ type: request.headers['content-type'], text }));
}

/** The same behind NTLM. */
const challenging = (t) => {
  const authenticate = ntlmAuth({ account: () => demoAccount });
  return startEcho(t, (request, response) => authenticate(request, response, () => echo(request, response)));
};

/** The fields and the body as the server received them. Boundaries differ from form to form. */
async function sent(dispatcher, origin, body) {
  const response = await dispatcher.request({ origin, path: '/', method: 'POST', body });
  assert.equal(response.statusCode, 200);
  const { type, text } = await response.body.json();
  return [type, text].map((part) => part?.replace(/-{4,}[\w-]+/g, 'BOUNDARY'));
}

for (const [name, make] of Object.entries(BODIES)) {
  test(`${name}: the server receives what undici's Agent sends`, async (t) => {
    const [closed, open] = [await challenging(t), await startEcho(t)];
    const agent = new Agent();
    t.after(() => agent.close());
    const expected = await sent(agent, open, make());
    assert.match(expected[1], /[a-z]/);
    const options = { proxy: 'direct', credentials: demoAccount, servers: [closed, open] };
    for (const origin of [closed, open]) {
      const dispatcher = new NtlmDispatcher(options);
      t.after(() => dispatcher.close());
      // On a new connection, and on one that is authenticated or known not to challenge.
      assert.deepEqual(await sent(dispatcher, origin, make()), expected);
      assert.deepEqual(await sent(dispatcher, origin, make()), expected);
    }
  });
}

for (const [name, FormData] of [
  ['undici 6', undici6.FormData],
  ['Node', globalThis.FormData],
]) {
  test(`the FormData of ${name} is sent as a form`, async (t) => {
    const closed = await challenging(t);
    const dispatcher = new NtlmDispatcher({ proxy: 'direct', credentials: demoAccount, servers: [closed] });
    t.after(() => dispatcher.close());
    const agent = new Agent();
    t.after(() => agent.close());
    const expected = await sent(agent, await startEcho(t), form(undici.FormData));
    assert.match(expected[1], /filename="a.txt"/);
    assert.deepEqual(await sent(dispatcher, closed, form(FormData)), expected);
  });
}
