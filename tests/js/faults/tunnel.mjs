import { createServer } from 'node:https';
import { connect } from 'node:net';
import { selfSignedCertificate } from '../internals.mjs';
import { PAGE } from './fault-proxy.mjs';

/** From here on the connection is a tunnel to that port. */
export function joinTunnel(connection, port) {
  const client = connection.release();
  const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  target.on('error', () => client.destroy());
  client.on('error', () => target.destroy());
  client.on('close', () => target.destroy());
  client.pipe(target).pipe(client);
}

/** An https: server that answers everything with the page. */
export async function startOrigin(t) {
  const { cert, key } = selfSignedCertificate();
  const server = createServer({ cert, key }, (_request, response) => response.end(PAGE));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address();
  return { port, url: `https://localhost:${port}/`, certificate: cert };
}
