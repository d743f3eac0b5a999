// The first installation behind the proxy: in a network namespace where only Squid, which requires NTLM, and a PAC server
// answer, the one file installs the package from a registry behind the proxy.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tarball } from '../packaging/consumer.mjs';
import { startRegistry } from '../packaging/registry.mjs';
import { lab } from './lib/lab.mjs';
import { runProgram } from './lib/run-program.mjs';

const folder = mkdtempSync(join(tmpdir(), 'first-install-'));
const { bob } = lab.users;
const squid = new URL(lab.proxies.ntlm?.url ?? lab.proxies.both.url);
/** Unix sockets are not part of a network namespace: this one is the only way out of it. */
const wayOut = join(folder, 'squid.sock');
let registry;
let bridge;

before(async () => {
  copyFileSync(fileURLToPath(new URL('../../pkg/ntlm-wasm.cjs', import.meta.url)), join(folder, 'ntlm-wasm.cjs'));
  registry = await startRegistry(tarball(), '127.0.0.1');
  bridge = net.createServer((inside) => {
    const proxy = net.connect(Number(squid.port), squid.hostname);
    inside.pipe(proxy).pipe(inside);
    for (const socket of [inside, proxy]) socket.on('error', () => [inside, proxy].forEach((end) => end.destroy()));
  });
  await new Promise((resolve) => bridge.listen(wayOut, resolve));
  writeFileSync(join(folder, 'servers.cjs'), SERVERS);
  writeFileSync(join(folder, 'inside.sh'), INSIDE);
});

after(async () => {
  bridge.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** In the namespace: Squid's port, and a PAC server that needs no proxy. */
const SERVERS = `
  const net = require('node:net');
  net.createServer((socket) => {
    const out = net.connect(process.argv[2]);
    socket.pipe(out).pipe(socket);
    for (const end of [socket, out]) end.on('error', () => { socket.destroy(); out.destroy(); });
  }).listen(3128, '127.0.0.1');
  const pac = 'function FindProxyForURL(url, host) { return dnsDomainIs(host, ".corp.example") ? "PROXY 127.0.0.1:3128" : "DIRECT"; }';
  require('node:http').createServer((request, response) => response.end(pac))
    .listen(8000, '127.0.0.1', () => console.log('ready'));`;

const INSIDE = `
  set -e
  ip link set lo up
  mkfifo ready
  "$NODE" servers.cjs "$WAY_OUT" > ready & servers=$!
  trap 'kill $servers' EXIT
  read -r line < ready
  if [ -n "$PAC" ]; then proxy=http://127.0.0.1:8000/proxy.pac; else proxy=http://127.0.0.1:3128; fi
  "$NODE" ntlm-wasm.cjs run --quiet --proxy "$proxy" -- npm install --global --prefix "$PREFIX" --no-audit --no-fund \\
    --fetch-retries=0 --cache "$PREFIX/cache" --registry "$REGISTRY" ntlm-wasm > /dev/null
  "$PREFIX/bin/ntlm-wasm" --version
  rm ready`;

const version = execFileSync(
  process.execPath,
  [fileURLToPath(new URL('../../pkg/ntlm-wasm.cjs', import.meta.url)), '--version'],
  {
    encoding: 'utf8',
  },
);

for (const [name, pac] of [
  ['with the proxy by its address', ''],
  ['with a PAC file', 'yes'],
]) {
  test(`node ntlm-wasm.cjs run -- npm install -g ntlm-wasm, ${name}`, async () => {
    // Only the lab's proxies can resolve the name.
    const url = registry.url.replace('127.0.0.1', 'www.corp.example');
    const env = {
      NTLM_USERNAME: bob.down_level,
      NTLM_PASSWORD: bob.password,
      NODE: process.execPath,
      WAY_OUT: wayOut,
      PREFIX: join(folder, `global-${pac}`),
      REGISTRY: `${url}/`,
      PAC: pac,
    };
    const { code, stdout, stderr } = await runProgram('unshare', ['--net', 'sh', 'inside.sh'], {
      env,
      cwd: folder,
      seconds: 100,
    });
    assert.deepEqual([code, stdout], [0, version], stderr);
  });
}
