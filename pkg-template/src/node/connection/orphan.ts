import type { Socket } from 'node:net';
import { type AuthSession, judgeAll } from '../auth/session.js';
import { endOfHead, LONGEST_HEAD, parseResponseHead, statusOf } from '../http1/response.js';

/** Milliseconds to wait for the verdict about a proof after the client has given up. */
export const ORPHAN_PATIENCE = 10_000;

/** The events that clients listen to. The socket has internal listeners for other events. */
const CLIENT_EVENTS = ['close', 'error', 'data', 'end', 'drain', 'timeout', 'readable', 'free', 'agentRemove'];

/**
 * A connection whose client has given up while a proof was pending. The client sees the socket close immediately. The
 * connection stays open until the verdict, which counts for all other requests with the same credentials.
 */
export class Orphan {
  readonly #sessions: readonly AuthSession[];
  readonly #destroy: () => void;
  readonly #timer: NodeJS.Timeout;
  #received: Buffer | undefined;
  #over = false;

  /** @param destroy closes the socket for good. */
  constructor(socket: Socket, sessions: readonly AuthSession[], destroy: () => void, error: Error | undefined) {
    this.#sessions = sessions;
    this.#destroy = destroy;
    for (const session of sessions) session.orphan();
    this.#timer = setTimeout(() => this.#end('us'), ORPHAN_PATIENCE).unref();
    socket.unref();
    process.nextTick(() => {
      if (error !== undefined) socket.emit('error', error);
      socket.emit('close', error !== undefined);
      for (const event of CLIENT_EVENTS) socket.removeAllListeners(event);
      socket.on('error', () => {});
      socket.once('close', () => this.#end('us'));
      socket.resume();
    });
  }

  /** Bytes from the peer; null when it has closed the connection. */
  take(chunk: Buffer | null): boolean {
    if (this.#over) return false;
    if (chunk === null) return this.#end('peer');
    let bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    let end = endOfHead(bytes);
    for (let status = statusOf(bytes); end !== -1 && Number(status) < 200; status = statusOf(bytes)) {
      bytes = bytes.subarray(end);
      end = endOfHead(bytes);
    }
    this.#received = bytes;
    if (end === -1 && statusOf(bytes) !== 'none' && bytes.length <= LONGEST_HEAD) return true;
    this.#over = true;
    const text = bytes.toString('latin1', 0, Math.max(end, 0)).trimEnd();
    const judged = async (): Promise<unknown> => judgeAll(this.#sessions, parseResponseHead(text), true);
    judged().then(
      () => this.#end('us'),
      () => this.#end('us'),
    );
    return false;
  }

  #end(by: 'peer' | 'us'): false {
    clearTimeout(this.#timer);
    this.#over = true;
    for (const session of this.#sessions) session.close(by);
    this.#destroy();
    return false;
  }
}
