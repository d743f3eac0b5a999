/** A machine with systemd as process 1, in namespaces of this one, where alice has signed in. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addonFile } from './desktop.mjs';

const BOOT = fileURLToPath(new URL('boot-systemd', import.meta.url));
const folder = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
/** Where the machine has the package's command and the addon. */
export const MAIN = '/opt/ntlm-wasm/dist/node/cli/main.js';
export const ADDON = '/opt/addons/ntlm-wasm.node';
/** The home folder, in a place that the unit's `ProtectHome` covers. */
export const HOME = join('/home', 'alice');
const USER = 4321;
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME,
  XDG_RUNTIME_DIR: `/run/user/${USER}`,
  DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${USER}/bus`,
};

/** Boots a machine and waits until alice's own systemd runs. */
export async function boot(t) {
  const root = mkdtempSync(join(tmpdir(), 'ntlm-wasm-machine-'));
  const namespaces = ['--mount', '--pid', '--fork', '--uts', '--ipc', '--cgroup', '--net'];
  const words = [BOOT, root, String(USER), process.execPath, folder('pkg'), dirname(addonFile())];
  const outer = spawn('unshare', [...namespaces, ...words], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [outer.stdout, outer.stderr]) stream.on('data', (piece) => (output += piece));
  const ended = once(outer, 'close');
  const init = () => childrenOf(outer.pid)[0];
  t.after(async () => {
    // Process 1 ignores SIGTERM. All others end with it.
    if (init() !== undefined) process.kill(init(), 'SIGKILL');
    await ended;
    rmSync(root, { recursive: true, force: true });
  });
  const enter = (words) => ['-t', String(init()), '-m', '-p', '-u', '-i', '-C', '-n', '-r', '-w', '--', ...words];
  const asAlice = (words) =>
    enter(['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups', 'env', '-i', ...assignments(), ...words]);
  const machine = {
    /** Runs a program as alice: { code, out, err }. */
    run: (...words) => finish('nsenter', asAlice(words)),
    asRoot: (...words) => finish('nsenter', enter(words)),
    /** Runs the package's command as alice. */
    command: (...words) => finish('nsenter', asAlice(['node', MAIN, ...words])),
    /** Starts a program as alice, which ends with the machine. */
    start: (...words) => spawn('nsenter', asAlice(words), { stdio: ['pipe', 'pipe', 'inherit'] }),
  };
  for (const end = Date.now() + 30_000; ; await delay(100)) {
    if (outer.exitCode !== null || Date.now() > end) throw new Error(`the machine does not start: ${output}`);
    if ((await machine.run('systemctl', '--user', 'is-system-running').catch(() => ({}))).out === 'running\n') break;
  }
  return machine;
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const assignments = () => Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);

function finish(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });
}
