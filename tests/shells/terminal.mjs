// A program at a terminal: util-linux's script(1) gives it one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../js/cli/run-cli.mjs';

export const MAIN = fileURLToPath(new URL('../../pkg/dist/node/cli/main.js', import.meta.url));
/** The command as a shell reads it. */
export const NTLM_WASM = `"${process.execPath}" "${MAIN}"`;

/** Starts a command line (as sh reads it) at a terminal: { screen(), type(text), sees(pattern), ended }. */
export function atTerminal(t, commandLine, { env = {}, cwd } = {}) {
  const child = spawn('script', ['-qfec', commandLine, '/dev/null'], {
    env: cleanEnvironment({ TERM: 'xterm', SHELL: '/bin/sh', COLUMNS: '80', LINES: '24', ...env }),
    cwd,
  });
  t.after(() => child.kill('SIGKILL'));
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => (screen += piece));
  const ended = once(child, 'close').then(([code]) => code);
  return {
    ended,
    screen: () => screen,
    type: (text) => child.stdin.write(text),
    async sees(pattern, seconds = 15) {
      for (const until = Date.now() + 1000 * seconds; Date.now() < until; await wait(20)) {
        if (pattern.test(screen)) return;
      }
      throw new Error(`${pattern} does not come; the screen: ${JSON.stringify(screen)}`);
    },
  };
}
