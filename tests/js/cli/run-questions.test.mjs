// What `run` finds out by itself: the proxy in the settings of npm and git, the user name at a terminal, programs that
// outlive the command.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demoAccount } from '../../../pkg/dist/node/index.js';
import { toolProxy } from '../internals.mjs';
import { cleanEnvironment, run } from './run-cli.mjs';
import { startTestNetwork } from './test-network.mjs';

const MAIN = fileURLToPath(new URL('../../../pkg/dist/node/cli/main.js', import.meta.url));
const onLinux = { skip: process.platform !== 'linux' };
let network;

before(async () => (network = await startTestNetwork()));
after(() => network.close());

/** An environment with a home folder that holds these files. */
function home(files) {
  const path = mkdtempSync(join(network.folder, 'home-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  const git = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: join(path, '.gitconfig') };
  return cleanEnvironment({ HOME: path, USERPROFILE: path, XDG_CURRENT_DESKTOP: undefined, ...git });
}

test('npm: https-proxy, then proxy, with variables and quotes, and its exceptions', async () => {
  const npm = async (text, env = {}) => {
    const found = await toolProxy({ ...home({ '.npmrc': text }), ...env }, 'linux');
    return found && [found.url, ...found.noProxy];
  };
  assert.deepEqual(await npm('proxy=http://a.example:1\nhttps-proxy = "http://b.example:2"\n'), ['http://b.example:2']);
  assert.deepEqual(await npm('proxy=http://${WHERE}:1\r\nnoproxy=x.example, y\n', { WHERE: 'a.example' }), [
    ...['http://a.example:1', 'x.example', 'y'],
  ]);
  assert.deepEqual(await npm('proxy=a.example:1'), ['a.example:1']);
  for (const text of [
    '',
    'proxy=',
    'proxy=http://127.0.0.1:3128',
    'myproxy=http://a.example',
    '#proxy=http://a.example',
  ]) {
    assert.equal(await npm(text), undefined, text);
  }
});

test('git: the setting of the user, never that of a repository', async () => {
  const env = home({ '.gitconfig': '[http]\nproxy = http://c.example:3\n' });
  assert.deepEqual(await toolProxy(env, 'linux'), {
    ...{ url: 'http://c.example:3', noProxy: [], source: 'http.proxy of git' },
  });
  const repository = { ...home({}), GIT_DIR: join(network.folder, 'repository') };
  mkdirSync(join(network.folder, 'repository/objects'), { recursive: true });
  mkdirSync(join(network.folder, 'repository/refs'));
  writeFileSync(join(network.folder, 'repository/HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(network.folder, 'repository/config'), '[http]\nproxy = http://stranger.example:3\n');
  assert.equal(await toolProxy(repository, 'linux'), undefined);
});

test('a variable that names a proxy comes first', async () => {
  const env = home({ '.npmrc': 'proxy=http://a.example:1\n' });
  for (const name of ['HTTP_PROXY', 'https_proxy', 'ALL_PROXY', 'NTLM_PROXY']) {
    assert.equal(await toolProxy({ ...env, [name]: 'http://b.example:1' }, 'linux'), undefined, name);
  }
});

test('commands say which file names the proxy that they use', onLinux, async () => {
  // An address of this machine that is no loopback address.
  const address = network.proxy.url.replace('127.0.0.1', '0.0.0.0');
  const env = {
    ...home({ '.npmrc': `proxy=${address}\n` }),
    NTLM_USERNAME: demoAccount.username,
    NTLM_PASSWORD: demoAccount.password,
  };
  const url = network.url('http');
  const { code, err } = await run(['run', '--', 'curl', '-sSf', '-o', '/dev/null', url], { env });
  assert.equal(code, 0, err);
  assert.match(err, /^ntlm-wasm: no option, variable or system setting names a proxy; using the one in .*\.npmrc\n$/);
});

/** Runs a command line at a terminal and types each answer after its question. */
async function atTerminal(words, dialogue, env) {
  const line = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { env });
  let text = '';
  let at = 0;
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
    const [question, answer] = dialogue[at] ?? [];
    if (question === undefined || !text.includes(question)) return;
    at += 1;
    child.stdin.write(`${answer}\n`);
  });
  const [code] = await once(child, 'close');
  return { code, text };
}

const USER = 'User name for the proxy';

test('at a terminal the user name and the password are prompted for', onLinux, async () => {
  const { username, password } = demoAccount;
  const url = network.url('http');
  const words = [
    'run',
    '-x',
    network.proxy.url,
    '--',
    'curl',
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    'status %{http_code}',
    url,
  ];
  const dialogue = [
    [USER, username],
    [`Password of ${username}`, password],
  ];
  const { code, text } = await atTerminal(words, dialogue, home({}));
  assert.equal(code, 0, text);
  assert.match(text, /status 200/);
  assert.ok(!text.includes(password), 'the password is not echoed');
  const none = await atTerminal(words, [[USER, '']], home({}));
  assert.match(none.text, /ERR_NTLM_CREDENTIALS_REQUIRED/);
});

test('the user name is not prompted for if it is known or no proxy is used', onLinux, async () => {
  const echo = ['--', 'echo', 'done'];
  for (const [words, more] of [
    [['run', '-x', 'direct', ...echo], {}],
    [['run', '-x', network.proxy.url.replace('//', '//alice:secret@'), ...echo], {}],
    [['run', '-x', network.proxy.url, ...echo], { NTLM_USERNAME: 'alice', NTLM_PASSWORD: 'secret' }],
  ]) {
    const { code, text } = await atTerminal(words, [], { ...home({}), ...more });
    assert.deepEqual([code, text], [0, 'done\r\n'], words.join(' '));
  }
});

test('a program that outlives the command is named, in one line', onLinux, async () => {
  const env = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
  const words = ['-x', network.proxy.url, '--', 'sh', '-c', 'sleep 2 > /dev/null 2>&1 &'];
  const { code, err } = await run(['run', ...words], { env });
  assert.equal(code, 0);
  assert.match(err, /^ntlm-wasm: sleep \(process \d+\) is still running, without its proxy from now on; .*\n$/);
  assert.equal((await run(['run', '--quiet', ...words], { env })).err, '');
  assert.equal((await run(['run', '-x', network.proxy.url, '--', 'true'], { env })).err, '');
});
