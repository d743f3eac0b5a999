import http from 'node:http';
import https from 'node:https';
import { NtlmAgent, NtlmDispatcher } from 'ntlm-wasm/node';
import { credentials } from './servers.mjs';

/**
 * The two clients of this package behind one interface, for tests that run with both: `send(url, init)` resolves with
 * status, headers and text, `size` counts the open connections. `target` replaces the path of the URL.
 */
export const adapters = {
  dispatcher(t, options) {
    const dispatcher = new NtlmDispatcher({ credentials, proxy: 'direct', ...options });
    t.after(() => dispatcher.destroy());
    return {
      get size() {
        return dispatcher.size;
      },
      async send(url, { body = null, method = 'GET', headers, target } = {}) {
        const { origin, pathname, search } = new URL(url);
        const path = target ?? pathname + search;
        const response = await dispatcher.request({ origin, path, method, headers, body });
        return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
      },
    };
  },

  agent(t, options) {
    const agent = new NtlmAgent({ credentials, proxy: 'direct', ...options });
    t.after(() => agent.destroy());
    return {
      get size() {
        return agent.size;
      },
      send(url, { body, target, ...given } = {}) {
        const init = target === undefined ? given : { ...given, path: target };
        const client = url.startsWith('https:') ? https : http;
        return new Promise((resolve, reject) => {
          const request = client.request(url, { ...init, agent }, async (response) => {
            let text = '';
            for await (const chunk of response) text += chunk;
            resolve({ status: response.statusCode, headers: response.headers, text });
          });
          request.on('error', reject).end(body);
        });
      },
    };
  },
};
