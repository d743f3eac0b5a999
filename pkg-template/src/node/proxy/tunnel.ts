import type { Connector } from '../connector.js';
import { joinSockets } from '../http1/serving.js';
import type { Exchange } from '../http1/serve-connection.js';
import { tunnelTarget } from './upstream-request.js';

/** Answers a CONNECT: opens the way to the target, then passes bytes on without looking at them. */
export async function connectTunnel(exchange: Exchange, connector: Connector): Promise<number> {
  const url = tunnelTarget(exchange.head.target);
  const plan = await connector.plan({ url, method: 'CONNECT', path: '/', upgrade: false, raw: true });
  const connection = await connector.open(plan, exchange.signal);
  const upstream = connection.detach();
  const socket = exchange.takeOver();
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  void joinSockets(socket, upstream);
  return 200;
}
