/** The session of a user who has just signed in: its own D-Bus, with an unlocked GNOME Keyring, in an empty home. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const MAIN = fileURLToPath(new URL('../../pkg/dist/node/cli/main.js', import.meta.url));
const NATIVE = fileURLToPath(new URL('../../pkg-native', import.meta.url));

/** The addon that was built for this machine. */
export function addonFile() {
  const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'gnu';
  return join(NATIVE, `linux-${process.arch}-${libc}`, 'ntlm-wasm.node');
}

export function emptyHome(t) {
  const home = mkdtempSync(join(tmpdir(), 'ntlm-wasm-home-'));
  t.after(() => {
    stopDaemons(home);
    rmSync(home, { recursive: true, force: true });
  });
  for (const name of ['run', 'data', 'config']) mkdirSync(join(home, name), { mode: 0o700 });
  chmodSync(home, 0o700);
  return {
    PATH: process.env.PATH,
    HOME: home,
    XDG_RUNTIME_DIR: join(home, 'run'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    NTLM_ADDON: addonFile(),
  };
}

/** Runs a shell script in a session with an unlocked key store; its standard output. */
export async function inDesktop(env, script) {
  const start = 'printf keyring-password | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1';
  const args = ['--', 'sh', '-c', `${start}\n${script}`];
  return (await promisify(execFile)('dbus-run-session', args, { env, timeout: 60_000 })).stdout;
}

/** Runs `ntlm-wasm ARGS`: { code, out, err }. */
export async function run(env, args, input = '') {
  const child = spawn(process.execPath, [MAIN, ...args], { env });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (piece) => (texts.out += piece));
  child.stderr.setEncoding('utf8').on('data', (piece) => (texts.err += piece));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

/** The key store outlives its session: it is found by the home that it was started with. */
function stopDaemons(home) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const isOurs = environment.split('\0').includes(`HOME=${home}`);
      if (isOurs && /keyring/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))) process.kill(Number(pid));
    } catch {
      // It has ended, or is another user's.
    }
  }
}
