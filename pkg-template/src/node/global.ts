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

/** The options of {@link register}: those of every adapter, and these. */
export interface RegisterOptions extends ConnectionOptions {
  /**
   * How to treat agents that the program creates with `new http.Agent()` or `new https.Agent()`, and WebSockets of `ws`.
   * 'replace' routes them through the local proxy and keeps their options; 'keep' leaves them unchanged. Default: NTLM_AGENTS,
   * otherwise 'keep'.
   */
  readonly agents?: 'keep' | 'replace' | undefined;
  /** Start a local proxy in this process and set HTTP_PROXY and HTTPS_PROXY to it. Default: true. */
  readonly localProxy?: boolean | undefined;
}

const REGISTER_OPTIONS = [
  ...CONNECTION_OPTIONS,
  ...namesOf<Omit<RegisterOptions, keyof ConnectionOptions>>({ agents: true, localProxy: true }),
];

/** The symbols under which every copy of undici, including Node's, finds the global dispatcher. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/**
 * Adds proxy and NTLM support to the whole process: `http.globalAgent`, `https.globalAgent` and the built-in fetch.
 *
 * They share routes and credentials. Libraries that read HTTP_PROXY and HTTPS_PROXY themselves (axios, `gaxios`) and child
 * processes use a local proxy. Agents and dispatchers that the program creates are unchanged unless `agents` is 'replace'.
 * Worker threads inherit `--import` and `--require`; workers created from a string inherit only `--require`.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` for invalid options.
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
 * Creates the class of the global agent. For `agent: false`, Node constructs it without options, for one request without
 * keep-alive. Programs construct it with the options of Node's agents.
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

/** Returns the options set earlier, such as `ca`, without Node's timeout, which closes idle connections after five seconds. */
function optionsOf(agent: http.Agent): AgentOptions {
  const { timeout, ...given } = knownOptions((agent as https.Agent).options);
  return { ...given, keepAlive: true };
}
