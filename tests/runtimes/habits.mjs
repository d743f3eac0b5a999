// Prints, as JSON, how requests end with the runtime's own agent and with NtlmAgent.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { NtlmAgent, startServer } from 'ntlm-wasm/node';

const server = http.createServer((request, response) => {
  if (request.url === '/reset') return request.socket.destroy();
  if (request.url === '/silent') return;
  if (request.url === '/begins') return void response.write('begins');
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => {
    const { 'x-list': list, cookie, accept } = request.headers;
    response.end(JSON.stringify({ method: request.method, bytes, list, cookie, accept }));
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const to = { host: '127.0.0.1', port: server.address().port };
const unused = net.createServer().listen(0, '127.0.0.1');
await once(unused, 'listening');
const nowhere = unused.address().port;
await new Promise((resolve) => unused.close(resolve));
const secure = await startServer({ role: 'none', tls: true });

/** The outcome of a request: its events, the errors by code, and the response's text. */
function outcome(request) {
  const seen = [];
  for (const name of ['abort', 'timeout']) request.on(name, () => seen.push(name));
  request.on('error', ({ code }) => seen.push(`error ${code}`));
  request.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    response.on('end', () => seen.push(`${response.statusCode} ${text}`));
    response.on('error', ({ code }) => seen.push(`response error ${code}`));
  });
  return new Promise((resolve) => {
    request.on('close', () => resolve(seen));
    setTimeout(() => (seen.push('still open'), request.destroy(), resolve(seen)), 1500).unref?.();
  });
}

const scenarios = {
  get: (agent) => outcome(http.get({ ...to, agent })),
  'array-valued fields': (agent) =>
    outcome(
      http.get({ ...to, agent, headers: { 'x-list': ['a', 'b'], cookie: ['x=1', 'y=2'], accept: 'text/plain' } }),
    ),
  'setHeader with an array': (agent) => {
    const request = http.request({ ...to, agent });
    request.setHeader('x-list', ['a', 'b']);
    request.end();
    return outcome(request);
  },
  'a flat list of fields': (agent) =>
    outcome(http.get({ ...to, agent, headers: ['x-list', 'a', 'accept', 'text/html'] })),
  post: (agent) => {
    const request = http.request({ ...to, agent, method: 'POST', headers: { 'content-length': 5 } });
    request.end('hello');
    return outcome(request);
  },
  'a streamed body': (agent) => {
    const request = http.request({ ...to, agent, method: 'POST' });
    request.write('hello');
    setTimeout(() => request.end(' world'), 20);
    return outcome(request);
  },
  'abort() at once': (agent) => {
    const request = http.get({ ...to, agent });
    request.abort();
    return outcome(request);
  },
  'destroy() at once': (agent) => {
    const request = http.get({ ...to, agent });
    request.destroy();
    return outcome(request);
  },
  'destroy() with an error': (agent) => {
    const request = http.get({ ...to, agent });
    request.destroy(Object.assign(new Error('mine'), { code: 'E_MINE' }));
    return outcome(request);
  },
  'an aborted signal': (agent) => outcome(http.get({ ...to, agent, signal: AbortSignal.abort() })),
  'a signal during the response': (agent) => {
    const controller = new AbortController();
    const request = http.get({ ...to, path: '/begins', agent, signal: controller.signal });
    request.on('response', () => controller.abort());
    return outcome(request);
  },
  'destroy() during the response': (agent) => {
    const request = http.get({ ...to, path: '/begins', agent });
    request.on('response', () => request.destroy());
    return outcome(request);
  },
  'the server closes': (agent) => outcome(http.get({ ...to, path: '/reset', agent })),
  'no one listens': (agent) => outcome(http.get({ host: '127.0.0.1', port: nowhere, agent })),
  'an unknown name': (agent) => outcome(http.get({ host: 'no-such-name.invalid', agent })),
  'the timeout option': (agent) => {
    const request = http.get({ ...to, path: '/silent', timeout: 100, agent });
    request.on('timeout', () => request.destroy());
    return outcome(request);
  },
  'setTimeout()': (agent) => {
    const request = http.get({ ...to, path: '/silent', agent });
    request.setTimeout(100, () => request.destroy());
    return outcome(request);
  },
  'an untrusted certificate': (agent) => outcome(https.get({ host: '127.0.0.1', port: secure.port, agent })),
};
const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  const own = name === 'an untrusted certificate' ? new https.Agent() : new http.Agent({ keepAlive: true });
  const ours = new NtlmAgent({ proxy: 'direct' });
  results[name] = { own: await scenario(own), ours: await scenario(ours) };
  own.destroy();
  ours.destroy();
}
console.log(JSON.stringify(results));
process.exit();
