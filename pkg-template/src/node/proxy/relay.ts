import { once } from 'node:events';
import type { Connection } from '../connection/index.js';
import type { Connector, Plan } from '../connector.js';
import { listOf } from '../http1/fields.js';
import type { Exchange } from '../http1/serve-connection.js';
import type { Pool } from '../dispatcher/pool.js';
import type { CallerConnection } from './callers.js';
import { absoluteTarget } from './upstream-request.js';
import { isUpgrade, requestText } from './upstream-request.js';
import { type Outcome, UpstreamResponse } from './upstream-response.js';

/** A kept connection that died may have been replaced by one that was as old. */
const MOST_ATTEMPTS = 5;

/** Sends one request on its way over a connection that is signed on, and its answer back. Returns the status. */
export async function relay(
  exchange: Exchange,
  connector: Connector,
  pool: Pool,
  caller: CallerConnection,
): Promise<number> {
  const { head, body, signal } = exchange;
  const { url, path } = absoluteTarget(head.target);
  const planned = connector.plan({ url, method: head.method, path, upgrade: isUpgrade(head) });
  const plan = planned instanceof Promise ? await planned : planned;
  const key = caller.poolKey(plan.key, head);
  for (let attempt = 1; ; attempt += 1) {
    // What lies idle beside a dead connection is as old as that one.
    if (attempt > 1) pool.dropIdle(key);
    const connection = pool.takeIdle(key) ?? (await pool.take(key, () => connector.open(plan, signal)));
    const wasUsed = connection.requests > 0;
    try {
      return await attemptOn(connection, exchange, plan, pool);
    } catch (error) {
      connection.socket.destroy();
      const unread = body.absent || body.bytes === 0;
      const unharmed =
        (connection.unprocessed && attempt === 1) ||
        (wasUsed && !connection.responseStarted && body.absent && isSafe(head.method));
      if (attempt > MOST_ATTEMPTS || !unread || !unharmed || exchange.response.headSent || signal.aborted) throw error;
    }
  }
}

/** Repeating these does nothing that the first time did not (RFC 9110, section 9.2.1). */
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

async function attemptOn(connection: Connection, exchange: Exchange, plan: Plan, pool: Pool): Promise<number> {
  const { socket } = connection;
  const abort = (): void => void socket.destroy();
  exchange.signal.addEventListener('abort', abort, { once: true });
  const answer = new UpstreamResponse(connection, exchange);
  try {
    connection.beginRequest(plan.origin);
    socket.write(requestText(exchange.head, plan), 'latin1');
    const sent = sendBody(connection, exchange);
    // It fails together with the answer, which is where the error is dealt with.
    sent.catch(() => {});
    const outcome = await answer.pass();
    if (outcome.upgraded) pool.giveAway(connection);
    else await settle(connection, outcome, exchange, sent, pool);
    return outcome.status;
  } finally {
    exchange.signal.removeEventListener('abort', abort);
  }
}

/** After a whole answer the connection is kept, unless the server will not have that or did not wait for the body. */
async function settle(
  connection: Connection,
  outcome: Outcome,
  exchange: Exchange,
  sent: Promise<void>,
  pool: Pool,
): Promise<void> {
  if (!outcome.stays || !exchange.body.finished) {
    connection.socket.destroy();
    return;
  }
  await sent;
  connection.socket.resume();
  pool.putBack(connection);
}

async function sendBody({ socket }: Connection, { head, body, readBody }: Exchange): Promise<void> {
  if (body.absent) return;
  const chunked = listOf(head.fields, 'transfer-encoding').includes('chunked');
  for await (const piece of readBody()) {
    if (socket.destroyed) return;
    if (chunked) socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
    let flowing = socket.write(piece);
    if (chunked) flowing = socket.write('\r\n', 'latin1');
    if (!flowing) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  if (chunked && !socket.destroyed) socket.write('0\r\n\r\n', 'latin1');
}
