import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { ConnectionOptions } from './options.js';
import { parseProxyUrl } from './routes/proxy-url.js';
import { LOCAL_PROXY_USER, localSecret } from './routes/route.js';

/** The proxy variables of libraries and child processes, in lower case; the first three are also used in upper case. */
const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'npm_config_proxy', 'npm_config_https_proxy'];
/** Set in the thread of the local proxy, which must not start another. */
const THREAD = 'NTLM_LOCAL_PROXY_THREAD';
/** The maximum start time in milliseconds. */
const PATIENCE = 10_000;

/**
 * Starts a local proxy for this process and sets the proxy variables to it, for libraries that read the variables and for
 * child processes. The proxy runs in a worker thread, so it also serves children that the program waits for synchronously.
 * It does not keep the process alive.
 *
 * Does nothing if no variable or option names a proxy, if the proxy is already a local one, or if an option is a function,
 * which another thread cannot call.
 *
 * @returns the previous variables, which define the routes of this process; undefined if nothing was done.
 */
export function pointVariablesAtLocalProxy(
  options: ConnectionOptions,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv | undefined {
  const proxy = namedProxy(options, env);
  if (proxy === undefined || env[THREAD] !== undefined || !isCloneable(options)) return undefined;
  const before = { ...env };
  const secret = randomBytes(24).toString('base64url');
  const port = startThread({ ...options, secret }, env);
  if (port === undefined) return undefined;
  const url = `http://${LOCAL_PROXY_USER}:${secret}@127.0.0.1:${port}`;
  // Threads and children that call register() use this proxy, not the local one.
  env['NTLM_PROXY'] ??= proxy;
  for (const name of VARIABLES) env[name] = url;
  for (const name of VARIABLES.slice(0, 3)) env[name.toUpperCase()] = url;
  if ((env['no_proxy'] ?? env['NO_PROXY']) === undefined) env['no_proxy'] = env['NO_PROXY'] = 'localhost,127.0.0.1';
  return before;
}

/** Returns the proxy that an option or a variable names, unless it is a local proxy. */
function namedProxy({ proxy }: ConnectionOptions, env: NodeJS.ProcessEnv): string | undefined {
  const variables = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
  const named = proxy === undefined || proxy === 'system' || proxy === 'environment';
  const text = named
    ? env['NTLM_PROXY'] || variables.map((name) => env[name]).find((value) => value)
    : typeof proxy === 'function'
      ? undefined
      : String(proxy);
  if (text === undefined || text === 'direct') return undefined;
  try {
    return localSecret(parseProxyUrl(text, 'the proxy')) === undefined ? text : undefined;
  } catch {
    // PAC syntax, or an error that the first request reports.
    return text;
  }
}

function isCloneable(options: ConnectionOptions): boolean {
  try {
    structuredClone(options);
    return true;
  } catch {
    return false;
  }
}

const CODE = `
const { workerData: { file, options, state } } = require('node:worker_threads');
require(file).startProxy(options).then(({ port }) => Atomics.store(state, 1, port), () => {}).then(() => {
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
});`;

/** Starts the proxy and waits until it listens. Returns its port, or undefined if it cannot be started. */
function startThread(
  options: ConnectionOptions & { readonly secret: string },
  env: NodeJS.ProcessEnv,
): number | undefined {
  const state = new Int32Array(new SharedArrayBuffer(8));
  // NODE_OPTIONS is removed, because its --import would register the thread as well.
  const { NODE_OPTIONS: _options, ...own } = env;
  try {
    const file = createRequire(import.meta.url).resolve('./index.cjs');
    const worker = new Worker(CODE, {
      eval: true,
      execArgv: [],
      env: { ...own, [THREAD]: '1' },
      workerData: { file, options, state },
    });
    worker.on('error', () => {}).unref();
    Atomics.wait(state, 0, 0, PATIENCE);
  } catch {
    return undefined;
  }
  return Atomics.load(state, 1) || undefined;
}
