/**
 * Handshakes that wait for the operating system, with a stand-in for the addon: what only a made-up system can show
 * (delays, impostors, counts). Real systems are in tests/sso and tests/windows.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createFetch, NtlmAgent, NtlmDispatcher, startProxy, startServer } from 'ntlm-wasm/node';
import { startTicketServer } from './ticket-server.mjs';

process.env.NTLM_ADDON = fileURLToPath(new URL('stand-in.cjs', import.meta.url));
const ALICE = { username: 'alice', password: 'correct horse' };
const BOB = { username: 'bob', password: 'battery staple' };
const accounts = { alice: ALICE.password, bob: BOB.password };
const standIn = (globalThis.standIn = { delay: 1, log: [], open: new Set() });

const servers = [];
beforeEach(() => Object.assign(standIn, { delay: 1, log: [], ntlm: undefined, ticket: undefined }));
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (let waited = 0; standIn.open.size > 0 && waited < 100; waited += 1) await sleep(10);
  assert.equal(standIn.open.size, 0, 'everything that was begun with the system is closed with its connection');
});

async function started(server) {
  servers.push(await server);
  return servers.at(-1);
}

function get(url, options) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

const calls = (name) => standIn.log.filter(([call]) => call === name).length;

test('NTLM through a proxy, by fetch, dispatcher, agent and the local proxy, plain and tunnelled', async () => {
  standIn.ntlm = ALICE;
  const proxy = await started(startServer({ accounts, schemes: ['Negotiate', 'NTLM'] }));
  const secure = await started(startServer({ role: 'none', tls: true }));
  const options = { proxy: proxy.url, credentials: 'system', tls: { ca: secure.certificate } };
  const dispatcher = new NtlmDispatcher(options);
  const byFetch = createFetch(options);
  for (const url of [proxy.url, secure.url]) {
    assert.equal((await byFetch(`${url}/`)).status, 200);
    assert.equal((await fetch(`${url}/`, { dispatcher })).status, 200);
  }
  const agent = new NtlmAgent(options);
  servers.push({ close: () => agent.destroy() });
  assert.equal((await get(`${proxy.url}/`, { agent })).status, 200);
  await dispatcher.close();
  const local = await started(startProxy({ ...options, secret: false }));
  assert.equal((await get(`${proxy.url}/`, { agent: new NtlmAgent({ proxy: local.url }) })).status, 200);
  assert.ok(standIn.log.every(([call, told]) => call !== 'new' || told.host === '127.0.0.1'));
});

test('a warm request never enters the addon', async () => {
  standIn.ntlm = ALICE;
  const proxy = await started(startServer({ accounts }));
  const agent = new NtlmAgent({ proxy: proxy.url, credentials: 'system', schemes: ['NTLM'], maxSockets: 1 });
  servers.push({ close: () => agent.destroy() });
  assert.equal((await get(`${proxy.url}/`, { agent })).status, 200);
  const before = standIn.log.length;
  for (let n = 0; n < 5; n += 1) assert.equal((await get(`${proxy.url}/`, { agent })).status, 200);
  assert.equal(standIn.log.length, before);
  assert.equal(proxy.counters.handshakes, 1);
});

test('a ticket rides on the request itself: no leg goes before it, and the answer is checked', async () => {
  standIn.ticket = 'TICKET';
  const server = await started(startTicketServer());
  const agent = new NtlmAgent({ proxy: 'DIRECT', credentials: 'system', servers: [server.url] });
  servers.push({ close: () => agent.destroy() });
  assert.deepEqual(await get(server.url, { agent }), { status: 200, body: 'page' });
  assert.deepEqual(await get(server.url, { agent }), { status: 200, body: 'page' });
  assert.deepEqual(server.seen, ['GET ticket 0', 'GET bare 0']);
  assert.equal(calls('next'), 1);
});

test('a server that requires a ticket with every request gets one', async () => {
  standIn.ticket = 'TICKET';
  const server = await started(startTicketServer({ per: 'request' }));
  const agent = new NtlmAgent({ proxy: 'DIRECT', credentials: 'system', servers: [server.url], maxSockets: 1 });
  servers.push({ close: () => agent.destroy() });
  for (let n = 0; n < 4; n += 1) assert.equal((await get(server.url, { agent })).status, 200);
  // The second shows what kind of server it is.
  assert.deepEqual(server.seen, ['GET ticket 0', 'GET bare 0', 'GET ticket 0', 'GET ticket 0', 'GET ticket 0']);
  const body = Buffer.alloc(100_000, 'x');
  assert.equal((await get(server.url, { agent, method: 'POST', body })).status, 200);
  assert.equal(server.seen.at(-1), 'POST ticket 100000');
  assert.equal(server.seen.length, 6);
});

test('a body is spent on a ticket only after the server has taken one', async () => {
  standIn.ticket = 'TICKET';
  for (const per of ['connection', 'request']) {
    const server = await started(startTicketServer({ per }));
    const agent = new NtlmAgent({ proxy: 'DIRECT', credentials: 'system', servers: [server.url] });
    servers.push({ close: () => agent.destroy() });
    const body = Buffer.alloc(3_000_000, 'x');
    assert.equal((await get(server.url, { agent, method: 'POST', body })).status, 200);
    assert.deepEqual(server.seen, ['HEAD ticket 0', 'POST ticket 3000000']);
  }
});

test('a server that answers the ticket wrongly is not believed', async () => {
  standIn.ticket = 'TICKET';
  const server = await started(startTicketServer({ answer: 'ATTACK' }));
  const fetch = createFetch({ proxy: 'DIRECT', credentials: 'system', servers: [server.url] });
  await assert.rejects(fetch(server.url), { code: 'ERR_NTLM_SSO_MUTUAL', advice: 'type kinit' });
});

test('a page that comes faster than the system decides arrives whole', async () => {
  Object.assign(standIn, { ticket: 'TICKET', delay: 150 });
  const body = Buffer.alloc(8_000_000, 'page');
  const server = await started(startTicketServer({ body }));
  const agent = new NtlmAgent({ proxy: 'DIRECT', credentials: 'system', servers: [server.url] });
  servers.push({ close: () => agent.destroy() });
  const answer = await get(server.url, { agent });
  assert.equal(answer.body.length, body.length);
});

test('without credentials the reason is reported, and nothing is tried twice', async () => {
  const server = await started(startTicketServer({ isProxy: true }));
  const fetch = createFetch({ proxy: server.url, credentials: 'system' });
  await assert.rejects(fetch('http://page.example/'), {
    name: 'NtlmError',
    code: 'ERR_NTLM_SSO_NO_CREDENTIALS',
    message: 'there is no Kerberos ticket',
    advice: 'type kinit',
  });
  assert.deepEqual(server.seen, []);
  assert.equal(calls('begin'), 1);
});

test('a refused ticket: one error with its code, one try', async () => {
  standIn.ticket = 'STALE';
  const server = await started(startTicketServer({ isProxy: true }));
  const fetch = createFetch({ proxy: server.url, credentials: 'system' });
  await assert.rejects(fetch('http://page.example/'), {
    code: 'ERR_NTLM_REJECTED',
    message: /^the proxy 127\.0\.0\.1:/,
  });
  assert.equal(server.seen.length, 1);
});

test('fallback credentials are used where the system has none', async () => {
  const proxy = await started(startServer({ accounts, schemes: ['NTLM'] }));
  const credentials = ['system', ALICE];
  const agent = new NtlmAgent({ proxy: proxy.url, credentials });
  servers.push({ close: () => agent.destroy() });
  assert.equal((await get(`${proxy.url}/`, { agent })).status, 200);
  assert.equal(proxy.counters.handshakes, 1);
  // Where it has something, that alone counts, also when it is refused.
  standIn.ntlm = { ...BOB, password: 'wrong' };
  const fetch = createFetch({ proxy: proxy.url, credentials });
  await assert.rejects(fetch(`${proxy.url}/`), { code: 'ERR_NTLM_REJECTED' });
  assert.equal(proxy.counters.handshakes, 1);
});

test('the channel binding of a TLS server reaches the system as its certificate', async () => {
  standIn.ntlm = ALICE;
  const server = await started(startServer({ accounts, role: 'origin', tls: true }));
  const tls = { ca: server.certificate };
  for (const channelBindings of ['auto', 'off']) {
    const fetch = createFetch({ proxy: 'DIRECT', credentials: 'system', servers: [server.url], tls, channelBindings });
    assert.equal((await fetch(`${server.url}/`)).status, 200);
  }
  const [bound, unbound] = standIn.log.filter(([call]) => call === 'new').map(([, options]) => options.certificate);
  assert.equal(bound?.[0], 0x30);
  assert.equal(unbound, undefined);
});

test('a caller can stop waiting for the system, and time-outs apply', async () => {
  Object.assign(standIn, { ntlm: ALICE, delay: 400 });
  const proxy = await started(startServer({ accounts }));
  const fetch = createFetch({ proxy: proxy.url, credentials: 'system' });
  const began = Date.now();
  await assert.rejects(fetch(`${proxy.url}/`, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  const hurried = createFetch({ proxy: proxy.url, credentials: 'system', handshakeTimeout: 100 });
  await assert.rejects(hurried(`${proxy.url}/`), { code: 'ERR_NTLM_HANDSHAKE_TIMEOUT' });
  assert.ok(Date.now() - began < 390, 'no request waited for the call');
  const agent = new NtlmAgent({ proxy: proxy.url, credentials: 'system' });
  const request = http.get(`${proxy.url}/`, { agent });
  setTimeout(() => request.destroy(new Error('enough')), 50);
  await assert.rejects(new Promise((_, reject) => request.on('error', reject)), /enough/);
  assert.equal(proxy.counters.handshakes, 0);
});
