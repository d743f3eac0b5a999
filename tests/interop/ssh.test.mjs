// OpenSSH, git and rsync over `ntlm-wasm connect`, behind Squid that requires NTLM.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '../packaging/consumer.mjs';
import { makeRepository } from './lib/git-backend.mjs';
import { lab, SquidLog } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { runProgram } from './lib/run-program.mjs';

const TABLE = 'ntlm-wasm connect, behind Squid';
const { bob } = lab.users;
/** Only Squid can resolve it. */
const HOST = 'www.corp.example';

let folder;
let server;
let port;
let consumer;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-'));
  consumer = new Consumer();
  port = await freePort();
  server = await startServer();
});
after(async () => {
  server.kill();
  await once(server, 'exit');
  consumer.remove();
  rmSync(folder, { recursive: true });
});

async function freePort() {
  const listener = createServer();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

/** Debian's sshd on loopback, with new keys. */
async function startServer() {
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  chmodSync(folder, 0o700);
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/user.pub`,
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      `PidFile ${folder}/sshd.pid`,
    ].join('\n'),
  );
  writeFileSync(join(folder, 'known_hosts'), `[${HOST}]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
  mkdirSync('/run/sshd', { recursive: true });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  for (let attempt = 0; attempt < 100 && !(await listens()); attempt++) await sleep(50);
  return child;
}

async function listens() {
  const socket = connect(port, '127.0.0.1');
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return open;
}

/** The user's settings of ssh, as docs/run.md shows them, with or without the tunnel. */
function ssh(tunnel) {
  const file = join(folder, tunnel ? 'config' : 'config-direct');
  const lines = [
    `Host ${HOST}`,
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${folder}/user`,
    `  UserKnownHostsFile ${folder}/known_hosts`,
    '  BatchMode yes',
    ...(tunnel ? [`  ProxyCommand ${consumer.command} connect %h:%p`] : []),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return `ssh -F ${file}`;
}

const TASKS = {
  ssh: async (run, command) => {
    const { code, stdout, stderr } = await run(...command.split(' '), HOST, 'cat; echo from the server');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'input\nfrom the server\n');
  },
  'git over ssh': async (run, command, work) => {
    makeRepository(join(work, 'origin.git'));
    const { code, stderr } = await run('git', 'clone', '-q', `${HOST}:${work}/origin.git`, join(work, 'clone'));
    assert.equal(code, 0, stderr);
    assert.match(execFileSync('git', ['-C', join(work, 'clone'), 'log', '--format=%s'], { encoding: 'utf8' }), /empty/);
  },
  'rsync over ssh': async (run, command, work) => {
    writeFileSync(join(work, 'far.bin'), Buffer.alloc(3_000_000, 'rsync'));
    const { code, stderr } = await run('rsync', '-e', command, `${HOST}:${work}/far.bin`, join(work, 'near.bin'));
    assert.equal(code, 0, stderr);
    assert.deepEqual(readFileSync(join(work, 'near.bin')), readFileSync(join(work, 'far.bin')));
  },
};

function runIn(command) {
  const env = {
    NTLM_USERNAME: bob.down_level,
    NTLM_PASSWORD: bob.password,
    HTTPS_PROXY: lab.proxies.both.url,
    NO_PROXY: '',
    GIT_SSH_COMMAND: command,
  };
  return (program, ...args) => runProgram(program, args, { env, input: 'input\n' });
}

for (const [name, task] of Object.entries(TASKS)) {
  cell(TABLE, name, 'works', async () => {
    const log = new SquidLog();
    const work = mkdtempSync(join(folder, 'work-'));
    await task(runIn(ssh(true)), ssh(true), work);
    const seen = await log.requests(`${HOST}:${port}`);
    assert.ok(seen.some(({ method, user, status }) => method === 'CONNECT' && /bob$/i.test(user) && status === 200));
  });
  cell(TABLE, name, 'fails without it', async () => {
    await assert.rejects(task(runIn(ssh(false)), ssh(false), mkdtempSync(join(folder, 'work-'))), {
      code: 'ERR_ASSERTION',
    });
  });
}
