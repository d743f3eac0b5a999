// Preloaded into the tests of undici: NtlmDispatcher takes the place of undici's Agent, Client and Pool.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const main = join(process.cwd(), 'index.js');
const isUndici = existsSync(main) && existsSync(join(process.cwd(), 'lib/dispatcher/agent.js'));

/** Options with the same meaning. */
const SAME = ['keepAliveTimeout', 'headersTimeout', 'bodyTimeout', 'maxHeaderSize', 'maxResponseSize', 'connections'];
const ALL = [...SAME, 'connect', 'tls'];

/** Returns the options for NtlmDispatcher, or undefined for options that it refuses by name, such as pipelining. */
function translated(options = {}) {
  if (options === null || typeof options !== 'object' || typeof options.connect === 'function') return undefined;
  if (Object.keys(options).some((name) => !ALL.includes(name)) || options.connect?.socketPath) return undefined;
  const out = { proxy: 'DIRECT' };
  for (const name of SAME) if (options[name] !== undefined) out[name] = options[name];
  const tls = { ...options.tls, ...options.connect };
  if (Object.keys(tls).length > 0) out.connect = tls;
  return out;
}

if (isUndici) {
  const undici = createRequire(main)(main);
  const { NtlmDispatcher } = await import(pathToFileURL(join(process.env.NTLM_PACKAGE, 'dist/node/index.js')).href);

  const { kUrl } = createRequire(main)('./lib/core/symbols.js');

  /** Agent: takes the origin from each request. Subclasses of the tests stay undici's. */
  const agentLike = (Original) => {
    const replacement = new Proxy(Original, {
      construct(target, [options], newTarget) {
        const ours = newTarget === replacement ? translated(options) : undefined;
        return ours === undefined ? Reflect.construct(target, [options], newTarget) : new NtlmDispatcher(ours);
      },
    });
    return replacement;
  };

  /** Client and Pool: one origin for all requests. */
  class OneOrigin extends NtlmDispatcher {
    constructor(origin, options) {
      super(options);
      this[kUrl] = new URL(origin);
    }
    dispatch(options, handler) {
      return super.dispatch({ ...options, origin: this[kUrl].origin }, handler);
    }
  }
  const clientLike = (Original, limits) => {
    const replacement = new Proxy(Original, {
      construct(target, [origin, options], newTarget) {
        // undici's class checks the arguments.
        const original = Reflect.construct(target, [origin, options], newTarget);
        const ours = newTarget === replacement ? translated(options) : undefined;
        return ours === undefined ? original : new OneOrigin(original[kUrl], { ...limits, ...ours });
      },
    });
    return replacement;
  };

  undici.Agent = agentLike(undici.Agent);
  undici.Client = clientLike(undici.Client, { connections: 1 });
  undici.Pool = clientLike(undici.Pool, {});
  undici.setGlobalDispatcher(new NtlmDispatcher({ proxy: 'DIRECT' }));
}
