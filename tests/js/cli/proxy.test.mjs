import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'ntlm-wasm/node';
import { run, serve } from './run-cli.mjs';

const PASSWORD = { NTLM_PASSWORD: 'pw' };

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'ntlm-wasm-proxy-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** One request through a local proxy, or to it: its status. */
function get(url, target, secret) {
  const { hostname, port, username, password } = new URL(url);
  const shown = secret === undefined ? `${username}:${password}` : `ntlm-wasm:${secret}`;
  const authorization = `Basic ${Buffer.from(shown).toString('base64')}`;
  const headers = target.startsWith('/') ? { Authorization: authorization } : { 'Proxy-Authorization': authorization };
  return new Promise((resolve, reject) => {
    http
      .get({ hostname, port, path: target, headers, agent: false }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
      .on('error', reject);
  });
}

async function until(condition) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await condition()) return;
    await sleep(100);
  }
  assert.fail('it did not happen in ten seconds');
}

test('proxy: a given secret is not printed; the log can be a file of JSON lines, reopened on SIGHUP', async (t) => {
  const server = await startServer({ accounts: { alice: 'pw' } });
  t.after(() => server.close({ grace: 0 }));
  const log = join(folder(t), 'proxy.log');
  const env = { ...PASSWORD, NTLM_USERNAME: 'alice', NTLM_WASM_SECRET: 'given', NTLM_WASM_CONFIG: '' };
  const args = ['proxy', '-l', '127.0.0.1:0', '-x', server.url, '--log-format', 'json', '--log-file', log];
  const { line, stop, child, err } = await serve(t, args, { env });
  assert.match(line, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await get(line, `${server.url}/echo?token=hidden`, 'given'), 200);
  assert.equal(await get(line, 'http://127.0.0.1:1/', 'given'), 502);
  const entries = () => readFileSync(log, 'utf8').trim().split('\n').filter(Boolean).map(JSON.parse);
  await until(() => entries().length === 2);
  const [first, second] = entries();
  assert.deepEqual([first.level, first.method, first.status], ['info', 'GET', 200]);
  assert.deepEqual([second.level, second.status], ['warn', 502]);
  assert.doesNotMatch(readFileSync(log, 'utf8'), /hidden|given|pw/);
  renameSync(log, `${log}.1`);
  child.kill('SIGHUP');
  await until(() => {
    try {
      return /was reloaded/.test(readFileSync(log, 'utf8'));
    } catch {
      return false;
    }
  });
  assert.equal(await get(line, '/status', 'given'), 200, 'it serves on');
  assert.equal(await stop(), 0);
  assert.equal(err(), '');
});

test('proxy: levels decide what is logged', async (t) => {
  for (const [args, logged] of [
    [['--log-level', 'error'], false],
    [['--quiet'], false],
    [['--log-level', 'warn'], true],
  ]) {
    const env = { ...PASSWORD, NTLM_USERNAME: 'alice', NTLM_WASM_CONFIG: '' };
    const { line, stop, err } = await serve(t, ['proxy', '-l', '0', '-x', 'direct', ...args], { env });
    assert.equal(await get(line, 'http://127.0.0.1:1/'), 502);
    await stop();
    assert.equal(/ERR_NTLM_TARGET_UNREACHABLE/.test(err()), logged, args.join(' '));
  }
  const { code, err } = await run(['proxy', '--log-level', 'loud']);
  assert.equal(code, 2);
  assert.match(err, /unknown log level "loud"/);
});

test('proxy: a change of the configuration file counts from then on; a wrong one changes nothing', async (t) => {
  const [one, two] = [
    await startServer({ accounts: { alice: 'pw' } }),
    await startServer({ accounts: { alice: 'pw' } }),
  ];
  t.after(() => Promise.all([one.close({ grace: 0 }), two.close({ grace: 0 })]));
  const file = join(folder(t), 'config.toml');
  const write = (proxy) => writeFileSync(file, `user = 'alice'\nproxy = '${proxy}'\nlisten = '127.0.0.1:0'\n`);
  write('http://127.0.0.1:1');
  const { line, stop, err } = await serve(t, ['proxy', '--config', file], { env: PASSWORD });
  assert.equal(await get(line, `${one.url}/echo`), 502);
  write(one.url);
  await until(async () => (await get(line, `${one.url}/echo`)) === 200);
  writeFileSync(file, 'porxy = 1\n');
  await until(() => /was not reloaded: .*unknown key "porxy".*did you mean "proxy"/.test(err()));
  assert.equal(await get(line, `${one.url}/echo`), 200);
  await stop();
});

test('proxy: SOCKS and forwarded ports from the command line, and what is wrong there', async (t) => {
  const { stop, child, line } = await serve(
    t,
    ['proxy', '-l', '0', '-x', 'direct', '--socks', '0', '--forward', '0:localhost:1'],
    {
      env: { NTLM_WASM_CONFIG: '' },
    },
  );
  child.stdout.setEncoding('utf8');
  let out = line;
  child.stdout.on('data', (piece) => (out += piece));
  await until(() => /socks5h:\/\/ntlm-wasm:[\w-]+@127\.0\.0\.1:\d+/.test(out));
  assert.equal(await stop(), 0);
  for (const [args, message] of [
    [['--forward', 'x'], /"x" is not a forwarded port/],
    [['--header', 'secret-value'], /a value of --header is not a header field/],
    [['--listen', '0.0.0.0:0'], /will not listen on 0\.0\.0\.0/],
    [['--listen', '0.0.0.0:0', '--allow', 'x'], /"x" is not a range of addresses/],
  ]) {
    const { err, code } = await run(['proxy', '-l', '0', '-x', 'direct', ...args]);
    assert.notEqual(code, 0);
    assert.match(err, message);
    assert.doesNotMatch(err, /secret-value/);
  }
});

test('proxy --stored-secret: the same URL at each start', async (t) => {
  const home = folder(t);
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_RUNTIME_DIR: home,
    DBUS_SESSION_BUS_ADDRESS: '',
    NTLM_ADDON: '',
  };
  const secrets = [];
  for (let start = 0; start < 2; start += 1) {
    const { line, stop } = await serve(t, ['proxy', '-l', '0', '-x', 'direct', '--stored-secret'], { env });
    assert.match(line, /^http:\/\/127\.0\.0\.1:\d+$/);
    const secret = readFileSync(join(home, 'ntlm-wasm/local-proxy-secret.secret'), 'utf8');
    assert.equal(await get(line, '/status', secret), 200);
    secrets.push(secret);
    await stop();
  }
  assert.equal(secrets[0], secrets[1]);
});
