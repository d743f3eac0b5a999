import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CONFIGURABLE,
  configurationText,
  importCntlm,
  importPx,
  parseConfiguration,
  SETTINGS,
  usualPlace,
} from '../internals.mjs';
import { startServer } from 'ntlm-wasm/node';
import { run } from './run-cli.mjs';

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'ntlm-wasm-config-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function fileWith(t, text) {
  const file = join(folder(t), 'config.toml');
  writeFileSync(file, text);
  return file;
}

test('each platform has its place for the file', () => {
  assert.equal(usualPlace({ HOME: '/users/a' }, 'linux'), '/users/a/.config/ntlm-wasm/config.toml');
  assert.equal(usualPlace({ HOME: '/users/a', XDG_CONFIG_HOME: '/x' }, 'linux'), '/x/ntlm-wasm/config.toml');
  assert.equal(
    usualPlace({ HOME: '/users/a', XDG_CONFIG_HOME: 'x' }, 'linux'),
    '/users/a/.config/ntlm-wasm/config.toml',
  );
  assert.equal(
    usualPlace({ HOME: '/Users/a' }, 'darwin'),
    '/Users/a/Library/Application Support/ntlm-wasm/config.toml',
  );
  assert.equal(usualPlace({ APPDATA: 'C:\\A' }, 'win32'), 'C:\\A\\ntlm-wasm\\config.toml');
});

for (const [what, text, message, advice] of [
  [
    'a key that is unknown',
    'quiet = true\n\nporxy = "a:1"\n',
    /config\.toml:3: unknown key "porxy"/,
    /did you mean "proxy"/,
  ],
  ['a key of another kind', 'proxy = true\n', /:1: proxy is a boolean/, /string in quotes/],
  ['a key for one call only', 'password-stdin = true\n', /unknown key "password-stdin"/, /--help/],
  ['a value that is unknown', '\nfallback = "home"\n', /:2: fallback has an unknown value/, /direct/],
  ['a password', "user = 'a'\npassword = 'x'\n", /:2: a password is not allowed in this file/, /credential set/],
  ['a name in double quotes', 'user = "CORP\\alice"\n', /config\.toml:1:\d+: /, /single quotes: user = 'CORP\\alice'/],
  ['a value without quotes', 'user = alice\n', /config\.toml:1:\d+: /, /single quotes: user/],
  ['a key twice', 'user = "a"\nuser = "b"\n', /config\.toml:2:\d+: /, /TOML/],
]) {
  test(`the file is refused, with its line, for ${what}`, async (t) => {
    await assert.rejects(parseConfiguration(text, 'config.toml'), (error) => {
      assert.match(error.message, message);
      assert.match(error.advice, advice);
      return true;
    });
    const { code, err } = await run(['config', '--config', fileWith(t, text)]);
    assert.equal(code, 2);
    assert.match(err, message);
  });
}

test('values of the file: texts, numbers, lists, with a byte order mark and CRLF', async () => {
  const text =
    "\ufeffuser = 'CORP\\alice'\r\nlisten = 3129\r\nserver = 'http://a'\r\nallow = ['10.0.0.0/8', '::1']\r\n";
  const { values } = await parseConfiguration(text, 'config.toml');
  assert.deepEqual(Object.fromEntries(values), {
    user: 'CORP\\alice',
    listen: '3129',
    server: ['http://a'],
    allow: ['10.0.0.0/8', '::1'],
  });
});

test('a written file reads as it was meant, whatever the value', async () => {
  const values = new Map([
    ['user', "CORP\\o'neill"],
    ['header', ['A: "b"', "C: 'd'", 'E: tab\there']],
    ['sso', true],
  ]);
  const text = configurationText(values);
  const read = await parseConfiguration(text, 'x');
  assert.deepEqual([...read.values].sort(), [...values].sort());
  for (const name of CONFIGURABLE) assert.match(text, new RegExp(`^(# )?${name} = `, 'm'), 'each setting is in it');
  // Every commented-out setting can be uncommented unchanged.
  const all = text.replace(/^# ([a-z-]+ = )/gm, '$1');
  assert.equal((await parseConfiguration(all, 'x')).values.size, CONFIGURABLE.length);
});

test('config prints each value and where it comes from, and no secret', async (t) => {
  const file = fileWith(
    t,
    "\nproxy = 'http://alice:s3cret@proxy:8080, http://b:s3cret@p2:1'\nquiet = true\nheader = ['X-Token: s3cret']\n",
  );
  const env = {
    NTLM_WASM_CONFIG: file,
    NTLM_USERNAME: 'alice',
    NTLM_PASSWORD: 's3cret',
    NTLM_HASH: 's3cret',
    NTLM_WASM_SECRET: 's3cret',
    HTTPS_PROXY: 'http://alice:s3cret@proxy:1',
  };
  const { code, out, err } = await run(['config', '--domain', 'CORP'], { env });
  assert.equal(code, 0, err);
  assert.doesNotMatch(out + err, /s3cret/);
  const line = (name) => out.split('\n').find((one) => one.startsWith(`${name} `)) ?? '';
  assert.match(line('proxy'), /http:\/\/proxy:8080, http:\/\/p2:1 .*config\.toml:2$/);
  assert.match(line('quiet'), /true .*config\.toml:3$/);
  assert.match(line('header'), /X-Token: \(hidden\)/);
  assert.match(line('user'), /alice +variable NTLM_USERNAME/);
  assert.match(line('domain'), /CORP +option --domain/);
  assert.match(line('listen'), /127\.0\.0\.1:3128 +default/);
  assert.match(line('NTLM_PASSWORD'), /\(hidden\) +variable/);
  assert.match(line('HTTPS_PROXY'), /http:\/\/proxy:1 +variable/);
  const json = JSON.parse((await run(['config', '--json'], { env })).out);
  assert.equal(json.file, file);
  assert.deepEqual(
    json.settings.find(({ name }) => name === 'quiet'),
    { name: 'quiet', value: 'true', origin: `${file}:3` },
  );
});

test('every setting names a variable that the reference and the program agree on', () => {
  const variables = Object.values(SETTINGS).flatMap(({ variable }) => variable ?? []);
  assert.deepEqual(variables, ['NTLM_WASM_CONFIG', 'NTLM_PROXY', 'NTLM_USERNAME', 'NTLM_DOMAIN', 'NTLM_WORKSTATION']);
});

test('fetch takes the proxy of the file; a variable beats the file, an option both', async (t) => {
  const server = await startServer({ accounts: { alice: 'pw' } });
  t.after(() => server.close());
  const env = (more) => ({ NTLM_USERNAME: 'alice', NTLM_PASSWORD: 'pw', ...more });
  const good = fileWith(t, `proxy = '${server.url}'\n`);
  const bad = fileWith(t, "proxy = 'http://127.0.0.1:1'\n");
  const target = `${server.url}/echo`;
  const fetched = (args, more) => run(['fetch', '--quiet', ...args, target], { env: env(more) });
  assert.equal((await fetched(['--config', good])).code, 0);
  assert.equal((await fetched(['--config', bad])).code, 4);
  assert.equal((await fetched(['--config', bad], { NTLM_PROXY: server.url })).code, 0);
  assert.equal((await fetched(['--config', bad, '--proxy', server.url], { NTLM_PROXY: 'http://127.0.0.1:1' })).code, 0);
  assert.equal((await fetched(['--config', good], { NTLM_WASM_CONFIG: bad })).code, 0);
  const missing = await fetched(['--config', join(folder(t), 'none.toml')]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /cannot read the configuration .*none\.toml \(ENOENT\)/);
});

test('fetch: several proxies in order, direct where none can be reached, hosts without a proxy', async (t) => {
  const server = await startServer({ role: 'none' });
  t.after(() => server.close());
  const proxy = await startServer({ accounts: { alice: 'pw' } });
  t.after(() => proxy.close());
  const env = { NTLM_USERNAME: 'alice', NTLM_PASSWORD: 'pw' };
  const fetched = async (...args) => (await run(['fetch', '-q', ...args, `${server.url}/echo`], { env })).code;
  const dead = 'http://127.0.0.1:1';
  assert.equal(await fetched('--proxy', `${dead}, ${proxy.url}`), 0);
  assert.equal(await fetched('--proxy', dead), 4);
  assert.equal(await fetched('--proxy', dead, '--fallback', 'direct'), 0);
  assert.equal(await fetched('--proxy', dead, '--no-proxy', '127.0.0.0-127.0.0.9,x'), 0);
  assert.equal(await fetched('--proxy', dead, '--no-proxy', '127.0.0.2-127.0.0.9'), 4);
  assert.equal(await fetched('--proxy', dead, '--fallback', 'home'), 2);
});

test('config init writes a commented file that holds, with mode 600, once', async (t) => {
  const file = join(folder(t), 'deep/config.toml');
  const env = { NTLM_WASM_CONFIG: file, HTTPS_PROXY: 'http://bob:pw@proxy.corp.example:8080' };
  const { code, out, err } = await run(['config', 'init'], { env });
  assert.equal(code, 0, err);
  assert.equal(out, `${file}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^proxy = 'http:\/\/proxy\.corp\.example:8080'$/m);
  assert.match(text, /^# Found: .*HTTPS_PROXY/m);
  assert.doesNotMatch(text, /pw@/);
  assert.match((await run(['config'], { env })).out, /^proxy +http:\/\/proxy.corp.example:8080 +.*config\.toml:\d+$/m);
  const again = await run(['config', 'init'], { env });
  assert.equal(again.code, 2);
  assert.match(again.err, /exists already/);
  assert.equal((await run(['config', 'init', '--force'], { env })).code, 0);
  const local = await run(['config', 'init', '--print'], { env: { ...env, HTTPS_PROXY: 'http://127.0.0.1:3128' } });
  assert.match(local.out, /^# proxy = /m, 'a proxy on this machine is most likely this program');
});

test('cntlm.conf is taken over', async (t) => {
  const text = `
Username	alice
Domain		CORP
Password	s3cret
PassNTLMv2      D5826E9C665C37C80B53397D5C07BBCB
Proxy		10.0.0.41:8080
Proxy		10.0.0.42:8080
NoProxy		localhost, 127.0.0.*, 10.*
Listen		3128
Listen		8080
Gateway		yes
Allow		172.17.0.0/16
Deny		0/0
SOCKS5Proxy	8010
SOCKS5User	dave:s3cret
Header		User-Agent: Mozilla/4.0
Tunnel		11443:remote.com:443
Flags 1
`;
  const { values, notes } = importCntlm(text);
  assert.deepEqual(Object.fromEntries(values), {
    proxy: '10.0.0.41:8080, 10.0.0.42:8080',
    user: 'alice',
    domain: 'CORP',
    'no-proxy': ['localhost', '127.0.0.*', '10.*'],
    listen: '0.0.0.0:3128',
    allow: ['172.17.0.0/16'],
    forward: ['11443:remote.com:443'],
    socks: '8010',
    header: ['User-Agent: Mozilla/4.0'],
  });
  assert.deepEqual(notes, [
    'only the first Listen was imported; the others are 8080',
    'Deny has no equivalent: what --allow does not name is refused',
    'SOCKS5User was not imported: SOCKS clients use the name "ntlm-wasm" and the secret of the local proxy',
    'the password was not imported: store it with "ntlm-wasm credential set"',
    'not imported: flags',
  ]);
  const theirs = join(folder(t), 'cntlm.conf');
  writeFileSync(theirs, text);
  const { code, out, err } = await run(['config', 'import', '--print', theirs]);
  assert.equal(code, 0, err);
  assert.doesNotMatch(out + err, /s3cret|D5826/);
  assert.deepEqual((await parseConfiguration(out, 'x')).values.get('listen'), '0.0.0.0:3128');
});

test('px.ini is taken over', async (t) => {
  const text = `[proxy]
server = proxy1.corp:80, 10.0.0.1:80
pac =
port = 3129
listen = 127.0.0.1
gateway = 1
allow = 172.16.*.*, 192.168.0.1-192.168.0.9
noproxy = 127.0.0.1 10.0.0.0/8
useragent = Mozilla
username = CORP\\alice
auth = BASIC

[settings]
workers = 2
; comment = 1
`;
  const { values, notes } = importPx(text);
  assert.deepEqual(Object.fromEntries(values), {
    proxy: 'proxy1.corp:80, 10.0.0.1:80',
    user: 'CORP\\alice',
    'user-agent': 'Mozilla',
    'no-proxy': ['127.0.0.1', '10.0.0.0/8'],
    listen: '0.0.0.0:3129',
    allow: ['172.16.0.0/16', '192.168.0.1-192.168.0.9'],
  });
  assert.deepEqual(notes, [
    'auth = BASIC: only NTLM and Negotiate are used',
    'the password was not imported: store it with "ntlm-wasm credential set"',
    'not imported: workers',
  ]);
  const file = join(folder(t), 'px.ini');
  writeFileSync(file, text);
  assert.equal((await run(['config', 'import', '--print', file])).code, 0);
  const empty = join(folder(t), 'px.ini');
  writeFileSync(empty, '\n');
  assert.equal((await run(['config', 'import', '--print', empty])).code, 2);
});
