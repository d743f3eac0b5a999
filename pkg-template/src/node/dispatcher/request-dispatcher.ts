import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Client, BaseDispatcher, type Dispatcher, errors, kClose, kDestroy, kDispatch, Request } from './undici.js';
import { NtlmError } from '../../errors.js';
import type { Connection } from '../connection/index.js';
import type { LostRequest } from '../connection/lost-request.js';
import { LONGEST_TIMEOUT } from '../options.js';
import type { DispatcherOptions } from './shape.js';
import { affinityKey, Connector, type Plan } from '../connector.js';
import { copiedHeaders, Run, type RunHost, Runs, withHost } from './dispatched-request.js';
import { originUrl } from '../origin-url.js';
import type { Routes } from '../routes/route.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from './pool.js';

type InternalOptions = Dispatcher.DispatchOptions & { readonly affinity?: string };

function withAffinity(options: Dispatcher.DispatchOptions, affinity: string): InternalOptions {
  return { ...options, affinity };
}

/** A client, and what it says in the Host field. */
interface HostedClient {
  readonly client: Client;
  readonly host: string;
}

/** The dispatcher itself, as the local proxy uses it and as {@link NtlmDispatcher} shows it to undici. */
export class RequestDispatcher extends BaseDispatcher {
  // Private to TypeScript only: undici's compose() calls these methods through a Proxy, which #fields refuse.
  /** Not all options: they may hold a password, and a dispatcher may be printed. */
  private readonly limits: Client.Options;
  private readonly connector: Connector;
  private readonly pool: Pool;
  private readonly clients = new WeakMap<Connection, HostedClient>();
  private readonly runs = new Runs();
  private readonly host: RunHost;
  private onIdle: (() => void) | undefined;

  constructor(options: DispatcherOptions = {}) {
    super();
    this.connector = Connector.for(options);
    const { headersTimeout, bodyTimeout, maxHeaderSize, maxResponseSize } = options;
    const keepAliveTimeout = Math.min(options.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT, LONGEST_TIMEOUT);
    this.limits = { headersTimeout, bodyTimeout, maxHeaderSize, maxResponseSize, keepAliveTimeout } as Client.Options;
    this.pool = new Pool({
      maxSockets: options.maxSockets ?? Infinity,
      keepAliveTimeout: options.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT,
    });
    this.host = {
      plan: (url, request) => this.plan(url, request),
      takeIdle: (plan) => this.pool.takeIdle(plan.key),
      take: (plan, signal, lost) => this.take(plan, signal, lost),
      send: (connection, plan, request, handler) => this.send(connection, plan, request, handler),
      putBack: (connection) => this.pool.putBack(connection),
      giveAway: (connection) => this.pool.giveAway(connection),
      finished: (run) => this.finished(run),
    };
  }

  /** Called by `dispatch()`, after it has checked that the dispatcher is open. What it throws goes to the handler. */
  override [kDispatch](options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const url = urlOf(options.origin);
    // Nothing of the caller's is read after this call: it may use its objects again.
    const copied = { ...options, headers: copiedHeaders(options.headers) };
    checkArguments(url, copied, handler);
    this.start(url, copied, handler);
    return true;
  }

  /** `affinity` names a caller whose requests share connections with no other caller. */
  start(url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, affinity?: string): void {
    const run = new Run(this.host, url, affinity === undefined ? options : withAffinity(options, affinity), handler);
    this.runs.add(run);
    run.start();
  }

  /** Closes the idle connections of a caller that has left. */
  leave(affinity: string): void {
    this.pool.dropIdleOf(affinityKey(affinity));
  }

  /** Opens a way to that host and port, for bytes that are not looked at. */
  async openTunnel(url: URL, signal: AbortSignal): Promise<Socket> {
    const plan = await this.connector.plan({ url, method: 'CONNECT', path: '/', upgrade: false, raw: true });
    return (await this.connector.open(plan, signal)).detach();
  }

  /** Where requests to that origin go. */
  routesTo(url: URL): Routes | Promise<Routes> {
    const plan = this.connector.plan({ url, method: 'GET', path: '/', upgrade: false });
    return plan instanceof Promise ? plan.then(({ routes }) => routes) : plan.routes;
  }

  /** Waits for the requests under way. */
  override [kClose](): Promise<void> {
    return new Promise((resolve) => {
      this.onIdle = resolve;
      this.checkIdle();
    });
  }

  /** Ends the requests under way with that error, and closes every connection. */
  override async [kDestroy](error: Error): Promise<void> {
    for (const run of this.runs.all()) run.cancel(error);
    await this.pool.destroy(error);
    this.onIdle?.();
  }

  /** Open connections. */
  get size(): number {
    return this.pool.size;
  }

  private plan(url: URL, { path, method, upgrade, affinity }: InternalOptions): Plan | Promise<Plan> {
    return this.connector.plan({ url, method, path, upgrade: Boolean(upgrade), affinity });
  }

  /** `lost`: what a connection of that key has left to do. The others are as old, and not used for it. */
  private take(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    if (lost !== undefined) this.pool.dropIdle(plan.key);
    return this.pool.take(plan.key, () => this.connector.open(plan, signal, lost));
  }

  private send(
    connection: Connection,
    { authority }: Plan,
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const { client, host } = this.clients.get(connection) ?? this.clientFor(connection, authority);
    // A proxy takes requests to any host on its connections; only those to another than the client's have to say so.
    const named = host === authority ? request : { ...request, headers: withHost(request.headers, authority) };
    client.dispatch(named, handler);
  }

  private clientFor(connection: Connection, authority: string): HostedClient {
    // What it is really connected to, and whether over TLS, is not its business.
    const url = new URL(`http://${authority}`);
    const client = new Client(url, {
      pipelining: 1,
      ...this.limits,
      // Not before connect has returned: until then the client does not listen.
      connect: (_options, callback) =>
        queueMicrotask(() => {
          if (connection.usable) callback(null, connection.socket);
          else callback(closedBeforeUse(connection), null);
        }),
    } as Client.Options);
    const made = { client, host: url.host };
    this.clients.set(connection, made);
    return made;
  }

  private finished(run: Run): void {
    this.runs.delete(run);
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.runs.isEmpty) this.onIdle?.();
  }
}

/** As undici's own Agent checks and reads it. */
function urlOf(origin: unknown): URL {
  if ((typeof origin !== 'string' || origin === '') && !(origin instanceof URL)) {
    throw new errors.InvalidArgumentError('opts.origin must be a non-empty string or URL.');
  }
  const text = String(origin);
  const url = originUrl(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new errors.InvalidArgumentError('Invalid URL protocol: the URL must start with `http:` or `https:`.');
  }
  return url;
}

const created = channel('undici:request:create');

/**
 * undici checks the arguments when its client is given the request. That would be after a connection has been opened and
 * authenticated, so they are checked before, too: a line break in a path would make two requests of one.
 */
function checkArguments(url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
  // A Request announces itself on this channel. Listeners are not told of one that is never sent.
  if (created.hasSubscribers) return;
  const body = isStream(options.body) ? null : options.body;
  new Request(url.origin, { ...options, body }, handler);
}

/** A Request listens to a stream. */
function isStream(body: unknown): boolean {
  return typeof (body as { on?: unknown } | null | undefined)?.on === 'function';
}

/** Never undici's SocketError: after one of those the client would connect again, and for ever. */
function closedBeforeUse({ socket }: Connection): Error {
  const { errored } = socket;
  if (errored instanceof NtlmError) return errored;
  return Object.assign(new Error('the connection is closed', { cause: errored }), { code: 'ECONNRESET' });
}
