// What a user must see reported: unknown options, invalid names, servers that are not listed, errors.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { subscribe } from 'node:diagnostics_channel';
import http from 'node:http';
import https from 'node:https';
import { test } from 'node:test';
import {
  createFetch,
  diagnose,
  NtlmAgent,
  NtlmDispatcher,
  NtlmError,
  ntlmAuth,
  register,
  startProxy,
  startServer,
} from 'ntlm-wasm/node';
import { accountName, parseProxyUrl } from '../internals.mjs';
import { credentials, serve } from './servers.mjs';

const adapters = {
  NtlmAgent: (options) => new NtlmAgent(options),
  NtlmDispatcher: (options) => new NtlmDispatcher(options),
  createFetch: (options) => createFetch(options),
  register: (options) => register(options),
  startProxy: (options) => startProxy(options),
  diagnose: (options) => diagnose('http://127.0.0.1:1/', options),
};

const refused = async (make) => {
  try {
    await make();
  } catch (error) {
    assert.ok(error instanceof NtlmError, String(error));
    assert.equal(error.code, 'ERR_NTLM_INVALID_OPTION');
    return `${error.message}; ${error.advice}`;
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
};

for (const [name, make] of Object.entries(adapters)) {
  test(`${name}: an option that does not exist is refused with the nearest name`, async () => {
    assert.equal(
      await refused(() => make({ porxy: 'http://proxy:8080' })),
      `${name} has no option "porxy"; did you mean "proxy"?`,
    );
  });

  test(`${name}: credentials outside "credentials" are refused, and not repeated`, async () => {
    const message = await refused(() => make({ username: 'alice', password: 'topsecret' }));
    assert.match(message, /has no option "username"; pass credentials: \{ username, password \}/);
    assert.doesNotMatch(message, /topsecret/);
  });
}

test('startServer and ntlmAuth refuse unknown options too', async () => {
  assert.match(
    await refused(() => startServer({ prot: 8080 })),
    /startServer has no option "prot"; did you mean "port"\?/,
  );
  assert.match(await refused(() => ntlmAuth({ acount: () => undefined })), /did you mean "account"\?/);
});

test('options of Node and of undici are honoured by their names', async (t) => {
  const secure = await serve(t, { role: 'none', tls: true });
  const ca = secure.server.certificate;
  const agent = new NtlmAgent({
    proxy: 'direct',
    ca,
    maxFreeSockets: 1,
    scheduling: 'fifo',
    localAddress: '127.0.0.1',
  });
  t.after(() => agent.destroy());
  const [response] = await once(https.get(secure.server.url, { agent }), 'response');
  response.resume();
  assert.equal(response.statusCode, 200);
  assert.deepEqual([agent.maxFreeSockets, agent.scheduling], [1, 'fifo']);
  assert.equal(
    (await createFetch({ proxy: 'direct', connect: { ca }, connections: 2 })(secure.server.url)).status,
    200,
  );
});

test('account names are repaired, or refused without being repeated', () => {
  for (const written of [
    'CORP\\alice',
    'CORP\\\\alice',
    'CORP/alice',
    '"CORP\\alice"',
    ' CORP\\alice ',
    "'CORP\\\\alice'",
  ]) {
    assert.equal(accountName(written), 'CORP\\alice', written);
  }
  assert.equal(accountName('alice@corp.example'), 'alice@corp.example');
  for (const written of ['alice:topsecret', 'CORP\\alice:topsecret', 'a"topsecret', 'A\\B\\topsecret', '  ']) {
    assert.throws(
      () => accountName(written),
      (error) => error.code === 'ERR_NTLM_INVALID_OPTION' && !`${error.message}${error.advice}`.includes('topsecret'),
    );
  }
  assert.throws(
    () => new NtlmAgent({ credentials: { username: 'a', password: 'b', workstaton: 'c' } }),
    /no "workstaton"/,
  );
});

test('a proxy URL with DOMAIN\\user works; one that cannot be split is refused without being repeated', () => {
  const read = (text) => {
    const { host, port, credentials: { username, password } = {} } = parseProxyUrl(text, 'HTTP_PROXY');
    return [host, port, username, password];
  };
  const expected = ['127.0.0.1', 3128, 'CORP\\alice', 'Passw0rd!'];
  for (const userinfo of ['CORP\\alice:Passw0rd!', 'CORP\\\\alice:Passw0rd!', 'CORP%5Calice:Passw0rd!']) {
    assert.deepEqual(read(`http://${userinfo}@127.0.0.1:3128`), expected);
    assert.deepEqual(read(`"http://${userinfo}@127.0.0.1:3128/"`), expected);
    assert.deepEqual(read(`${userinfo}@127.0.0.1:3128`), expected);
  }
  assert.deepEqual(read('http://alice:p@ss:w\\rd@proxy'), ['proxy', 80, 'alice', 'p@ss:w\\rd']);
  for (const text of [
    'http://alice:Geheim@tresor#1@127.0.0.1:3128',
    'http://alice:12/34geheim@127.0.0.1:3128',
    'http://alice:geheim?@127.0.0.1:3128',
    'http:\\\\alice:geheim@127.0.0.1:3128',
    'http://CORP/alice:geheim@127.0.0.1:3128',
    'http://proxy\\geheim:8080',
  ]) {
    assert.throws(
      () => parseProxyUrl(text, 'HTTP_PROXY'),
      ({ code, message, advice }) => code === 'ERR_NTLM_PROXY_URL' && !/geheim|tresor/i.test(message + advice),
      text,
    );
  }
  assert.throws(() => parseProxyUrl('http://wpad/proxy.pac', 'HTTP_PROXY'), /PAC file/);
});

test('a server that offers NTLM and is not named is reported once', async (t) => {
  const { server } = await serve(t, { role: 'origin' });
  const warnings = [];
  const events = [];
  const onWarning = (warning) => warnings.push(warning);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  subscribe('ntlm-wasm:unnamed', (event) => events.push(event));
  const fetch = createFetch({ proxy: 'direct', credentials });
  for (let count = 0; count < 2; count += 1) assert.equal((await fetch(server.url)).status, 401);
  const agent = new NtlmAgent({ proxy: 'direct', credentials });
  t.after(() => agent.destroy());
  const [response] = await once(http.get(server.url, { agent }), 'response');
  response.resume();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['NTLM_SERVER_NOT_NAMED'],
  );
  assert.match(warnings[0].message, /offers NTLM, but "servers" does not name it/);
  assert.deepEqual(events, [{ origin: server.url, schemes: ['NTLM'] }]);
});

test('what fails is an NtlmError with advice and the error of the system', async (t) => {
  const plain = await serve(t, { role: 'none' });
  const secure = await serve(t, { role: 'none', tls: true });
  const fails = (options, url) =>
    createFetch({ proxy: 'direct', credentials, ...options })(url).then(
      () => assert.fail('it works'),
      (error) => {
        assert.ok(error instanceof NtlmError && error.advice !== '', String(error));
        return [error.code, error.cause?.code];
      },
    );
  assert.deepEqual(await fails({ proxy: plain.server.url.replace('http', 'https') }, 'http://x.test/'), [
    'ERR_NTLM_PROXY_TLS',
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ]);
  assert.deepEqual(await fails({}, 'http://no-such-name.invalid/'), ['ENOTFOUND', 'ENOTFOUND']);
  assert.deepEqual(await fails({}, 'http://127.0.0.1:1023/'), ['ECONNREFUSED', 'ECONNREFUSED']);
  assert.deepEqual(await fails({}, secure.server.url), ['DEPTH_ZERO_SELF_SIGNED_CERT', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
  const agent = new NtlmAgent({ proxy: 'direct' });
  const [error] = await once(https.get(secure.server.url, { agent }), 'error').catch((found) => [found]);
  assert.ok(error instanceof NtlmError && error.code === 'DEPTH_ZERO_SELF_SIGNED_CERT' && error.advice !== '');
});
