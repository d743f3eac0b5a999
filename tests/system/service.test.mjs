// The service under a real systemd, as a user has it: installed, used, killed, reloaded, stopped, removed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ADDON, boot, HOME, MAIN } from './machine.mjs';

const afterwards = [];
let machine;

before(async () => {
  machine = await boot({ after: (undo) => afterwards.push(undo) });
  const upstream = machine.start('node', MAIN, 'server', '--listen', '127.0.0.1:8080');
  await once(upstream.stdout, 'data');
});

after(async () => {
  for (const undo of afterwards) await undo();
});

/** Runs the command and expects success; its standard output. */
async function succeeds(...words) {
  const { code, out, err } = await machine.command(...words);
  assert.equal(code, 0, `${words.join(' ')}: ${out}${err}`);
  return out;
}

async function shell(script) {
  const { code, out, err } = await machine.run('sh', '-c', script);
  assert.equal(code, 0, `${script}: ${out}${err}`);
  return out;
}

const mainPid = async () => Number(await shell('systemctl --user show -P MainPID ntlm-wasm.service'));
/** The status of a page that the built-in server serves through its NTLM proxy. */
const visit = async (url) =>
  shell(`curl -s -o /dev/null -w '%{http_code}' -x '${url}' http://127.0.0.1:8080/echo || true`);

/** Polls until a text appears. */
async function until(produce, pattern) {
  for (const end = Date.now() + 20_000; ; await delay(100)) {
    const text = await produce();
    if (pattern.test(text)) return text;
    if (Date.now() > end) assert.match(text, pattern);
  }
}

const CONFIG = '~/.config/ntlm-wasm/config.toml';
const configure = (text) => shell(`cat > ${CONFIG} <<'END'\n${text}\nEND`);
let url;

test('install starts the service; url, status and logs describe it', async () => {
  await shell(`printf Wonderland-1865 | node ${MAIN} credential set --file --user alice --password-stdin`);
  await configure("proxy = '127.0.0.1:8080'");
  assert.match(await succeeds('service', 'install'), /the local proxy runs at http:\/\/127\.0\.0\.1:3128\n$/);
  url = (await succeeds('service', 'url')).trim();
  assert.match(url, /^http:\/\/ntlm-wasm:[\w-]{32}@127\.0\.0\.1:3128$/);
  assert.equal(await visit(url), '200');
  const status = await succeeds('service', 'status');
  assert.match(status, /Active: active \(running\)/);
  assert.match(status, /^upstream +.*127\.0\.0\.1:8080$/m);
  assert.match(status, /^user +alice$/m);
  const logs = await until(() => succeeds('service', 'logs'), /GET http:\/\/127\.0\.0\.1:8080\/echo/);
  assert.doesNotMatch(logs + status, new RegExp(new URL(url).password));
  assert.equal(await shell('systemctl --user is-enabled ntlm-wasm.service'), 'enabled\n');
});

test('another user needs the secret', async () => {
  const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '-x'];
  const target = 'http://127.0.0.1:8080/echo';
  assert.equal((await machine.asRoot(...curl, 'http://127.0.0.1:3128', target)).out, '407');
  assert.equal((await machine.asRoot(...curl, url, target)).out, '200');
});

test('the service cannot write to the home folder', async () => {
  const pid = await mainPid();
  const { err } = await machine.asRoot('nsenter', '-t', String(pid), '-m', 'touch', join(HOME, 'file'));
  assert.match(err, /Read-only file system/);
});

test('a killed service is started again, with the same URL', async () => {
  const killed = await mainPid();
  await shell(`kill -9 ${killed}`);
  await until(() => visit(url), /200/);
  assert.notEqual(await mainPid(), killed);
  assert.match(await succeeds('service', 'logs'), /code=killed, status=9\/KILL/);
});

test('a change of the file and SIGHUP reload the configuration; an invalid file changes nothing', async () => {
  const pid = await mainPid();
  await configure("proxy = '127.0.0.1:8099'");
  await until(() => visit(url), /502/);
  await configure("proxy = '127.0.0.1:8080'");
  await until(() => visit(url), /200/);
  await configure("proxi = '127.0.0.1:8099'");
  assert.match((await machine.command('service', 'install')).err, /config\.toml:1: unknown key "proxi"/);
  await until(
    () => succeeds('service', 'logs'),
    /the configuration was not reloaded: .*config\.toml:1: unknown key "proxi"/,
  );
  assert.equal(await visit(url), '200');
  await configure("proxy = '127.0.0.1:8080'");
  const reloads = async () => (await succeeds('service', 'logs')).match(/the configuration was reloaded/g)?.length;
  await until(async () => String(await reloads()), /3/);
  await shell('systemctl --user reload ntlm-wasm.service');
  await until(async () => String(await reloads()), /4/);
  assert.equal(await mainPid(), pid);
});

test('stop, start and restart', async () => {
  await succeeds('service', 'stop');
  assert.equal(await visit(url), '000');
  await delay(3000);
  assert.equal(await mainPid(), 0, 'a stopped service is not started again');
  assert.equal((await machine.command('service', 'status')).code, 1);
  await succeeds('service', 'start');
  await until(() => visit(url), /200/);
  const pid = await mainPid();
  await succeeds('service', 'restart');
  await until(() => visit(url), /200/);
  assert.notEqual(await mainPid(), pid);
});

test('a second install moves a running service to its new address', async () => {
  await succeeds('service', 'install', '--listen', '127.0.0.1:4128');
  const moved = (await succeeds('service', 'url', '--listen', '127.0.0.1:4128')).trim();
  assert.equal(moved, url.replace('3128', '4128'));
  assert.equal(await visit(moved), '200');
  assert.equal(await visit(url), '000');
});

test('an address that is in use is reported by install', async () => {
  const { code, err } = await machine.command('service', 'install', '--listen', '127.0.0.1:8080');
  assert.equal(code, 1);
  assert.match(err, /service logs/);
  assert.match(await succeeds('service', 'logs'), /127\.0\.0\.1:8080/);
});

test('uninstall removes the unit and revokes the secret', async () => {
  await succeeds('service', 'uninstall');
  assert.equal(await mainPid(), 0);
  assert.match(await shell('systemctl --user is-enabled ntlm-wasm.service 2>&1 || true'), /No such file|not-found/);
  for (const action of ['start', 'status', 'logs', 'url', 'uninstall']) {
    const { code, err } = await machine.command('service', action);
    assert.equal(code, 2);
    assert.match(err, /the service is not installed/);
  }
});

test('with the addon, password and secret are in the key store, and programs of the user need no secret', async () => {
  await shell('rm ~/.config/ntlm-wasm/*.secret');
  await shell('printf keyring-password | gnome-keyring-daemon --unlock --components=secrets');
  await shell(`echo NTLM_ADDON=${ADDON} > ~/.config/ntlm-wasm/environment`);
  const command = `NTLM_ADDON=${ADDON} node ${MAIN}`;
  const stored = await shell(`printf Wonderland-1865 | ${command} credential set --user alice --password-stdin`);
  assert.equal(stored, 'stored in Secret Service\n');
  await shell(`${command} service install`);
  assert.equal(await shell('ls ~/.config/ntlm-wasm'), 'config.toml\nenvironment\n');
  assert.equal(await visit((await shell(`${command} service url`)).trim()), '200');
  assert.equal(await visit('http://127.0.0.1:3128'), '200');
  const other = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '-x', 'http://127.0.0.1:3128'];
  assert.equal((await machine.asRoot(...other, 'http://127.0.0.1:8080/echo')).out, '407');
  await shell(`${command} service uninstall`);
});
