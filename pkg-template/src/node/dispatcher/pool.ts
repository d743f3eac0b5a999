import type { Connection } from '../connection/index.js';
import { LONGEST_TIMEOUT } from '../options.js';
import { isWatched, report } from '../diagnostics.js';
import { routeName } from '../routes/route.js';

export interface PoolOptions {
  readonly maxSockets: number;
  readonly keepAliveTimeout: number;
}

/** Default milliseconds for which an idle connection is kept. */
export const KEEP_ALIVE_TIMEOUT = 30_000;

interface Waiting {
  readonly open: () => Promise<Connection>;
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
}

/** All connections with one key: same route, same credentials and, where it matters, same origin. */
interface Bucket {
  /** Idle connections. The last one used is taken first, so that surplus ones expire. `until` is milliseconds of uptime. */
  readonly idle: { readonly connection: Connection; readonly until: number }[];
  readonly waiting: Waiting[];
  /** The number of connections: opening, in use and idle. */
  count: number;
}

/**
 * Keeps connections between requests. A connection has one user at a time, because NTLM authenticates connections.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #buckets = new Map<string, Bucket>();
  readonly #keys = new Map<Connection, string>();
  /** One timer for all idle connections, because a timer per connection would be created for every request. */
  #sweep: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #destroyed: Error | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Takes an idle connection with the key, if there is one. */
  acquireIdle(key: string): Connection | undefined {
    const bucket = this.#buckets.get(key);
    for (let entry = bucket?.idle.pop(); entry !== undefined; entry = bucket?.idle.pop()) {
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

  /** Takes an idle connection, opens a new one below the limit, or waits for the next free one. */
  async acquire(key: string, open: () => Promise<Connection>): Promise<Connection> {
    if (this.#destroyed !== undefined) throw this.#destroyed;
    const idle = this.acquireIdle(key);
    if (idle !== undefined) return idle;
    const bucket = this.#bucket(key);
    if (bucket.count < this.#options.maxSockets) return this.#open(key, bucket, open);
    return new Promise((resolve, reject) => bucket.waiting.push({ open, resolve, reject }));
  }

  /** Returns a connection to the pool. `idleTimeout` is the keep-alive time announced by the peer, in milliseconds. */
  release(connection: Connection, idleTimeout = Infinity): void {
    const key = this.#keys.get(connection);
    if (key === undefined) return;
    connection.endRequest();
    const patience = Math.min(this.#options.keepAliveTimeout, idleTimeout, LONGEST_TIMEOUT);
    if (!connection.reusable || this.#destroyed !== undefined || patience <= 0) {
      connection.socket.destroy();
      return;
    }
    const bucket = this.#bucket(key);
    const next = bucket.waiting.shift();
    if (next !== undefined) {
      next.resolve(connection);
      return;
    }
    connection.socket.unref();
    const until = performance.now() + patience;
    bucket.idle.push({ connection, until });
    if (this.#sweep === undefined || until < this.#sweep.at) this.#sweepAt(until);
  }

  /** Removes a connection from the pool after an upgrade. Its new owner closes it. */
  remove(connection: Connection): void {
    this.#forget(connection);
  }

  /** Closes the idle connections with this key after one of them was found closed, because the others are as stale. */
  dropIdle(key: string): void {
    for (const { connection } of this.#buckets.get(key)?.idle ?? []) connection.socket.destroy();
  }

  /** Closes the idle connections of all keys with this suffix. */
  dropIdleOf(ending: string): void {
    for (const key of this.#buckets.keys()) if (key.endsWith(ending)) this.dropIdle(key);
  }

  /** Closes all connections. The pool remains usable. */
  async closeAll(): Promise<void> {
    const sockets = [...this.#keys.keys()].map(({ socket }) => socket);
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())));
  }

  /** Closes everything, including connections that are being opened. Resolves when the sockets are closed. */
  async destroy(error: Error): Promise<void> {
    this.#destroyed = error;
    for (const bucket of this.#buckets.values()) {
      for (const waiting of bucket.waiting.splice(0)) waiting.reject(error);
    }
    await this.closeAll();
  }

  /** The number of open connections. */
  get size(): number {
    return this.#keys.size;
  }

  async #open(key: string, bucket: Bucket, open: () => Promise<Connection>): Promise<Connection> {
    bucket.count += 1;
    let connection: Connection;
    try {
      connection = await open();
      if (this.#destroyed !== undefined) {
        connection.socket.destroy();
        throw this.#destroyed;
      }
    } catch (error) {
      this.#freeSlot(key, bucket);
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
    const bucket = this.#bucket(key);
    const at = bucket.idle.findIndex((entry) => entry.connection === connection);
    if (at !== -1) bucket.idle.splice(at, 1);
    this.#freeSlot(key, bucket);
  }

  /** Frees one slot: the next waiting request gets it. Without any, an empty entry is removed. */
  #freeSlot(key: string, bucket: Bucket): void {
    bucket.count -= 1;
    const next = bucket.waiting.shift();
    if (next !== undefined) this.#open(key, bucket, next.open).then(next.resolve, next.reject);
    else if (bucket.count === 0) this.#buckets.delete(key);
  }

  #sweepAt(at: number): void {
    clearTimeout(this.#sweep?.timer);
    // Timers count whole milliseconds and may fire a fraction of one early.
    const wait = Math.min(Math.max(Math.ceil(at - performance.now()), 1), LONGEST_TIMEOUT);
    this.#sweep = { at, timer: setTimeout(() => this.#closeExpired(), wait).unref() };
  }

  #closeExpired(): void {
    this.#sweep = undefined;
    const now = performance.now();
    const entries = [...this.#buckets.values()].flatMap(({ idle }) => idle);
    let next = Infinity;
    for (const { connection, until } of entries) {
      if (until <= now) connection.socket.destroy();
      else next = Math.min(next, until);
    }
    if (next < Infinity) this.#sweepAt(next);
  }

  #bucket(key: string): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) this.#buckets.set(key, (bucket = { idle: [], waiting: [], count: 0 }));
    return bucket;
  }
}

function described({ id, route, requests }: Connection): { connection: number; route: string; requests: number } {
  return { connection: id, route: routeName(route), requests };
}
