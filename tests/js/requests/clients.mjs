import http from 'node:http';
import { Readable } from 'node:stream';
import { createFetch, NtlmAgent, NtlmDispatcher, startProxy } from 'ntlm-wasm/node';

const TEXT = { none: '', small: 'hello', large: 'L'.repeat(100_000), streamed: 'S'.repeat(100_000) };

/** The text of a body, and the body as the clients take it: `{ method, url, headers, body }` becomes { status, text, headers }. */
export const bodyText = (kind) => TEXT[kind];

function pieces(text) {
  return Readable.from(
    (async function* () {
      for (let at = 0; at < text.length; at += 10_000) {
        await new Promise(setImmediate);
        yield Buffer.from(text.slice(at, at + 10_000));
      }
    })(),
  );
}

function byHttp(url, options, kind) {
  return new Promise((resolve, reject) => {
    const text = TEXT[kind];
    const length = kind === 'small' || kind === 'large' ? { 'content-length': text.length } : {};
    const request = http.request(url, { ...options, headers: { ...options.headers, ...length } });
    request.on('error', reject).on('response', (response) => {
      let received = '';
      response.setEncoding('latin1').on('data', (chunk) => (received += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text: received, headers: response.headers }));
      response.on('error', reject);
    });
    if (kind === 'streamed') pieces(text).pipe(request);
    else request.end(text === '' ? undefined : text);
  });
}

/** Each makes a client: `send(url, { method, kind, headers })`, `close()`. */
export const clients = {
  fetch(options) {
    const fetch = createFetch(options);
    return {
      async send(url, { method, kind, headers }) {
        const body =
          kind === 'none' ? undefined : kind === 'streamed' ? Readable.toWeb(pieces(TEXT[kind])) : TEXT[kind];
        const init = { method, body, headers, redirect: 'manual' };
        const response = await fetch(url, kind === 'streamed' ? { ...init, duplex: 'half' } : init);
        return {
          status: response.status,
          text: await response.text(),
          headers: { 'set-cookie': response.headers.getSetCookie() },
        };
      },
      close() {},
    };
  },
  dispatcher(options) {
    const dispatcher = new NtlmDispatcher(options);
    return {
      async send(url, { method, kind, headers }) {
        const { origin, pathname } = new URL(url);
        const body = kind === 'none' ? null : kind === 'streamed' ? pieces(TEXT[kind]) : TEXT[kind];
        const response = await dispatcher.request({ origin, path: pathname, method, body, headers });
        return { status: response.statusCode, text: await response.body.text(), headers: response.headers };
      },
      close: () => dispatcher.destroy(),
    };
  },
  agent(options) {
    const agent = new NtlmAgent(options);
    return {
      send: (url, { method, kind, headers }) => byHttp(url, { agent, method, headers }, kind),
      close: () => agent.destroy(),
    };
  },
  async 'local proxy'(options) {
    const proxy = await startProxy({ ...options, secret: false });
    const agent = new http.Agent({ keepAlive: true });
    return {
      send: (url, { method, kind, headers }) =>
        byHttp(proxy.url, { agent, method, path: url, headers: { host: new URL(url).host, ...headers } }, kind),
      async close() {
        agent.destroy();
        await proxy.close({ grace: 0 });
      },
    };
  },
};
