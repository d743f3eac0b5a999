import { Client, Dispatcher, errors } from './dispatcher/undici.js';
import { NtlmError } from '../errors.js';
import type { Connection } from './connection/connection.js';
import { type ConnectionOptions, LONGEST_TIMEOUT } from './connection-options.js';
import { Connector, type Plan } from './connector.js';
import { Run, type RunHost } from './dispatcher/run.js';
import { withHost } from './dispatcher/request-options.js';
import { originUrl } from './origin-url.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from './pool.js';

export interface DispatcherOptions extends ConnectionOptions {
  /** As in undici: milliseconds to wait for the head of a response, and between two parts of its body. */
  readonly headersTimeout?: number | undefined;
  readonly bodyTimeout?: number | undefined;
  readonly maxHeaderSize?: number | undefined;
  readonly maxResponseSize?: number | undefined;
}

/**
 * For undici and for the built-in fetch: `fetch(url, { dispatcher })`. Each connection has an undici client of its own,
 * which is handed the socket after the sign-on and never opens another.
 */
export class NtlmDispatcher extends Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #connector: Connector;
  readonly #pool: Pool;
  readonly #clients = new WeakMap<Connection, Client>();
  readonly #runs = new Set<Run>();
  readonly #host: RunHost;
  #closed: (() => void)[] | undefined;
  #destroyed = false;

  constructor(options: DispatcherOptions = {}) {
    super();
    this.#connector = new Connector(options);
    this.#options = options;
    this.#pool = new Pool({
      maxSockets: options.maxSockets ?? Infinity,
      keepAliveTimeout: options.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT,
    });
    this.#host = {
      plan: (request) => this.#plan(request),
      takeIdle: (plan) => this.#pool.takeIdle(plan.key),
      take: (plan, signal, fresh) => this.#take(plan, signal, fresh),
      clientOf: (connection) => this.#clientOf(connection),
      putBack: (connection) => this.#pool.putBack(connection),
      giveAway: (connection) => this.#pool.giveAway(connection),
      finished: (run) => this.#finished(run),
    };
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler === null || typeof handler !== 'object')
      throw new errors.InvalidArgumentError('handler must be an object');
    if (this.#destroyed) throw new errors.ClientDestroyedError();
    if (this.#closed !== undefined) throw new errors.ClientClosedError();
    const { host } = originUrl(String(options.origin ?? ''));
    const run = new Run(this.#host, { ...options, headers: withHost(options.headers, host) }, handler);
    this.#runs.add(run);
    run.start();
    return true;
  }

  /** Waits for the requests under way, then closes every connection. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const closed = new Promise<void>((resolve) => {
      (this.#closed ??= []).push(resolve);
      this.#endIfIdle();
    });
    if (callback === undefined) return closed;
    void closed.then(callback);
  }

  /** Ends the requests under way, and closes every connection. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === 'function' ? first : second;
    const error = (typeof first === 'function' ? undefined : first) ?? new errors.ClientDestroyedError();
    this.#destroyed = true;
    for (const run of this.#runs) run.cancel(error);
    const done = this.#pool.destroy(error).then(() => {
      for (const resolve of this.#closed?.splice(0) ?? []) resolve();
    });
    if (callback === undefined) return done;
    void done.then(callback);
  }

  /** Open connections. */
  get size(): number {
    return this.#pool.size;
  }

  #plan(request: Dispatcher.DispatchOptions): Plan | Promise<Plan> {
    const { origin, path, method, upgrade } = request;
    checkRequestLine(method, path);
    const url = originUrl(String(origin));
    return this.#connector.plan({ url, method, path, upgrade: Boolean(upgrade) });
  }

  #take(plan: Plan, signal: AbortSignal, fresh: boolean): Promise<Connection> {
    if (fresh) this.#pool.dropIdle(plan.key);
    return this.#pool.take(plan.key, () => this.#connector.open(plan, signal));
  }

  #clientOf(connection: Connection): Client {
    let client = this.#clients.get(connection);
    if (client === undefined) {
      const { headersTimeout, bodyTimeout, maxHeaderSize, maxResponseSize, keepAliveTimeout } = this.#options;
      client = new Client(`http://connection-${connection.id}.invalid`, {
        pipelining: 1,
        keepAliveTimeout: Math.min(keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT, LONGEST_TIMEOUT),
        headersTimeout,
        bodyTimeout,
        maxHeaderSize,
        maxResponseSize,
        // Not before connect has returned: until then the client does not listen.
        connect: (_options, callback) =>
          queueMicrotask(() => {
            if (connection.usable) callback(null, connection.socket);
            else callback(closedBeforeUse(connection), null);
          }),
      } as Client.Options);
      this.#clients.set(connection, client);
    }
    return client;
  }

  #finished(run: Run): void {
    this.#runs.delete(run);
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#closed === undefined || this.#runs.size > 0) return;
    void this.destroy();
  }
}

/** As undici checks it, but before a leg of ours has gone out with it: a line break in there would make two requests of one. */
function checkRequestLine(method: string, path: string): void {
  if (typeof method !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
    throw new errors.InvalidArgumentError('invalid request method');
  }
  if (typeof path !== 'string' || !/^(?:\*$|\/|https?:\/\/)/.test(path) || /[^\u0021-\u00ff]/.test(path)) {
    throw new errors.InvalidArgumentError('invalid request path');
  }
}

/** Never undici's SocketError: after one of those the client would connect again, and for ever. */
function closedBeforeUse({ socket }: Connection): Error {
  const { errored } = socket;
  if (errored instanceof NtlmError) return errored;
  return Object.assign(new Error('the connection is closed', { cause: errored }), { code: 'ECONNRESET' });
}
