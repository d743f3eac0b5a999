import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serviceManager } from '../internals.mjs';
import { run } from './run-cli.mjs';

const program = ['/opt/my node/bin/node', '/opt/100%/main.js'];
const args = ['proxy', '--stored-secret', '--config', "/users/a b/it's.toml"];
const of = (platform, env) => serviceManager({ program, args, env }, platform);

test('systemd: the unit, its place, and what it falls back to', () => {
  const { file, plain, probe } = of('linux', { HOME: '/users/a' });
  assert.equal(file.path, '/users/a/.config/systemd/user/ntlm-wasm.service');
  assert.match(
    file.content,
    /^ExecStart="\/opt\/my node\/bin\/node" "\/opt\/100%%\/main\.js" proxy --stored-secret --config "\/users\/a b\/it's\.toml"$/m,
  );
  assert.match(file.content, /^PrivateUsers=yes$/m);
  assert.match(file.content, /^ExecReload=.*HUP/m);
  assert.doesNotMatch(file.content, /MemoryDenyWriteExecute/);
  assert.doesNotMatch(plain.content, /Private|Protect|CapabilityBoundingSet/);
  assert.match(plain.content, /^NoNewPrivileges=yes$/m);
  assert.ok(probe.includes('PrivateUsers=yes'));
});

test('launchd: an agent that Python’s plistlib reads', () => {
  const { file, install } = of('darwin', { HOME: '/Users/a' });
  assert.equal(file.path, '/Users/a/Library/LaunchAgents/ntlm-wasm.proxy.plist');
  assert.equal(install[0][0], 'launchctl');
  const source = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const read = JSON.parse(execFileSync('python3', ['-c', source], { input: file.content, encoding: 'utf8' }));
  assert.deepEqual(read.ProgramArguments, [...program, ...args]);
  assert.equal(read.RunAtLoad, true);
  assert.deepEqual(read.KeepAlive, { SuccessfulExit: false });
  assert.equal(read.Umask, 0o77);
});

test('Task Scheduler: UTF-16 with a byte order mark, well-formed XML, the arguments quoted', () => {
  const env = {
    LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local',
    SystemRoot: 'C:\\Windows',
    USERDOMAIN: 'CORP',
    USERNAME: 'a&b',
  };
  const { file, install } = of('win32', env);
  assert.equal(file.path, 'C:\\Users\\a\\AppData\\Local\\ntlm-wasm\\task.xml');
  assert.deepEqual([...file.content.subarray(0, 2)], [0xff, 0xfe]);
  const source = `
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
print(root.find(f".//{space}Principal/{space}UserId").text)
print(root.find(f".//{space}Exec/{space}Command").text)
print(root.find(f".//{space}Exec/{space}Arguments").text)`;
  const [user, command, words] = execFileSync('python3', ['-c', source], {
    input: file.content,
    encoding: 'utf8',
  }).split('\n');
  assert.equal(user, 'CORP\\a&b');
  assert.equal(command, 'C:\\Windows\\System32\\conhost.exe');
  assert.match(
    words,
    /^--headless "\/opt\/my node\/bin\/node" \/opt\/100%\/main\.js proxy --stored-secret --config "\/users\/a b\/it's\.toml" --log-file C:/,
  );
  assert.deepEqual(install[0].slice(1, 4), ['/Create', '/F', '/XML']);
});

test('service: --dry-run shows everything and changes nothing; what is wrong is said', async () => {
  const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '' };
  const { code, out, err } = await run(['service', 'install', '--dry-run', '--listen', '127.0.0.1:4000'], { env });
  assert.equal(code, 0, err);
  if (process.platform === 'linux') {
    assert.match(out, /^# \/nonexistent\/\.config\/systemd\/user\/ntlm-wasm\.service$/m);
    assert.match(out, /ExecStart=.* proxy --stored-secret --listen 127\.0\.0\.1:4000$/m);
    assert.match(out, /^systemctl --user enable ntlm-wasm\.service\nsystemctl --user restart ntlm-wasm\.service$/m);
  }
  for (const action of ['uninstall', 'start', 'stop', 'restart', 'status', 'logs']) {
    assert.equal((await run(['service', action, '--dry-run'], { env })).code, 0, action);
  }
  assert.match((await run(['service', 'start'], { env })).err, /the service is not installed/);
  assert.match((await run(['service', 'instal'], { env })).err, /unexpected "instal"/);
});

const onLinux = process.platform === 'linux' ? test : () => {};
onLinux('service install without a session of systemd changes nothing', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'ntlm-wasm-service-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const env = { HOME: home, XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: home, DBUS_SESSION_BUS_ADDRESS: '' };
  const { code, err } = await run(['service', 'install'], { env });
  assert.equal(code, 2);
  assert.match(err, /systemd does not run for this user here/);
  assert.deepEqual(readdirSync(home), []);
});
