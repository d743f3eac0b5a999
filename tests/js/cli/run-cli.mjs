import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../pkg/dist/node/cli/main.js', import.meta.url));

/** An environment in which nothing of this machine's own settings counts. */
export function cleanEnvironment(more = {}) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/(_|^)proxy$/i.test(name) || /^(NTLM_|npm_config_|NO_COLOR|FORCE_COLOR|GIT_CONFIG)/i.test(name))
      delete env[name];
  }
  return { ...env, ...more };
}

export function start(args, { env = {}, cwd } = {}) {
  return spawn(process.execPath, [MAIN, ...args], { env: cleanEnvironment(env), cwd });
}

/** Runs `ntlm-wasm ARGS` to its end: { code, out, err }. */
export async function run(args, { input = '', ...options } = {}) {
  const child = start(args, options);
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (piece) => (texts.out += piece));
  child.stderr.setEncoding('utf8').on('data', (piece) => (texts.err += piece));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...texts };
}

/** Starts a command that serves; resolves with its first line and how to stop it: { line, err(), stop(signal) }. */
export async function serve(t, args, options) {
  const child = start(args, options);
  t.after(() => child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (piece) => (err += piece));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return {
    line: line.trim(),
    child,
    err: () => err,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await once(child, 'close');
      return code;
    },
  };
}
