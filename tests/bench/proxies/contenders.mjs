/** The proxies under comparison, each in its own process, in front of the lab's Squid. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const COMMAND = join(import.meta.dirname, '../../../pkg/dist/node/cli/main.js');
const PATIENCE_MS = 10_000;

/** `[{ name, url, pid, stop }]`; a proxy that is not installed is left out and reported. */
export async function startContenders(lab, target, say) {
  const squid = Number.parseInt(readFileSync(join(lab.dir, 'run/squid.pid'), 'utf8'), 10);
  const found = [{ name: 'Squid, no authentication', url: lab.proxies.open.url, pid: squid, stop() {} }];
  for (const [name, start] of Object.entries({ 'ntlm-wasm proxy': ours, cntlm, px })) {
    try {
      found.push({ name, ...(await start(lab, target)) });
    } catch (error) {
      say(`${name} is left out: ${error.message}`);
    }
  }
  return found;
}

function ours({ users, proxies }) {
  return startOurs(proxies.ntlm.url, { username: users.alice.down_level, password: users.alice.password });
}

/** Starts the local proxy in front of an upstream proxy. */
export async function startOurs(upstream, { username, password }) {
  const env = { ...process.env, NTLM_USERNAME: username, NTLM_PASSWORD: password };
  const args = [COMMAND, 'proxy', '--quiet', '--listen', '127.0.0.1:0', '--proxy', upstream];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const { value } = await child.stdout.iterator({ destroyOnReturn: false }).next();
  const [url] = String(value).split('\n');
  return { url, pid: child.pid, stop: () => child.kill() };
}

async function cntlm(lab) {
  const program = '/usr/sbin/cntlm';
  if (!existsSync(program)) throw new Error('it is not installed (Debian package cntlm)');
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const settings = join(folder, 'cntlm.conf');
  const { name, password, domain } = lab.users.alice;
  const lines = { Username: name, Domain: domain, Password: password, Proxy: new URL(lab.proxies.ntlm.url).host };
  const text = Object.entries({ ...lines, Listen: `127.0.0.1:${port}`, Auth: 'NTLMv2' }).map((pair) => pair.join('\t'));
  writeFileSync(settings, `${text.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(program, ['-f', '-c', settings], { stdio: 'ignore' });
  return {
    url: await answering(port, child),
    pid: child.pid,
    stop: () => (child.kill(), rmSync(folder, { recursive: true })),
  };
}

async function px(lab, target) {
  const folders = [join(target, 'tools/px/bin'), ...process.env.PATH.split(delimiter)];
  const program = folders.map((folder) => join(folder, 'px')).find(existsSync);
  if (program === undefined) throw new Error('it is not installed (Python package px-proxy)');
  const port = await freePort();
  const { down_level: user, password } = lab.users.alice;
  const args = [
    `--proxy=${new URL(lab.proxies.ntlm.url).host}`,
    `--port=${port}`,
    `--username=${user}`,
    '--auth=NTLM',
    '--threads=32',
  ];
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, PX_PASSWORD: password } });
  return { url: await answering(port, child), pid: child.pid, stop: () => child.kill() };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Returns the proxy URL once it accepts connections. */
async function answering(port, child) {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && child.exitCode === null) {
    const open = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket
        .once('connect', () => resolve(true))
        .once('error', () => resolve(false))
        .once('connect', () => socket.destroy());
    });
    if (open) return `http://127.0.0.1:${port}`;
    await pause(100);
  }
  child.kill();
  throw new Error('it did not start to listen');
}
