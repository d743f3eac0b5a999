/**
 * The clients under comparison: `open(url)` gives `request(path, body)`, which resolves to the status once the answer has been
 * read, and `close()`. Each is used as its own description says, with connections kept where it can keep them.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { NtlmAgent, NtlmDispatcher } from 'ntlm-wasm/node';
import { Agent as UndiciAgent, request as undiciRequest } from 'undici';
import { account } from '../lib/account.mjs';

const require = createRequire(import.meta.url);
const { username, password, domain, workstation } = account;

/** For the servers of the benchmark, which are all on loopback: no proxy, and credentials for the one server. */
function options(url) {
  return { proxy: 'DIRECT', credentials: { username, password, domain, workstation }, servers: [new URL(url).origin] };
}

function throughHttp(agent, url) {
  const request = (path, body) =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const sent = httpRequest(new URL(path, url), { agent, method }, (response) => {
        response.on('end', () => resolve(response.statusCode)).on('error', reject);
        response.resume();
      });
      sent.on('error', reject);
      if (body !== undefined) sent.setHeader('Content-Length', body.length);
      sent.end(body);
    });
  return { request, close: () => agent.destroy() };
}

function throughUndici(dispatcher, url) {
  return {
    async request(path, body) {
      const method = body === undefined ? 'GET' : 'POST';
      const response = await undiciRequest(new URL(path, url), { dispatcher, method, body });
      for await (const piece of response.body) void piece;
      return response.statusCode;
    },
    close: () => dispatcher.destroy(),
  };
}

function throughAxios(url) {
  const { NtlmClient } = require('axios-ntlm');
  const client = NtlmClient({ username, password, domain, workstation }, { baseURL: url, proxy: false });
  const post = (path, data) =>
    client.post(path, data, { headers: { 'Content-Type': 'application/octet-stream' }, maxBodyLength: Infinity });
  return {
    request: async (path, body) => (await (body === undefined ? client.get(path) : post(path, body))).status,
    close: () => {},
  };
}

/** Uses its own agent per call. With a shared agent, its calls interfere with each other's connections. */
function throughHttpntlm(url) {
  const httpntlm = require('httpntlm');
  const request = (path, body) =>
    new Promise((resolve, reject) => {
      const call = { url: new URL(path, url).href, username, password, domain, workstation };
      if (body !== undefined) call.body = body;
      const method = body === undefined ? 'get' : 'post';
      httpntlm[method](call, (error, response) => (error ? reject(error) : resolve(response.statusCode)));
    });
  return { request, close: () => {} };
}

function throughNodeClientNtlm(url) {
  const { NtlmClient } = require('node-client-ntlm');
  const client = new NtlmClient();
  return {
    async request(path, body) {
      const call = { url: new URL(path, url).href, method: body === undefined ? 'GET' : 'POST' };
      if (body !== undefined) call.body = body;
      return (await client.request(call, username, password, workstation, domain)).status;
    },
    close: () => {},
  };
}

function throughEwsjs(url) {
  const { XhrApi } = require('@ewsjs/xhr');
  const xhr = new XhrApi({ proxy: false }).useNtlmAuthentication(`${domain}\\${username}`, password);
  return {
    async request(path, data) {
      const type = data === undefined ? 'GET' : 'POST';
      const call = { url: new URL(path, url).href, type, headers: {} };
      if (data !== undefined) call.data = data;
      return (await xhr.xhr(call)).status;
    },
    close: () => {},
  };
}

export const CLIENTS = {
  NtlmAgent: (url) => throughHttp(new NtlmAgent(options(url)), url),
  NtlmDispatcher: (url) => throughUndici(new NtlmDispatcher(options(url)), url),
  'axios-ntlm': throughAxios,
  httpntlm: throughHttpntlm,
  'node-client-ntlm': throughNodeClientNtlm,
  '@ewsjs/xhr': throughEwsjs,
  // Without authentication: what the two above are measured against.
  'http.Agent': (url) => throughHttp(new HttpAgent({ keepAlive: true }), url),
  'undici.Agent': (url) => throughUndici(new UndiciAgent(), url),
};
