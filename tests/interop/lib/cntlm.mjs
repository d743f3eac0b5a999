// cntlm in front of an upstream proxy, for as long as one visit takes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param {(localProxy: string) => Promise<string>} visit */
export async function withCntlm(user, upstream, visit) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cntlm-'));
  const configuration = join(folder, 'cntlm.conf');
  const lines = {
    Username: user.name,
    Domain: user.domain,
    Password: user.password,
    Auth: 'NTLMv2',
    Proxy: new URL(upstream).host,
    Listen: `127.0.0.1:${port}`,
  };
  writeFileSync(
    configuration,
    Object.entries(lines)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
    { mode: 0o600 },
  );
  const child = spawn('cntlm', ['-f', '-c', configuration], { stdio: 'ignore' });
  try {
    await listening(port, child);
    return await visit(`http://127.0.0.1:${port}`);
  } finally {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true });
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port, child) {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error('cntlm does not listen');
}
