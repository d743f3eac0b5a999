/** A session of a person who has just signed in: a D-Bus of its own, with an unlocked GNOME Keyring, in an empty home. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
export function inDesktop(env, script) {
  const start = 'printf keyring-password | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1';
  return execFileSync('dbus-run-session', ['--', 'sh', '-c', `${start}\n${script}`], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
