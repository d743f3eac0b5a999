import type { DispatcherShape } from './shape.js';
import { BaseDispatcher, Client, type Dispatcher, errors } from './undici.js';
import { NtlmError } from '../../errors.js';
import type { Connection } from '../connection/index.js';
import { type ConnectionOptions, LONGEST_TIMEOUT } from '../options.js';
import type { LostRequest } from '../connection/lost-request.js';
import { Connector, type Plan } from '../connector.js';
import { Run, type RunHost } from './dispatched-request.js';
import { Runs } from './dispatched-request.js';
import { withHost } from './dispatched-request.js';
import { originUrl } from '../origin-url.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from './pool.js';

export interface DispatcherOptions extends ConnectionOptions {
  /** As in undici: milliseconds to wait for the head of a response, and between two parts of its body. */
  readonly headersTimeout?: number | undefined;
  readonly bodyTimeout?: number | undefined;
  readonly maxHeaderSize?: number | undefined;
  readonly maxResponseSize?: number | undefined;
}

/** A client, and what it says in the Host field. */
interface HostedClient {
  readonly client: Client;
  readonly host: string;
}

/**
 * For undici and for the built-in fetch: `fetch(url, { dispatcher })`. Each connection has an undici client of its own,
 * which is handed the socket after the sign-on and never opens another.
 */
export class NtlmDispatcher extends (BaseDispatcher as unknown as new () => DispatcherShape) {
  readonly #options: DispatcherOptions;
  readonly #connector: Connector;
  readonly #pool: Pool;
  readonly #clients = new WeakMap<Connection, HostedClient>();
  readonly #runs = new Runs();
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
      plan: (url, request) => this.#plan(url, request),
      takeIdle: (plan) => this.#pool.takeIdle(plan.key),
      take: (plan, signal, lost) => this.#take(plan, signal, lost),
      send: (connection, plan, request, handler) => this.#send(connection, plan, request, handler),
      putBack: (connection) => this.#pool.putBack(connection),
      giveAway: (connection) => this.#pool.giveAway(connection),
      finished: (run) => this.#finished(run),
    };
  }

  override dispatch(options: any, handler: any): boolean {
    if (handler === null || typeof handler !== 'object')
      throw new errors.InvalidArgumentError('handler must be an object');
    if (this.#destroyed) throw new errors.ClientDestroyedError();
    if (this.#closed !== undefined) throw new errors.ClientClosedError();
    const run = new Run(this.#host, originUrl(String(options.origin ?? '')), options, handler);
    this.#runs.add(run);
    run.start();
    return true;
  }

  override get closed(): boolean {
    return this.#closed !== undefined || this.#destroyed;
  }

  override get destroyed(): boolean {
    return this.#destroyed;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
    for (const run of this.#runs.all()) run.cancel(error);
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

  #plan(url: URL, { path, method, upgrade }: Dispatcher.DispatchOptions): Plan | Promise<Plan> {
    checkRequestLine(method, path);
    return this.#connector.plan({ url, method, path, upgrade: Boolean(upgrade) });
  }

  /** `lost`: what a connection of that key has left to do. The others are as old, and not used for it. */
  #take(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    if (lost !== undefined) this.#pool.dropIdle(plan.key);
    return this.#pool.take(plan.key, () => this.#connector.open(plan, signal, lost));
  }

  #send(
    connection: Connection,
    { authority }: Plan,
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const { client, host } = this.#clients.get(connection) ?? this.#clientFor(connection, authority);
    // A proxy takes requests to any host on its connections; only those to another than the client's have to say so.
    const named = host === authority ? request : { ...request, headers: withHost(request.headers, authority) };
    client.dispatch(named, handler);
  }

  #clientFor(connection: Connection, authority: string): HostedClient {
    const { headersTimeout, bodyTimeout, maxHeaderSize, maxResponseSize, keepAliveTimeout } = this.#options;
    // What it is really connected to, and whether over TLS, is not its business.
    const url = new URL(`http://${authority}`);
    const client = new Client(url, {
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
    const made = { client, host: url.host };
    this.#clients.set(connection, made);
    return made;
  }

  #finished(run: Run): void {
    this.#runs.delete(run);
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#closed === undefined || !this.#runs.isEmpty) return;
    void this.destroy();
  }
}

/** As undici checks it, but before a leg of ours has gone out with it: a line break in there would make two requests of one. */
function checkRequestLine(method: string, path: string): void {
  if (method !== 'GET' && (typeof method !== 'string' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method))) {
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
