import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmClient } from '../../../pkg/dist/index.js';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { RawConnection } from './raw-connection.mjs';

/** A server for one test, with what it logged and reported. */
async function serve(t, options = {}) {
  const seen = { log: [], legs: [], requests: [] };
  const server = await startServer({
    log: (line) => seen.log.push(line),
    onLeg: (leg) => seen.legs.push(leg),
    onRequest: (request) => seen.requests.push(request),
    ...options,
  });
  t.after(() => server.close());
  return { server, ...seen };
}

async function open(t, server, options) {
  const connection = await RawConnection.to(server, options);
  t.after(() => connection.close());
  return connection;
}

const client = (options) => new NtlmClient({ ...demoAccount, ...options });

/** The three messages, on one connection. Returns the last response. */
async function signOn(connection, method, target, { scheme = 'NTLM', isProxy = true, ...options } = {}) {
  const field = isProxy ? 'Proxy-Authorization' : 'Authorization';
  const ntlm = client(options);
  const challenged = await connection.ask(method, target, { [field]: `${scheme} ${ntlm.negotiate()}` });
  assert.equal(challenged.status, isProxy ? 407 : 401);
  const [challenge] = challenged.fields[isProxy ? 'proxy-authenticate' : 'www-authenticate'];
  const token = ntlm.authenticate(challenge);
  return { response: await connection.ask(method, target, { [field]: `${scheme} ${token}` }), token };
}

test('a connection to the proxy is asked once, and then never again', async (t) => {
  const { server, legs, requests } = await serve(t);
  const connection = await open(t, server);
  const target = `${server.url}/`;

  const bare = await connection.ask('GET', target);
  assert.equal(bare.status, 407);
  assert.deepEqual(bare.fields['proxy-authenticate'], ['NTLM']);

  const { response } = await signOn(connection, 'GET', target);
  assert.equal(response.status, 200);
  assert.match(response.body, /It works/);
  assert.equal((await connection.ask('GET', target)).status, 200);

  const { connections, handshakes, refused } = server.counters;
  // The second connection is the proxy's own, to its own page.
  assert.deepEqual({ connections, handshakes, refused }, { connections: 2, handshakes: 1, refused: 0 });
  assert.deepEqual(
    legs.map((leg) => [leg.connection, leg.side, leg.direction]),
    [
      [1, 'proxy', 'received'],
      [1, 'proxy', 'sent'],
      [1, 'proxy', 'received'],
    ],
  );
  assert.deepEqual(
    requests.filter((request) => request.side === 'proxy').map(({ status, username }) => [status, username]),
    [
      [407, undefined],
      [407, undefined],
      [200, 'alice'],
      [200, 'alice'],
    ],
  );
});

test('what one connection has proved counts for no other', async (t) => {
  const { server } = await serve(t);
  const first = await open(t, server);
  await signOn(first, 'GET', `${server.url}/`);
  const second = await open(t, server);
  assert.equal((await second.ask('GET', `${server.url}/`)).status, 407);
});

test('a wrong password is answered like no password at all, and the log knows why', async (t) => {
  const { server, log } = await serve(t);
  const connection = await open(t, server);
  const bare = await connection.ask('GET', `${server.url}/`);
  const { response } = await signOn(connection, 'GET', `${server.url}/`, { password: 'wrong' });
  assert.deepEqual(response, bare);
  assert.match(log.join('\n'), /AUTHENTICATE message refused: ERR_NTLM_PROOF_MISMATCH/);
  assert.doesNotMatch(log.join('\n'), /wrong|Wonderland/);
  assert.equal(server.counters.refused, 1);
  assert.equal(
    (await signOn(connection, 'GET', `${server.url}/`)).response.status,
    200,
    'the same connection may try again',
  );
});

test('an unknown user is refused as a wrong password is', async (t) => {
  const { server } = await serve(t);
  const connection = await open(t, server);
  const unknown = await signOn(connection, 'GET', `${server.url}/`, { username: 'mallory' });
  const wrong = await signOn(connection, 'GET', `${server.url}/`, { password: 'wrong' });
  assert.deepEqual(unknown.response, wrong.response);
});

test('an AUTHENTICATE message is worth nothing on another connection, or a second time', async (t) => {
  const { server } = await serve(t);
  const connection = await open(t, server);
  const { token } = await signOn(connection, 'GET', `${server.url}/`);
  const thief = await open(t, server);
  const replay = () => thief.ask('GET', `${server.url}/`, { 'Proxy-Authorization': `NTLM ${token}` });
  assert.equal((await replay()).status, 407, 'without a challenge');
  const challenged = await thief.ask('GET', `${server.url}/`, {
    'Proxy-Authorization': `NTLM ${client().negotiate()}`,
  });
  assert.match(challenged.fields['proxy-authenticate'][0], /^NTLM TlRMTVNTUAAC/);
  assert.equal((await replay()).status, 407, 'with another challenge');
  assert.equal(server.counters.refused, 2);
});

test('a new first message on an authenticated connection starts over', async (t) => {
  const { server } = await serve(t, { accounts: { alice: 'one', bob: { password: 'two' } } });
  const connection = await open(t, server);
  await signOn(connection, 'GET', `${server.url}/`, { username: 'alice', password: 'one' });
  const wrong = await signOn(connection, 'GET', `${server.url}/`, { username: 'bob', password: 'one' });
  assert.equal(wrong.response.status, 407);
  assert.equal((await connection.ask('GET', `${server.url}/`)).status, 407, 'nothing is left of alice');
  assert.equal(
    (await signOn(connection, 'GET', `${server.url}/`, { username: 'BOB', password: 'two' })).response.status,
    200,
  );
});

test('Basic is never taken, nor are two fields, nor garbage', async (t) => {
  const { server } = await serve(t);
  const connection = await open(t, server);
  const basic = Buffer.from(`${demoAccount.username}:${demoAccount.password}`).toString('base64');
  for (const value of [
    `Basic ${basic}`,
    'NTLM',
    'NTLM !!!',
    'NTLM QUJD',
    `NTLM ${'A'.repeat(20000)}`,
    'Negotiate QUJD',
    '',
  ]) {
    assert.equal(
      (await connection.ask('GET', `${server.url}/`, { 'Proxy-Authorization': value })).status,
      407,
      value.slice(0, 20),
    );
  }
  connection.write(
    `GET ${server.url}/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: NTLM QUJD\r\nProxy-Authorization: NTLM QUJD\r\n\r\n`,
  );
  assert.equal((await connection.response()).status, 407);
  assert.equal(server.counters.handshakes, 0);
});

test('CONNECT is asked on the same connection, then becomes a tunnel with half-closed ends', async (t) => {
  const { server } = await serve(t);
  const connection = await open(t, server);
  const target = `127.0.0.1:${server.port}`;
  assert.equal((await connection.ask('CONNECT', target)).status, 407);
  const { response } = await signOn(connection, 'CONNECT', target);
  assert.equal(response.status, 200);
  connection.write('GET /bytes/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  connection.socket.end();
  assert.match(await connection.rest(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nntlm-$/);
  assert.equal(server.counters.tunnels, 1);
});

test('the origin asks too, when that is its role', async (t) => {
  const { server } = await serve(t, { role: 'origin', accounts: () => ({ password: 'any' }) });
  const connection = await open(t, server);
  const bare = await connection.ask('GET', '/');
  assert.equal(bare.status, 401);
  assert.deepEqual(bare.fields['www-authenticate'], ['NTLM']);
  const { response } = await signOn(connection, 'GET', '/', { isProxy: false, username: 'jürgen<b>', password: 'any' });
  assert.match(Buffer.from(response.body, 'latin1').toString(), /You are jürgen&#60;b&#62;\./);
});

test('both at once through one client connection: two handshakes, each for its own hop', async (t) => {
  const { server } = await serve(t, { role: 'both' });
  const connection = await open(t, server);
  const target = `http://localhost:${server.port}/`;
  assert.equal((await signOn(connection, 'GET', target)).response.status, 401);
  const { response } = await signOn(connection, 'GET', target, { isProxy: false });
  assert.equal(response.status, 200);
  assert.equal((await connection.ask('GET', target)).status, 200);
  assert.equal(server.counters.handshakes, 2);
});

test('per-request authentication requires a new handshake after each answer', async (t) => {
  const { server } = await serve(t, { role: 'origin', authentication: 'request', persistentAuth: true });
  const connection = await open(t, server);
  for (let round = 1; round <= 2; round += 1) {
    const { response } = await signOn(connection, 'GET', '/', { isProxy: false });
    assert.equal(response.status, 200);
    assert.deepEqual(response.fields['persistent-auth'], ['false']);
    assert.equal((await connection.ask('GET', '/')).status, 401);
  }
});

test('Persistent-Auth is said when asked for', async (t) => {
  const { server } = await serve(t, { role: 'origin', persistentAuth: true });
  const connection = await open(t, server);
  const { response } = await signOn(connection, 'GET', '/', { isProxy: false });
  assert.deepEqual(response.fields['persistent-auth'], ['true']);
  assert.deepEqual((await connection.ask('GET', '/')).fields['persistent-auth'], ['true']);
});

test('several schemes are offered in order, and the one chosen must be kept', async (t) => {
  const { server } = await serve(t, { schemes: ['Negotiate', 'NTLM'] });
  const connection = await open(t, server);
  assert.deepEqual((await connection.ask('GET', `${server.url}/`)).fields['proxy-authenticate'], ['Negotiate', 'NTLM']);
  // Raw NTLMSSP under Negotiate is what Internet Explorer did; servers take it.
  assert.equal((await signOn(connection, 'GET', `${server.url}/`, { scheme: 'Negotiate' })).response.status, 200);
  const other = await open(t, server);
  const ntlm = client();
  const challenged = await other.ask('GET', `${server.url}/`, { 'Proxy-Authorization': `NTLM ${ntlm.negotiate()}` });
  const token = ntlm.authenticate(challenged.fields['proxy-authenticate'][0]);
  assert.equal((await other.ask('GET', `${server.url}/`, { 'Proxy-Authorization': `Negotiate ${token}` })).status, 407);
});

test('SPNEGO is answered with SPNEGO, to the last word', async (t) => {
  for (const [role, method, header] of [
    ['origin', 'GET', 'www-authenticate'],
    ['proxy', 'GET', 'proxy-authenticate'],
    ['proxy', 'CONNECT', 'proxy-authenticate'],
  ]) {
    const { server, legs } = await serve(t, { role, schemes: ['Negotiate'] });
    const connection = await open(t, server);
    const isProxy = role === 'proxy';
    const target = method === 'CONNECT' ? `127.0.0.1:${server.port}` : isProxy ? `${server.url}/` : '/';
    const options = { scheme: 'Negotiate', isProxy, mechanism: 'negotiate' };
    const { response } = await signOn(connection, method, target, options);
    assert.equal(response.status, 200);
    // negState accept-completed (RFC 4178, section 4.2.2).
    assert.match(Buffer.from(response.fields[header][0].split(' ')[1], 'base64').toString('hex'), /^a1.*a0030a0100/);
    assert.deepEqual(
      legs.map(({ direction }) => direction),
      ['received', 'sent', 'received', 'sent'],
    );
  }
});

test('over TLS the channel bindings must be those of the certificate', async (t) => {
  const { server, log } = await serve(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  const connection = await open(t, server);
  const isProxy = false;
  assert.equal((await signOn(connection, 'GET', '/', { isProxy })).response.status, 401, 'without');
  assert.match(log.join('\n'), /CHANNEL_BINDING/);
  const wrong = { hash: new Uint8Array(16).fill(7) };
  assert.equal(
    (await signOn(connection, 'GET', '/', { isProxy, channelBindings: wrong })).response.status,
    401,
    'wrong',
  );
  const right = connection.socket.getPeerCertificate().raw;
  assert.equal(
    (await signOn(connection, 'GET', '/', { isProxy, channelBindings: right })).response.status,
    200,
    'right',
  );
});

test('an NT hash serves as well as a password', async (t) => {
  const { server } = await serve(t, { accounts: { alice: { ntHash: 'a4f49c406510bdcab6824ee7c30fd852' } } });
  const connection = await open(t, server);
  assert.equal((await signOn(connection, 'GET', `${server.url}/`, { password: 'Password' })).response.status, 200);
});

test('user@domain finds the user', async (t) => {
  const { server } = await serve(t);
  const connection = await open(t, server);
  const upn = { username: 'Alice@demo.example', domain: undefined };
  assert.equal((await signOn(connection, 'GET', `${server.url}/`, upn)).response.status, 200);
});
