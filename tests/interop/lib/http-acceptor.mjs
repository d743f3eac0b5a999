// An HTTP server that asks every connection for NTLM, judged by NtlmServer, and keeps the messages.
// As an origin (401) or as a proxy (407) that answers absolute-form requests itself.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { acceptorOptions } from './acceptor.mjs';
import { NtlmServer } from 'ntlm-wasm';

export async function startHttpAcceptor({ isProxy = false, scheme = 'NTLM', options = {} } = {}) {
  const [status, ask, answer] = isProxy
    ? [407, 'Proxy-Authenticate', 'proxy-authorization']
    : [401, 'WWW-Authenticate', 'authorization'];
  const handshakes = [];
  const connections = new WeakMap();
  const all = acceptorOptions(options);

  const refuse = (response, token) => {
    response.writeHead(status, { [ask]: token ? `${scheme} ${token}` : scheme, 'Content-Type': 'text/plain' });
    response.end('sign on first\n');
  };

  async function authenticate(state, token) {
    if (!state.pending) {
      const server = new NtlmServer(all);
      state.pending = { server, negotiate: Buffer.from(token, 'base64'), options: all };
      state.pending.challenge = server.challenge(token);
      return state.pending.challenge;
    }
    const { server, ...handshake } = state.pending;
    state.pending = undefined;
    handshake.authenticate = Buffer.from(token, 'base64');
    handshakes.push(handshake);
    try {
      state.identity = handshake.identity = await server.authenticate(token);
    } catch (error) {
      handshake.error = error;
    }
    return undefined;
  }

  async function serve(request, response) {
    const { socket } = request;
    if (!connections.has(socket)) connections.set(socket, {});
    const state = connections.get(socket);
    const [, token] = (request.headers[answer] ?? '').split(' ');
    if (token && !state.identity) {
      const challenge = await authenticate(state, token);
      if (challenge) return refuse(response, challenge);
    }
    if (!state.identity) return refuse(response);
    const { domain, username, token: last } = state.identity;
    response.writeHead(200, {
      'Content-Type': 'text/plain; charset=utf-8',
      ...(token && last ? { [ask]: `${scheme} ${last}` } : {}),
    });
    response.end(`signed on as ${domain}\\${username}\n`);
  }

  const server = createServer((request, response) => {
    request.resume();
    serve(request, response).catch((error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    handshakes,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
