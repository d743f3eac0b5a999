import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect as connectTls, createServer as createDevice } from 'node:tls';
import { startServer } from '../../../../pkg/dist/node/index.js';
import { selfSignedCertificate } from '../../internals.mjs';
import { credentials, demand, forMethod, page, startFaultProxy } from '../../faults/fault-proxy.mjs';
import { joinTunnel } from '../../faults/tunnel.mjs';

/** The user of a situation. */
export const ALICE = credentials();
let users = 0;

/** Another user for each situation: what one proxy rejects is not sent to the next. Names have one length, as reports count bytes. */
export function nextUser() {
  users += 1;
  ALICE.username = `alice${String(users).padStart(3, '0')}`;
}

export const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** For probes that are to run into it, and long enough for the others on a busy machine. */
export const PATIENCE = 1500;

/**
 * A proxy that is in order but for what is given: `bare`, `first` and `last` answer a request without a token, with
 * message 1 and with message 3. Each gets the request and the connection, and returns what to send, if anything.
 */
export async function proxyThat(t, { offers = 'NTLM', bare, first, last, served = page, origin } = {}) {
  const asks = () => demand(offers);
  const byType = {
    1: first ?? ((request, connection) => demand(connection.challengeFor(request))),
    3: last ?? (async (request, connection) => ((await connection.admits(request)) ? through(connection) : asks())),
  };
  const through = () => undefined;
  const proxy = await startFaultProxy(t, async (connection) => {
    for (let admitted = false; ;) {
      const request = await connection.request();
      const answer = byType[request.type] ?? (admitted ? () => undefined : (bare ?? asks));
      const text = await answer(request, connection);
      if (text === undefined && connection.socket.writableEnded) return;
      if (text !== undefined) {
        connection.send(forMethod(request, text));
        continue;
      }
      admitted = true;
      if (request.method !== 'CONNECT') {
        connection.send(forMethod(request, served(request)));
        continue;
      }
      connection.send(ESTABLISHED);
      if (origin !== undefined) return joinTunnel(connection, origin.port);
    }
  });
  return { proxy: proxy.url, credentials: { ...ALICE } };
}

/** Hears requests and never says a word. */
export const silent = () => new Promise(() => {});

/** The connection ends here. */
export const hangUp = (_request, connection) => void connection.end();

/** The server that comes with the package. */
export async function builtIn(t, options) {
  const server = await startServer({
    accounts: ({ username }) => (/^ali/.test(username) ? { password: ALICE.password } : undefined),
    ...options,
  });
  t.after(() => server.close({ grace: 0 }));
  return server;
}

/** A web server with this answer to everything. */
export async function website(t, answer = (_request, response) => response.end('hello')) {
  const server = createServer(answer);
  return listening(t, server, 'http://127.0.0.1');
}

/** The same with TLS, with a self-signed certificate for `name` that is valid for a month from `since`. */
export async function secureWebsite(t, { since, host = '127.0.0.1', name = 'localhost' } = {}) {
  const { cert, key } = selfSignedCertificate(since);
  const server = createTlsServer({ cert, key }, (_request, response) => response.end('hello'));
  return { ...(await listening(t, server, `https://${name}`, host)), certificate: cert };
}

/** TLS from here to it, and TLS again from it to the server, so that neither sees the other's certificate. */
export async function inspectingDevice(t, port) {
  const { cert, key } = selfSignedCertificate();
  const device = createDevice({ cert, key }, (inner) => {
    const outer = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await once(device.listen(0, '127.0.0.1'), 'listening');
  t.after(() => device.close());
  return { port: device.address().port, certificate: cert };
}

async function listening(t, server, origin, host = '127.0.0.1') {
  await once(server.listen(0, host), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { port, url: `${origin}:${port}/` };
}

/** A port on which no server listens. */
export async function closedPort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
