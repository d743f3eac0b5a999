import { connect, createServer } from 'node:net';
import { once } from 'node:events';

const SUCCESS = 'HTTP/1.1 200';

/**
 * Passes bytes on to a proxy and back, and ends connections that have carried two answers: at once, or a little later, when
 * the next request may already be under way. It never cuts an answer in two, nor a handshake: whatever it does, a safe
 * request can be answered. Answers must end with `end` and fit into one piece.
 */
export async function startDyingRelay(t, port, { chance, end, random = Math.random }) {
  const counters = { connections: 0, killed: 0, open: 0, mostOpen: 0 };
  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    let whole = true;
    let answers = 0;
    let doomed = false;
    counters.connections += 1;
    counters.open += 1;
    counters.mostOpen = Math.max(counters.mostOpen, counters.open);
    const kill = () => {
      if (!whole || client.destroyed) return;
      counters.killed += 1;
      if (random() < 0.5) client.destroy();
      else client.resetAndDestroy();
      upstream.destroy();
    };
    client.setNoDelay(true);
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      client.write(chunk);
      whole = chunk.toString('latin1', chunk.length - end.length) === end;
      if (chunk.toString('latin1', 0, SUCCESS.length) === SUCCESS) answers += 1;
      // A reset takes with it what was sent and not read yet: the first answer must not be lost with a new connection.
      if (!whole || answers < 2 || doomed || random() >= chance) return;
      doomed = true;
      if (random() < 0.3) kill();
      else setTimeout(kill, random() * 4);
    });
    client.on('close', () => {
      counters.open -= 1;
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
    for (const socket of [client, upstream]) socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: server.address().port, counters, close: () => server.close() };
}
