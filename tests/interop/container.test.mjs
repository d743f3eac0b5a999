// Containers reach Squid through the local proxy, by `--listen` and `--allow`: an image is built and run as docs/docker-wsl2-vm.md says.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startProxy } from 'ntlm-wasm/node';
import { lab, publishPage } from './lib/lab.mjs';

const run = promisify(execFile);
const { down_level: username, password } = lab.users.alice;
const SECRET = 'the-secret';
const ALLOWED = '10.88.7.6';
const OTHER = '10.88.7.7';
/** podman's own bridges; the name depends on its network program. Their first address is this machine. */
const BRIDGES = ['cni-podman0', 'podman0'];
const HOST = ['--add-host', 'host.docker.internal:10.88.0.1'];
/** A container may not raise the limits of the machine that runs these tests. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];

const requests = [];
let folder;
let page;
let proxy;

/** podman with its own storage, so that this machine's images and containers are left alone. */
function podman(command, ...args) {
  const storage = ['--storage-driver', 'vfs', '--root', join(folder, 'root'), '--runroot', join(folder, 'runroot')];
  return run('podman', ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', ...storage, command, ...args]);
}

/** Runs BusyBox's wget in a container that has this address, behind this proxy. */
const wget = (address, proxyUrl, url) =>
  podman(
    'run',
    '--rm',
    ...LIMITS,
    ...HOST,
    '--network',
    'podman',
    '--ip',
    address,
    '--env',
    `http_proxy=${proxyUrl}`,
    'client',
    url,
  );

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-podman-'));
  page = publishPage('a page for containers\n');
  proxy = await startProxy({
    proxy: lab.proxies.ntlm.url,
    credentials: { username, password },
    secret: SECRET,
    host: '0.0.0.0',
    // All but one.
    allow: ['10.88.0.2-10.88.7.6', '10.88.7.8-10.88.255.254'],
    onRequest: (request) => requests.push(request),
  });
  copyFileSync('/bin/busybox', join(folder, 'busybox'));
  writeFileSync(
    join(folder, 'Containerfile'),
    'FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox", "wget", "-q", "-O", "-"]\n',
  );
  await podman('build', '--tag', 'client', folder);
});

after(async () => {
  await proxy?.close({ grace: 0 });
  page?.remove();
  for (const bridge of BRIDGES) {
    if (existsSync(`/sys/class/net/${bridge}`)) execFileSync('ip', ['link', 'delete', bridge]);
  }
  rmSync(folder, { recursive: true, force: true });
});

const proxyUrl = (secret = `ntlm-wasm:${SECRET}@`) => `http://${secret}host.docker.internal:${proxy.port}`;

test('a container that is allowed reaches Squid', async () => {
  const { stdout } = await wget(ALLOWED, proxyUrl(), page.http);
  assert.equal(stdout, 'a page for containers\n');
  assert.deepEqual(
    requests.map(({ target, status }) => ({ target, status })),
    [{ target: page.http, status: 200 }],
  );
});

test('without the secret it is asked for it', async () => {
  await assert.rejects(wget(ALLOWED, proxyUrl(''), page.http), /407/);
});

test('a container that is not allowed gets nothing', async () => {
  requests.length = 0;
  await assert.rejects(wget(OTHER, proxyUrl(), page.http), ({ stdout, stderr }) => {
    assert.equal(stdout, '');
    assert.match(stderr, /Connection reset|error getting response/, 'not a byte of an answer');
    return true;
  });
  assert.deepEqual(requests, []);
});

test('an image is built through the proxy, by a build argument that the image does not keep', async () => {
  const file = join(folder, 'Containerfile.build');
  const command = '["/bin/busybox", "wget", "-q", "-O", "/page", "' + page.http + '"]';
  writeFileSync(file, `FROM client\nRUN ${command}\nENTRYPOINT ["/bin/busybox", "cat", "/page"]\n`);
  const network = ['--network', 'podman', '--isolation', 'oci', ...HOST, ...LIMITS];
  const argument = ['--build-arg', `http_proxy=${proxyUrl()}`];
  await podman('build', '--tag', 'built', '--file', file, ...network, ...argument, folder);
  const { stdout } = await podman('run', '--rm', ...LIMITS, '--network', 'none', 'built');
  assert.equal(stdout, 'a page for containers\n');
  const { stdout: image } = await podman('image', 'inspect', 'built');
  assert.doesNotMatch(image, new RegExp(SECRET));
});
