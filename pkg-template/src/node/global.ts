import http from 'node:http';
import https from 'node:https';
import { NtlmAgent } from './agent/index.js';
import type { ConnectionOptions } from './options.js';
import { NtlmDispatcher } from './dispatcher/index.js';
import { createFetch, fetchTakesDispatcher } from './fetch.js';

/** Where every copy of undici, the one inside Node included, looks for the dispatcher of its fetch. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/**
 * Lets this process reach the network through NTLM: `http.globalAgent`, `https.globalAgent` and the built-in fetch.
 * Agents and dispatchers that a program makes for itself are left alone. Worker threads inherit `--import` and
 * `--require`, and so do this.
 */
export function registerGlobally(options: ConnectionOptions = {}): void {
  /** `agent: false` makes another agent of the same class, so the class knows the options and the protocol. */
  const globalAgent = (protocol: 'http:' | 'https:', defaultPort: number): typeof NtlmAgent =>
    class GlobalAgent extends NtlmAgent {
      constructor() {
        super(options);
        Object.defineProperties(this, { protocol: { value: protocol }, defaultPort: { value: defaultPort } });
      }
    };
  http.globalAgent = new (globalAgent('http:', 80))();
  https.globalAgent = new (globalAgent('https:', 443))() as unknown as https.Agent;
  if (!fetchTakesDispatcher()) {
    globalThis.fetch = createFetch(options);
    return;
  }
  const dispatcher = new NtlmDispatcher(options);
  for (const symbol of GLOBAL_DISPATCHERS) {
    Object.defineProperty(globalThis, symbol, {
      value: dispatcher,
      writable: true,
      enumerable: false,
      configurable: false,
    });
  }
}
