import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { run, serve } from './run-cli.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
let folder;
let proxy;
let origin;
let ca;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-cli-'));
  proxy = await startServer();
  origin = await startServer({ role: 'none', tls: true });
  ca = join(folder, 'ca.pem');
  await writeFile(ca, origin.certificate);
});

after(async () => {
  await Promise.all([proxy.close(), origin.close(), rm(folder, { recursive: true, force: true })]);
});

const fetched = (args, options) => run(['fetch', '-x', proxy.url, ...args], { env: ALICE, ...options });

test('hash: from standard input, one line of it', async () => {
  for (const input of ['Password', 'Password\n', 'Password\r\nsecond line\n']) {
    assert.deepEqual(await run(['hash'], { input }), {
      code: 0,
      signal: null,
      out: 'a4f49c406510bdcab6824ee7c30fd852\n',
      err: '',
    });
  }
  const empty = await run(['hash']);
  assert.equal(empty.code, 2);
  assert.match(empty.err, /standard input holds no password/);
});

test('fetch: plain and through a tunnel, the body and nothing else', async () => {
  assert.deepEqual(await fetched([`${proxy.url}/bytes/9`]), { code: 0, signal: null, out: 'ntlm-wasm', err: '' });
  const secure = await fetched(['--ca', ca, `https://localhost:${origin.port}/bytes/9`]);
  assert.deepEqual([secure.code, secure.out, secure.err], [0, 'ntlm-wasm', '']);
});

test('fetch: the proxy and its credentials from the environment or the URL, the password from standard input, the hash', async () => {
  const url = `${proxy.url}/bytes/1`;
  const withUser = new URL(proxy.url);
  withUser.username = demoAccount.username;
  withUser.password = demoAccount.password;
  const ways = [
    [[url], { env: { ...ALICE, HTTP_PROXY: proxy.url } }],
    [[url], { env: { http_proxy: withUser.href } }],
    [['-x', proxy.url, '--user', 'DEMO\\alice', '--password-stdin', url], { input: `${demoAccount.password}\n` }],
    [['-x', proxy.url, '--user', 'alice', '--domain', 'DEMO', url], { env: { NTLM_PASSWORD: demoAccount.password } }],
  ];
  for (const [args, options] of ways) {
    const { code, out, err } = await run(['fetch', ...args], options);
    assert.deepEqual([code, out, err], [0, 'n', ''], args.join(' '));
  }
  const { out: hash } = await run(['hash'], { input: demoAccount.password });
  assert.equal((await fetched([url], { env: { NTLM_USERNAME: 'alice', NTLM_HASH: hash.trim() } })).out, 'n');
});

test('fetch: method, fields, body, head', async () => {
  const echo = async (args, options) => JSON.parse((await fetched([...args, `${proxy.url}/echo`], options)).out);
  const posted = await echo(['-d', 'a=b', '-H', 'X-One: 1', '-H', 'Content-Type: text/x']);
  assert.equal(posted.method, 'POST');
  assert.equal(posted.bodyBytes, 3);
  assert.ok(posted.headers.some(([name, value]) => name.toLowerCase() === 'x-one' && value === '1'));
  assert.equal((await echo(['-X', 'PUT', '-d', '@-'], { input: 'from input' })).bodyBytes, 10);
  assert.equal((await echo(['-d', `@${ca}`])).bodyBytes, origin.certificate.length);
  const included = await fetched(['-i', '--no-redirect', `${proxy.url}/redirect?to=/x`]);
  assert.match(included.out, /^302 Found\n[^]*location: \/x\n[^]*\n$/);
});

test('fetch: the type of a body, the header alone, a name from the URL, a time limit', async () => {
  const kindOf = async (args, options) => {
    const { headers } = JSON.parse((await fetched([...args, `${proxy.url}/echo`], options)).out);
    return headers.find(([name]) => name.toLowerCase() === 'content-type')[1];
  };
  assert.equal(await kindOf(['-d', 'a=b']), 'application/x-www-form-urlencoded');
  assert.equal(await kindOf(['-d', '{}', '-H', 'content-type: application/json']), 'application/json');
  assert.equal(await kindOf(['-d', '@-'], { input: 'x' }), 'application/octet-stream');
  const head = await fetched(['-I', `${proxy.url}/bytes/9`]);
  assert.match(head.out, /^200 OK\n[^]*content-length: 9\n/);
  assert.doesNotMatch(head.out, /ntlm-wasm$/);
  assert.equal((await fetched(['-O', `${proxy.url}/bytes/7?x`], { cwd: folder })).out, '');
  assert.equal((await readFile(join(folder, '7'))).length, 7);
  assert.equal((await fetched(['-o', '-', `${proxy.url}/bytes/1`])).out, 'n');
  assert.equal((await fetched(['-O', `${proxy.url}/`])).code, 2);
  const late = await fetched(['-m', '0.5', `${proxy.url}/slow?ms=20000`]);
  assert.equal(late.code, 4);
  assert.match(late.err, /it took longer than 0.5 seconds/);
  assert.equal((await fetched(['-m', 'soon', `${proxy.url}/`])).code, 2);
});

test('fetch: into a file; --fail', async () => {
  const file = join(folder, 'body');
  const { code, out, err } = await fetched(['-o', file, `${proxy.url}/bytes/100000`]);
  assert.deepEqual([code, out, err], [0, '', '']);
  assert.equal((await readFile(file)).length, 100_000);
  const failed = await fetched(['-f', `${proxy.url}/nowhere`]);
  assert.deepEqual([failed.code, failed.out], [22, '']);
  assert.match(failed.err, /answered 404/);
  assert.equal((await fetched([`${proxy.url}/nowhere`])).code, 0);
});

test('fetch --verbose explains each leg, on standard error and without a secret', async () => {
  const { out, err } = await fetched(['-v', `${proxy.url}/bytes/1`]);
  assert.equal(out, 'n');
  const order = [
    /connection 1: connected to http:\/\/127/,
    /sends NTLM message 1 to the proxy 127/,
    /flags: a2088207: .*EXTENDED_SESSIONSECURITY/,
    /answers 407 with NTLM message 2/,
    /domain: DEMO \(demo\.example\)/,
    /time: 20\d\d-\S+Z \(\d+ seconds (ago|from now)\)/,
    /sends NTLM message 3/,
    /user: alice/,
    /response: NTLMv2/,
    /integrity code \(MIC\): yes/,
    /channel binding: none/,
    /service: HTTP\/127\.0\.0\.1/,
    /answers 200/,
    /accepts the credentials \(NTLM\)/,
  ];
  let at = 0;
  for (const pattern of order) {
    const found = err.slice(at).search(pattern);
    assert.notEqual(found, -1, `${pattern} in ${err.slice(at)}`);
    at += found;
  }
  assert.doesNotMatch(err, /Wonderland|TlRM|[0-9a-f]{32}/);
});

test('each failure has an exit status, a sentence, and advice', async () => {
  const refused = await fetched([`${proxy.url}/`], { env: { ...ALICE, NTLM_PASSWORD: 'wrong' } });
  assert.equal(refused.code, 3);
  assert.match(refused.err, /^ntlm-wasm: .*\(ERR_NTLM_REJECTED\)\n {4}\S/);
  const missing = await fetched([`${proxy.url}/`], { env: {} });
  assert.equal(missing.code, 3, missing.err);
  assert.match(missing.err, /ERR_NTLM_CREDENTIALS_REQUIRED/);
  assert.equal((await fetched(['--sso', `${proxy.url}/`], { env: {} })).code, 3);
  assert.equal((await fetched(['-x', 'http://127.0.0.1:1', `${proxy.url}/`])).code, 4);
  assert.equal((await fetched(['-x', 'direct', 'http://127.0.0.1:2/'])).code, 4);
  assert.equal((await fetched(['-x', 'socks5://127.0.0.1', `${proxy.url}/`])).code, 1);
  const untrusted = await fetched([`https://localhost:${origin.port}/`]);
  assert.equal(untrusted.code, 1);
  assert.match(untrusted.err, /SELF_SIGNED[^]*--ca/);
});

test('server: prints the account that it has if no user is named', async (t) => {
  const server = await serve(t, ['server']);
  const env = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
  const { out } = await run(['fetch', '-x', server.line, `${server.line}/`], { env });
  assert.match(out, /It works.*The proxy authenticated alice\./);
  assert.match(server.err(), /^account alice, password Wonderland-1865; stop with Ctrl\+C$/m);
});

test('server: its first lines say what it connects to and how to try it; so does a refused request', async (t) => {
  const server = await serve(t, ['server']);
  const env = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
  const { out } = await run(['fetch', '-x', server.line, 'http://192.0.2.1/'], { env });
  assert.match(out, /^192\.0\.2\.1 is not on this machine: this test proxy connects to this machine only$/m);
  assert.match(server.err(), /^this test proxy connects to this machine only$/m);
  assert.match(server.err(), / 403 alice \(192\.0\.2\.1 .*this test proxy connects to this machine only\)$/m);
  const [, ...words] = /^try: (ntlm-wasm) (.*)$/m.exec(server.err());
  assert.deepEqual(words[1].split(' '), ['diagnose', '-u', 'alice', '-x', server.line, `${server.line}/`]);
  const tried = await run(words[1].split(' '), { env });
  assert.equal(tried.code, 0, tried.out + tried.err);
});

test('server: another address than loopback is refused, without advice that this command does not have', async () => {
  const { code, err } = await run(['server', '--listen', '0.0.0.0:0']);
  assert.equal(code, 1);
  assert.match(err, /will not listen on 0\.0\.0\.0/);
  assert.doesNotMatch(err, /--allow/);
});

test('server: prints its URL, logs requests, stops cleanly', async (t) => {
  const certificate = join(folder, 'server.pem');
  const server = await serve(
    t,
    [
      'server',
      '--role',
      'both',
      '--tls',
      '--certificate-out',
      certificate,
      '--require-channel-bindings',
      '--user',
      'bob',
    ],
    {
      env: { NTLM_PASSWORD: 'topsecret' },
    },
  );
  assert.match(server.line, /^https:\/\/127\.0\.0\.1:\d+$/);
  const env = { NTLM_USERNAME: 'bob', NTLM_PASSWORD: 'topsecret' };
  const { out, err } = await run(
    ['fetch', '-x', 'direct', '--ca', certificate, '--server', server.line, `${server.line}/`],
    { env },
  );
  assert.match(out, /You are bob/, err + server.err());
  assert.equal(await server.stop('SIGINT'), 0);
  assert.match(server.err(), /GET \/ 200 bob/);
  assert.doesNotMatch(server.err(), /topsecret/);
});

test('proxy: prints its URL with the secret, authenticates, writes its process ID and stops cleanly', async (t) => {
  const pidFile = join(folder, 'pid');
  const local = await serve(t, ['proxy', '-l', '127.0.0.1:0', '-x', proxy.url, '--pid-file', pidFile], { env: ALICE });
  const url = new URL(local.line);
  assert.equal(url.username, 'ntlm-wasm');
  assert.ok(url.password.length >= 32);
  assert.equal(Number(await readFile(pidFile, 'utf8')), local.child.pid);
  // Other programs send Basic to the local proxy; our fetch never does.
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const headers = {
      'Proxy-Authorization': `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`,
    };
    request({ host: url.hostname, port: url.port, path: `${proxy.url}/`, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
  assert.equal(await local.stop('SIGTERM'), 0);
  await assert.rejects(readFile(pidFile), { code: 'ENOENT' });
  assert.match(local.err(), /200 GET http:\/\/127/);
  assert.ok(!local.err().includes(url.password));
});

test('proxy: writes its number over no file that a link leads to, and ends where it cannot write it', async () => {
  const [precious, link] = [join(folder, 'precious'), join(folder, 'link')];
  await writeFile(precious, 'precious');
  await symlink(precious, link);
  for (const [file, why] of [
    [link, /cannot write .*link \(it is a link\)/],
    [join(folder, 'none', 'pid'), /cannot write .*pid \(ENOENT\)/],
  ]) {
    const { code, out, err } = await run(['proxy', '-l', '127.0.0.1:0', '-x', 'direct', '--pid-file', file], {
      env: ALICE,
    });
    assert.equal(code, 2, err);
    assert.match(err, why);
    assert.equal(out, '');
  }
  assert.equal(await readFile(precious, 'utf8'), 'precious');
  const server = await run(['server', '--tls', '--certificate-out', join(folder, 'none', 'cert.pem')]);
  assert.equal(server.code, 2);
  assert.match(server.err, /cannot write/);
});

test('proxy: refuses what other machines could reach', async () => {
  const { code, err } = await run(['proxy', '-l', '0.0.0.0:0', '-x', 'direct']);
  assert.equal(code, 1);
  assert.match(err, /ERR_NTLM_NOT_LOOPBACK/);
});
