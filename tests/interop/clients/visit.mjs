// Runs inside each runtime: one client visits every target once and prints what came of it as JSON.
// The task { client, visits: { name: { url, options } } } comes by the environment variable VISIT.

import http from 'node:http';
import https from 'node:https';
import process from 'node:process';
import { createFetch, NtlmAgent, NtlmDispatcher } from 'ntlm-wasm/node';
// by its file: Bun replaces the name 'undici' with its own fetch, without dispatchers
import { fetch as undiciFetch } from 'undici/index.js';

async function read(response) {
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
}

const CLIENTS = {
  createFetch: async (url, options) => read(await createFetch(options)(url)),

  // undici's own fetch: that of Deno and Bun takes no dispatcher
  NtlmDispatcher: async (url, options) => read(await undiciFetch(url, { dispatcher: new NtlmDispatcher(options) })),

  NtlmAgent: (url, options) =>
    new Promise((resolve, reject) => {
      const agent = new NtlmAgent(options);
      const { get } = url.startsWith('https:') ? https : http;
      get(url, { agent, ca: options.tls.ca }, (response) => {
        let bytes = 0;
        response.on('data', (chunk) => (bytes += chunk.length));
        response.on('end', () => resolve({ status: response.statusCode, bytes }));
        response.on('error', reject);
      }).on('error', reject);
    }),

  // Other people's clients, with our agent.
  axios: async (url, options) => {
    const { default: axios } = await import('axios');
    const agent = new NtlmAgent(options);
    const response = await axios.get(url, {
      httpAgent: agent,
      httpsAgent: agent,
      proxy: false,
      adapter: 'http',
      responseType: 'arraybuffer',
    });
    return { status: response.status, bytes: response.data.length };
  },

  got: async (url, options) => {
    const { default: got } = await import('got');
    const agent = new NtlmAgent(options);
    const { statusCode, rawBody } = await got(url, { agent: { http: agent, https: agent }, retry: { limit: 0 } });
    return { status: statusCode, bytes: rawBody.length };
  },

  'node-fetch': async (url, options) => {
    // by its file, too: Bun's stand-in takes no agent
    const { default: fetch } = await import('node-fetch/src/index.js');
    return read(await fetch(url, { agent: new NtlmAgent(options) }));
  },

  superagent: async (url, options) => {
    const { default: superagent } = await import('superagent');
    const { status, body } = await superagent
      .get(url)
      .agent(new NtlmAgent(options))
      .buffer(true)
      .parse(superagent.parse.image);
    return { status, bytes: body.length };
  },
};

async function main({ client, visits }) {
  const results = {};
  for (const [name, { url, options }] of Object.entries(visits)) {
    results[name] = await CLIENTS[client](url, options).catch((error) => ({ error: String(error.cause ?? error) }));
  }
  console.log(JSON.stringify(results));
  process.exit();
}

main(JSON.parse(process.env.VISIT));
