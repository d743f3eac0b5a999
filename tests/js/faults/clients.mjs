import { credentials } from './fault-proxy.mjs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createFetch, NtlmAgent } from '../../../pkg/dist/node/index.js';

/** Long enough for everything that works on a busy machine, short enough to wait for what does not. */
export const PATIENCE = 1000;

const options = (proxy, more) => ({
  proxy: proxy.url ?? proxy,
  credentials: credentials(),
  handshakeTimeout: PATIENCE,
  ...more,
});

/** The clients that every misbehaviour is tried on: each makes a function (url, init) => { status, body }. */
export const clients = {
  fetch(proxy, more) {
    const fetch = createFetch({ headersTimeout: PATIENCE, bodyTimeout: PATIENCE, ...options(proxy, more) });
    return async (url, init) => {
      const response = await fetch(url, { redirect: 'manual', ...init });
      return { status: response.status, body: await response.text() };
    };
  },
  agent(proxy, more) {
    const agent = new NtlmAgent(options(proxy, more));
    return (url, init) => requestThrough(agent, url, init);
  },
};

/** `http.request` as a program would use it, with its own time-out. */
function requestThrough(agent, url, { method = 'GET', body } = {}) {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { agent, method, timeout: PATIENCE * 2 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode, body: text }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
    request.on('error', reject);
    request.end(body);
  });
}

/** Runs it to its end, which must come in time: { status, body } or { code, error }. */
export async function outcomeOf(promise, limit = PATIENCE * 4) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`still hanging after ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([promise.catch(failed), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` wraps what happened into a TypeError. */
function failed(error) {
  for (let inner = error; inner !== undefined && inner !== null; inner = inner.cause) {
    if (typeof inner.code === 'string') return { code: inner.code, error };
  }
  throw new Error('an error without a code', { cause: error });
}
