import type { Connection } from '../connection/index.js';
import { LONGEST_TIMEOUT } from '../options.js';
import { isWatched, report } from '../diagnostics.js';
import { routeName } from '../routes/route.js';

export interface PoolOptions {
  readonly maxSockets: number;
  readonly keepAliveTimeout: number;
}

/** Milliseconds for which an unused connection is kept, when nobody says otherwise. */
export const KEEP_ALIVE_TIMEOUT = 30_000;

interface Waiting {
  readonly open: () => Promise<Connection>;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
}

/** All connections of one key: same route, same credentials, and the same origin where that makes a difference. */
interface Shelf {
  /** The one used last is used first, so that the others may grow old and go; each until so many milliseconds of uptime. */
  readonly idle: { readonly connection: Connection; readonly until: number }[];
  readonly waiting: Waiting[];
  /** Open, opening and in use. */
  count: number;
}

/**
 * Keeps connections between requests. Whoever takes one has it alone until it is put back: NTLM signs on a
 * connection, so nothing is ever shared.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #shelves = new Map<string, Shelf>();
  readonly #keys = new Map<Connection, string>();
  /** One timer for all that lie idle: one for each would be made and thrown away with every request. */
  #sweep: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #destroyed: Error | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** An idle connection of that key, if there is one. */
  takeIdle(key: string): Connection | undefined {
    const shelf = this.#shelves.get(key);
    for (let entry = shelf?.idle.pop(); entry !== undefined; entry = shelf?.idle.pop()) {
      const { connection } = entry;
      if (!connection.usable) {
        connection.socket.destroy();
        continue;
      }
      connection.socket.ref();
      if (isWatched('reused')) report('reused', described(connection));
      return connection;
    }
    return undefined;
  }

  /** An idle connection, a new one if there may be more, or the next that comes free. */
  async take(key: string, open: () => Promise<Connection>): Promise<Connection> {
    if (this.#destroyed !== undefined) throw this.#destroyed;
    const idle = this.takeIdle(key);
    if (idle !== undefined) return idle;
    const shelf = this.#shelf(key);
    if (shelf.count < this.#options.maxSockets) return this.#open(key, shelf, open);
    return new Promise((resolve, reject) => shelf.waiting.push({ open, resolve, reject }));
  }

  /** The caller is done with the connection. `idleTimeout` is what the peer has said about its own patience. */
  putBack(connection: Connection, idleTimeout = Infinity): void {
    const key = this.#keys.get(connection);
    if (key === undefined) return;
    connection.endRequest();
    const patience = Math.min(this.#options.keepAliveTimeout, idleTimeout, LONGEST_TIMEOUT);
    if (!connection.reusable || this.#destroyed !== undefined || patience <= 0) {
      connection.socket.destroy();
      return;
    }
    const shelf = this.#shelf(key);
    const next = shelf.waiting.shift();
    if (next !== undefined) {
      next.resolve(connection);
      return;
    }
    connection.socket.unref();
    const until = performance.now() + patience;
    shelf.idle.push({ connection, until });
    if (this.#sweep === undefined || until < this.#sweep.at) this.#sweepAt(until);
  }

  /** The connection is no longer an HTTP connection of ours (an upgrade): whoever has it looks after it. */
  giveAway(connection: Connection): void {
    this.#forget(connection);
  }

  /** Closes what is idle under this key: one of them was found dead, and the others are as old. */
  dropIdle(key: string): void {
    for (const { connection } of this.#shelves.get(key)?.idle ?? []) connection.socket.destroy();
  }

  /** The same for every key that ends like this. */
  dropIdleOf(ending: string): void {
    for (const key of this.#shelves.keys()) if (key.endsWith(ending)) this.dropIdle(key);
  }

  /** Closes what is open, and is ready for more. */
  async closeAll(): Promise<void> {
    const sockets = [...this.#keys.keys()].map(({ socket }) => socket);
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())));
  }

  /** Closes everything, now and whatever is still being opened; settles when the sockets are closed. */
  async destroy(error: Error): Promise<void> {
    this.#destroyed = error;
    for (const shelf of this.#shelves.values()) {
      for (const waiting of shelf.waiting.splice(0)) waiting.reject(error);
    }
    await this.closeAll();
  }

  /** Open connections, for tests and for curious people. */
  get size(): number {
    return this.#keys.size;
  }

  async #open(key: string, shelf: Shelf, open: () => Promise<Connection>): Promise<Connection> {
    shelf.count += 1;
    let connection: Connection;
    try {
      connection = await open();
      if (this.#destroyed !== undefined) {
        connection.socket.destroy();
        throw this.#destroyed;
      }
    } catch (error) {
      this.#release(key, shelf);
      throw error;
    }
    this.#keys.set(connection, key);
    connection.socket.once('close', () => {
      report('closed', described(connection));
      this.#forget(connection);
    });
    return connection;
  }

  #forget(connection: Connection): void {
    const key = this.#keys.get(connection);
    if (key === undefined) return;
    this.#keys.delete(connection);
    const shelf = this.#shelf(key);
    const at = shelf.idle.findIndex((entry) => entry.connection === connection);
    if (at !== -1) shelf.idle.splice(at, 1);
    this.#release(key, shelf);
  }

  /** There is room for one more: for somebody who waits, or for nobody, and then the shelf goes. */
  #release(key: string, shelf: Shelf): void {
    shelf.count -= 1;
    const next = shelf.waiting.shift();
    if (next !== undefined) this.#open(key, shelf, next.open).then(next.resolve, next.reject);
    else if (shelf.count === 0) this.#shelves.delete(key);
  }

  #sweepAt(at: number): void {
    clearTimeout(this.#sweep?.timer);
    // Timers count whole milliseconds, and may be a part of one early.
    const wait = Math.min(Math.max(Math.ceil(at - performance.now()), 1), LONGEST_TIMEOUT);
    this.#sweep = { at, timer: setTimeout(() => this.#closeExpired(), wait).unref() };
  }

  #closeExpired(): void {
    this.#sweep = undefined;
    const now = performance.now();
    const entries = [...this.#shelves.values()].flatMap(({ idle }) => idle);
    let next = Infinity;
    for (const { connection, until } of entries) {
      if (until <= now) connection.socket.destroy();
      else next = Math.min(next, until);
    }
    if (next < Infinity) this.#sweepAt(next);
  }

  #shelf(key: string): Shelf {
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) this.#shelves.set(key, (shelf = { idle: [], waiting: [], count: 0 }));
    return shelf;
  }
}

function described({ id, route, requests }: Connection): { connection: number; route: string; requests: number } {
  return { connection: id, route: routeName(route), requests };
}
