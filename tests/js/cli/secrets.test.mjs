/** No command prints a password, its hash or a key, whatever it does and however it fails: a row for each command. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { COMMANDS } from '../internals.mjs';
import { checkPassword, ntHash } from '../../../pkg/dist/index.js';
import { createFetch, startServer } from '../../../pkg/dist/node/index.js';
import { writings } from '../secret-writings.mjs';
import { run, serve } from './run-cli.mjs';

const USER = 'alice';
// Each encoding must change it, so that a search for one cannot succeed through another.
// cspell:ignore Sësam öffne dich .
const PASSWORD = 'Sësam öffne dich 7+/';
const HASH = Buffer.from(ntHash(PASSWORD));
const ALICE = { NTLM_USERNAME: USER, NTLM_PASSWORD: PASSWORD };
const BY_HASH = { NTLM_USERNAME: USER, NTLM_HASH: HASH.toString('hex') };

/** Names for what must not be found, each with its writings. */
const SECRETS = Object.entries({
  'the password': [PASSWORD, encodeURIComponent(PASSWORD), ...writings(Buffer.from(PASSWORD))],
  'the password in UTF-16': writings(Buffer.from(PASSWORD, 'utf16le')),
  'the password in capitals': [PASSWORD.toUpperCase(), ...writings(Buffer.from(PASSWORD.toUpperCase(), 'utf16le'))],
  'user and password, as Basic has them': writings(Buffer.from(`${USER}:${PASSWORD}`)),
  'the NT hash': writings(HASH),
});

function assertSilent(what, text, secrets = SECRETS) {
  for (const [name, ways] of secrets) {
    for (const way of ways) assert.ok(!text.includes(way), `${what} prints ${name}: ${text}`);
  }
}

let folder;
let proxy;
/** A proxy for which the password is another one. */
let refusing;
/** The three messages as a log has them, and the key of their session. */
let log;
let sessionKey;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-secrets-'));
  const legs = [];
  proxy = await startServer({ role: 'both', accounts: { [USER]: PASSWORD }, onLeg: (leg) => legs.push(leg) });
  refusing = await startServer({ role: 'both', accounts: { [USER]: 'another one' } });
  const credentials = { username: USER, password: PASSWORD };
  await (
    await createFetch({ proxy: proxy.url, credentials })(`${refusing.url.replace('127.0.0.1', 'localhost')}/`)
  ).text();
  log = legs.map(({ scheme, token }) => `${scheme} ${token}\n`).join('');
  const [negotiate, challenge, authenticate] = legs.map(({ token }) => new Uint8Array(Buffer.from(token, 'base64')));
  const { matches, exportedSessionKey } = checkPassword({ negotiate, challenge, authenticate, password: PASSWORD });
  assert.ok(matches);
  sessionKey = ['the session key', writings(Buffer.from(exportedSessionKey))];
});

after(async () => {
  await Promise.all([proxy.close({ grace: 0 }), refusing.close({ grace: 0 })]);
  await rm(folder, { recursive: true, force: true });
});

/** The situations of a command that connects: [arguments, expected status, environment]. */
const connecting = (target) => {
  const inUrl = (url) => url.replace('//', `//${USER}:${encodeURIComponent(PASSWORD)}@`);
  return [
    [['-x', proxy.url], 0],
    [['-v', '-x', proxy.url], 0],
    [['-v', '-x', proxy.url], 0, BY_HASH],
    [['-v', '-x', inUrl(proxy.url)], 0, {}],
    [['-v', '-x', refusing.url], 3],
    [['-v', '-x', refusing.url], 3, BY_HASH],
    [['-v', '-x', inUrl(refusing.url)], 3, {}],
    [['-v', '-x', 'http://127.0.0.1:1'], 4],
    [['-v', '-x', inUrl('http://127.0.0.1:1')], 4, {}],
    [['-x', inUrl('socks5://127.0.0.1:1')], 1],
    [['-x', inUrl('pac+http://127.0.0.1:1/proxy.pac')], undefined],
    [['-x', proxy.url, '--server', inUrl('ftp://a.example')], 1],
    [['-x', proxy.url, '--ca', join(folder, 'none.pem')], 2],
    [['-x', proxy.url, '--pasword', PASSWORD], 2],
  ].map(([args, status, env]) => ({ args: [...args, ...target], status, env }));
};

/** Runs `ntlm-wasm COMMAND` in each situation; everything that it prints. */
async function inEach(command, situations) {
  for (const { args, status, env = ALICE, input } of situations) {
    const { code, out, err } = await run([command, ...args], { env: { NODE_DEBUG: 'ntlm', ...env }, input });
    const what = `${command} ${args.join(' ')}`;
    if (status !== undefined) assert.equal(code, status, `${what}: ${err}`);
    assertSilent(what, out + err);
  }
}

const typed = `http://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/`;

/** Sends another program's request through a local proxy and returns its status. */
const through = (line, target) =>
  new Promise((resolve, reject) => {
    const { hostname, port, username, password } = new URL(line);
    const headers = username
      ? { 'Proxy-Authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
      : {};
    request({ hostname, port, path: target, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });

/** Shows for each command that it prints no secret. Every new command needs a row. */
const ROWS = {
  async service() {
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, NTLM_WASM_SECRET: PASSWORD, HTTPS_PROXY: typed, ...ALICE };
    await inEach('service', [
      { args: ['install', '--dry-run'], status: 0, env },
      { args: ['status', '--dry-run'], status: 0, env },
      { args: [typed], status: 2, env },
    ]);
  },
  async setup() {
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, NTLM_WASM_SECRET: encodeURIComponent(PASSWORD), ...ALICE };
    await inEach('setup', [
      { args: ['-y', 'npm', 'git', 'cargo', 'maven', 'gradle'], status: 0, env },
      { args: ['--undo'], status: 0, env },
      { args: [typed], status: 2, env },
    ]);
  },
  async credential() {
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: folder };
    await inEach('credential', [
      { args: ['set', '--user', USER, '--password-stdin'], status: 0, env, input: PASSWORD },
      { args: ['status'], status: 0, env },
      { args: ['set', '--user', typed, PASSWORD], status: 2, env },
      { args: ['delete'], status: 0, env },
    ]);
  },
  async config() {
    const file = join(folder, 'config.toml');
    await writeFile(file, `proxy = '${typed}'\nheader = ['X-Token: ${PASSWORD}']\n`);
    const env = { ...ALICE, NTLM_WASM_CONFIG: file, NTLM_WASM_SECRET: PASSWORD, HTTPS_PROXY: typed };
    await inEach('config', [
      { args: [], status: 0, env },
      { args: ['--json'], status: 0, env: { ...env, ...BY_HASH } },
      { args: ['init', '--print'], status: 0, env },
      { args: ['-x', typed], status: 0, env },
    ]);
  },
  async run() {
    const program = ['--', process.execPath, '-e', ''];
    await inEach('run', [
      { args: ['-v', '-x', proxy.url, ...program], status: 0 },
      { args: ['-v', '-x', proxy.url, ...program], status: 0, env: BY_HASH },
      { args: ['-x', typed, 'a', ...program], status: 2 },
      { args: ['-x', proxy.url, '--', 'no-such-command'], status: 127 },
    ]);
    // The command receives only the proxy URL, and its requests are reported without secrets.
    const source = `
      const { HTTP_PROXY: proxy, ...env } = process.env;
      const { hostname, port, username, password } = new URL(proxy);
      const authorization = 'Basic ' + Buffer.from(username + ':' + password).toString('base64');
      require('http').get({ hostname, port, path: '${refusing.url}/', headers: { 'Proxy-Authorization': authorization } },
        (response) => { console.log(response.statusCode, JSON.stringify(env), proxy, process.argv); response.pipe(process.stdout); });`;
    for (const [upstream, env] of [
      [proxy, ALICE],
      [refusing, ALICE],
      [refusing, BY_HASH],
    ]) {
      const args = ['-v', '-x', upstream.url, '--', process.execPath, '-e', source];
      const { out, err } = await run(['run', ...args], { env });
      assert.match(out, /^\d{3} /, err);
      assertSilent('run', out + err);
    }
  },

  async connect() {
    const target = new URL(proxy.url).host;
    await inEach('connect', [
      { args: ['-v', '-x', refusing.url, target], status: 3 },
      { args: ['-v', '-x', refusing.url, target], status: 3, env: BY_HASH },
      { args: ['-x', proxy.url, typed], status: 2 },
      { args: ['-x', typed, PASSWORD], status: 2 },
    ]);
  },

  async proxy(t) {
    await inEach('proxy', [
      { args: [typed], status: 2 },
      { args: ['-l', typed], status: 2 },
      { args: ['-l', '127.0.0.1:0', '-x', `htp://${typed.slice(7)}`], status: 1 },
    ]);
    for (const [upstream, env] of [
      [proxy, ALICE],
      [refusing, ALICE],
      [refusing, BY_HASH],
      [{ url: typed }, {}],
    ]) {
      const pidFile = join(folder, 'pid');
      const local = await serve(t, ['proxy', '-v', '-l', '127.0.0.1:0', '-x', upstream.url, '--pid-file', pidFile], {
        env,
      });
      await through(local.line, `${refusing.url}/`);
      await through(local.line.replace(/\/\/.*@/, '//'), `${refusing.url}/`);
      const written = await readFile(pidFile, 'latin1');
      await local.stop();
      assertSilent('proxy', local.line + local.err() + written);
      // The proxy prints its own secret once, to the caller that started it.
      assert.ok(!local.err().includes(new URL(local.line).password));
    }
  },

  async fetch() {
    await inEach('fetch', connecting([`${proxy.url}/echo`]));
    await inEach('fetch', [
      { args: ['-x', 'direct', typed], status: 2 },
      { args: ['-x', 'direct', typed.slice(7)], status: 2 },
      { args: ['http://a.example/', typed], status: 2 },
      { args: ['-v', '-x', 'direct', '--server', refusing.url, `${refusing.url}/`], status: 3 },
      {
        args: ['-v', '-x', proxy.url, '--user', USER, '--password-stdin', `${proxy.url}/`],
        status: 0,
        input: PASSWORD,
      },
      {
        args: ['-v', '-x', proxy.url, '--user', USER, '--password-stdin', '-d', '@-', `${proxy.url}/`],
        input: PASSWORD,
      },
    ]);
  },

  async diagnose() {
    // Every other one as JSON: both are made of the same report.
    const situations = connecting(['http://www.example/']).map(({ args, env }, at) => {
      const own = args.filter((argument) => argument !== '-v');
      return { args: at % 2 === 0 ? own : ['--json', ...own], env };
    });
    await inEach('diagnose', [
      ...situations,
      { args: ['--self-test'], status: 0 },
      { args: ['--json', typed] },
      { args: [`ftp://${typed.slice(7)}`], status: 2 },
      { args: ['http://a.example/', typed], status: 2 },
    ]);
  },

  async decode() {
    const file = join(folder, 'log');
    await writeFile(file, log);
    for (const args of [
      [],
      ['--json'],
      ['--all'],
      ['--check-password'],
      ['--check-password', '--json'],
      [`@${file}`],
    ]) {
      for (const env of [ALICE, BY_HASH, { NTLM_PASSWORD: 'wrong' }]) {
        const { out, err } = await run(['decode', ...args], { input: log, env });
        assert.match(out, /NTLMSSP|AUTHENTICATE|no:|yes:/i, err);
        assertSilent(`decode ${args.join(' ')}`, out + err);
        // Only the JSON output contains the session key, as the help says.
        if (!args.includes('--json')) assertSilent(`decode ${args.join(' ')}`, out + err, [sessionKey]);
      }
    }
    await inEach('decode', [
      { args: [typed], status: 2 },
      { args: ['TlRMTVNTUAABAAAA', typed], status: 2 },
      { args: ['--check-password', 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw=='], status: 2 },
    ]);
  },

  async server(t) {
    await inEach('server', [
      { args: [typed], status: 2 },
      { args: ['--listen', typed], status: 2 },
    ]);
    const server = await serve(t, ['server', '--user', USER], { env: ALICE });
    for (const env of [ALICE, BY_HASH, { ...ALICE, NTLM_PASSWORD: 'wrong' }]) {
      await run(['fetch', '-x', server.line, `${server.line}/`], { env });
    }
    await through(server.line, typed);
    await server.stop();
    assert.match(server.err(), /200 alice/);
    assertSilent('server', server.line + server.err());
  },

  async hash() {
    const { out, err } = await run(['hash'], { input: PASSWORD });
    assert.equal(out, `${HASH.toString('hex')}\n`, 'the hash is what is asked for');
    assertSilent('hash', out + err, SECRETS.slice(0, -1));
    await inEach('hash', [
      { args: [PASSWORD], status: 2 },
      { args: ['--password', PASSWORD], status: 2 },
      { args: ['--password-stdin', PASSWORD], status: 2 },
    ]);
  },

  async 'register-path'() {
    await inEach('register-path', [
      { args: [], status: 0 },
      { args: [typed], status: 2 },
    ]);
  },

  async completion() {
    await inEach('completion', [
      ...['bash', 'zsh', 'fish', 'powershell'].map((shell) => ({ args: [shell], status: 0 })),
      { args: [typed], status: 2 },
    ]);
  },
};

for (const name of Object.keys(COMMANDS)) {
  test(`${name}: neither the password nor its hash, in any encoding`, async (t) => {
    assert.ok(Object.hasOwn(ROWS, name), `the command ${name} has no row in this table`);
    await ROWS[name](t);
  });
}

test('an unknown command is repeated without its password', async () => {
  for (const word of [typed, `pac+${typed}`, typed.slice(7)]) {
    const { code, out, err } = await run([word], { env: ALICE });
    assert.equal(code, 2);
    assertSilent('an unknown command', out + err);
  }
});

test('what is looked for would be found', () => {
  const inTheMiddle = (bytes) => Buffer.concat([Buffer.from('x'), bytes, Buffer.from('yz')]);
  const utf16 = Buffer.from(PASSWORD, 'utf16le');
  for (const text of [
    `password=${PASSWORD}`,
    inTheMiddle(HASH).toString('hex'),
    inTheMiddle(HASH).toString('base64'),
    Buffer.from(`${USER}:${PASSWORD}`).toString('base64'),
    inTheMiddle(utf16).toString('base64'),
    utf16.toString('hex'),
    `http://${USER}:${encodeURIComponent(PASSWORD)}@host/`,
  ]) {
    assert.throws(() => assertSilent('this', text), /^AssertionError.*: this prints/s, text);
  }
});
