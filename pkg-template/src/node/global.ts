import http from 'node:http';
import https from 'node:https';
import { NtlmAgent } from './agent/index.js';
import { type AgentOptions, knownOptions } from './agent/agent-options.js';
import { Connector } from './connector.js';
import { NtlmDispatcher } from './dispatcher/index.js';
import { createFetch, fetchTakesDispatcher } from './fetch.js';
import { createRequire } from 'node:module';
import { pointVariablesAtLocalProxy } from './local-proxy.js';
import { checkOptions, CONNECTION_OPTIONS, type ConnectionOptions, namesOf } from './options.js';
import { preload } from './preload.js';

export interface RegisterOptions extends ConnectionOptions {
  /**
   * What becomes of agents that the program makes itself with `new http.Agent()` or `new https.Agent()`, and of WebSockets of
   * `ws`: 'replace' leads them through the local proxy, with their own options; 'keep' leaves them alone. Default:
   * NTLM_AGENTS, otherwise 'keep'.
   */
  readonly agents?: 'keep' | 'replace' | undefined;
  /** Start a local proxy in this process and point HTTP_PROXY and HTTPS_PROXY at it. Default: true. */
  readonly localProxy?: boolean | undefined;
}

const REGISTER_OPTIONS = [
  ...CONNECTION_OPTIONS,
  ...namesOf<Omit<RegisterOptions, keyof ConnectionOptions>>({ agents: true, localProxy: true }),
];

/** Where every copy of undici, the one inside Node included, looks for the dispatcher of its fetch. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/**
 * Routes this process through NTLM: `http.globalAgent`, `https.globalAgent` and the built-in fetch, which share routes
 * and credentials. Libraries that read HTTP_PROXY and HTTPS_PROXY themselves (axios, gaxios), and child processes, find a
 * local proxy there. Agents and dispatchers that a program makes for itself are left alone unless `agents` is 'replace'.
 * Worker threads inherit `--import` and `--require`, and with them this; threads made of a string only `--require`.
 *
 * @example
 * register({ proxy: 'http://proxy.corp.example:8080' });
 * await fetch('https://www.example.com/');
 */
export function register(given: RegisterOptions = {}): void {
  checkOptions(given, 'register', REGISTER_OPTIONS);
  const { agents = process.env['NTLM_AGENTS'], localProxy = true, ...options } = given;
  const variables = localProxy ? pointVariablesAtLocalProxy(options) : undefined;
  const shared = new Connector(options, variables).share(options);
  http.globalAgent = new (globalAgent('http:', 80, shared))(optionsOf(http.globalAgent));
  https.globalAgent = new (globalAgent('https:', 443, shared))(optionsOf(https.globalAgent));
  setDispatcher(shared);
  if (agents === 'replace') preload(createRequire(import.meta.url));
}

function setDispatcher(shared: ConnectionOptions): void {
  if (!fetchTakesDispatcher()) {
    globalThis.fetch = createFetch(shared);
    return;
  }
  const dispatcher = new NtlmDispatcher(shared);
  for (const symbol of GLOBAL_DISPATCHERS) {
    Object.defineProperty(globalThis, symbol, {
      value: dispatcher,
      writable: true,
      enumerable: false,
      configurable: false,
    });
  }
}

/**
 * Node constructs `agent: false` from the class of the global agent, without options: an agent for one request, which
 * keeps no connection. Programs construct it with options of Node's own agents.
 */
function globalAgent(
  protocol: 'http:' | 'https:',
  defaultPort: number,
  shared: ConnectionOptions,
): new (options?: AgentOptions) => NtlmAgent {
  return class GlobalAgent extends NtlmAgent {
    constructor(options: AgentOptions = {}) {
      super({ keepAlive: false, ...shared, ...options });
      Object.defineProperties(this, {
        protocol: { value: protocol, writable: true, configurable: true, enumerable: true },
        defaultPort: { value: defaultPort, writable: true, configurable: true, enumerable: true },
      });
    }
  };
}

/** What the program has set before, such as `ca`. Node's own time-out would end idle connections after five seconds. */
function optionsOf(agent: http.Agent): AgentOptions {
  const { timeout, ...given } = knownOptions((agent as https.Agent).options);
  return { ...given, keepAlive: true };
}
