import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Client, BaseDispatcher, type Dispatcher, errors, kClose, kDestroy, kDispatch, Request } from './undici.js';
import { NtlmError } from '../../errors.js';
import type { Connection } from '../connection/index.js';
import type { LostRequest } from '../connection/lost-request.js';
import { LONGEST_TIMEOUT } from '../options.js';
import type { DispatcherOptions } from './shape.js';
import { affinityKey, Connector, type Plan } from '../connector.js';
import { isForm } from './body-source.js';
import { copiedHeaders, DispatchedRequest, type RequestHost, PendingRequests, withHost } from './dispatched-request.js';
import { originUrl } from '../url.js';
import type { Routes } from '../routes/route.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from './pool.js';

type InternalOptions = Dispatcher.DispatchOptions & { readonly affinity?: string };

function withAffinity(options: Dispatcher.DispatchOptions, affinity: string): InternalOptions {
  return { ...options, affinity };
}

/** An undici client and its Host field. */
interface HostedClient {
  readonly client: Client;
  readonly host: string;
}

/** The dispatcher implementation. The local proxy uses it directly; {@link NtlmDispatcher} exposes it to undici. */
export class RequestDispatcher extends BaseDispatcher {
  // Private to TypeScript only: undici's compose() calls these methods through a Proxy, which #fields refuse.
  /** Only the limits are stored: the other options may contain a password, and a dispatcher may be printed. */
  private readonly limits: Client.Options;
  private readonly connector: Connector;
  private readonly pool: Pool;
  private readonly clients = new WeakMap<Connection, HostedClient>();
  private readonly pending = new PendingRequests();
  private readonly host: RequestHost;
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
      acquireIdle: (plan) => this.pool.acquireIdle(plan.key),
      acquire: (plan, signal, lost) => this.acquire(plan, signal, lost),
      send: (connection, plan, request, handler) => this.send(connection, plan, request, handler),
      release: (connection) => this.pool.release(connection),
      remove: (connection) => this.pool.remove(connection),
      finished: (request) => this.finished(request),
    };
  }

  /** Called by `dispatch()` after it has checked that the dispatcher is open. Exceptions are passed to the handler. */
  override [kDispatch](options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const url = urlOf(options.origin);
    // The caller may reuse its objects after this call, so they are copied.
    const copied = { ...options, headers: copiedHeaders(options.headers) };
    checkArguments(url, copied, handler);
    if (isForm(copied.body)) void this.startForm(url, copied, handler);
    else this.start(url, copied, handler);
    return true;
  }

  private async startForm(
    url: URL,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): Promise<void> {
    const { undiciForm } = await import('./undici-form.js');
    this.start(url, { ...options, body: undiciForm(options.body as FormData) }, handler);
  }

  /** Starts a request. `affinity` identifies a caller whose connections are not shared. */
  start(url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, affinity?: string): void {
    const request = new DispatchedRequest(
      this.host,
      url,
      affinity === undefined ? options : withAffinity(options, affinity),
      handler,
    );
    this.pending.add(request);
    request.start();
  }

  /** Closes the idle connections of a caller that has left. */
  leave(affinity: string): void {
    this.pool.dropIdleOf(affinityKey(affinity));
  }

  /** Opens a raw tunnel to a host and port. */
  async openTunnel(url: URL, signal: AbortSignal): Promise<Socket> {
    const plan = await this.connector.plan({ url, method: 'CONNECT', path: '/', upgrade: false, raw: true });
    return (await this.connector.open(plan, signal)).detach();
  }

  /** Returns the routes to an origin. */
  routesTo(url: URL): Routes | Promise<Routes> {
    const plan = this.connector.plan({ url, method: 'GET', path: '/', upgrade: false });
    return plan instanceof Promise ? plan.then(({ routes }) => routes) : plan.routes;
  }

  /** Waits for the pending requests. */
  override [kClose](): Promise<void> {
    return new Promise((resolve) => {
      this.onIdle = resolve;
      this.checkIdle();
    });
  }

  /** Fails the pending requests with the error, and closes every connection. */
  override async [kDestroy](error: Error): Promise<void> {
    for (const request of this.pending.all()) request.cancel(error);
    await this.pool.destroy(error);
    this.onIdle?.();
  }

  /** The number of open connections. */
  get size(): number {
    return this.pool.size;
  }

  private plan(url: URL, { path, method, upgrade, affinity }: InternalOptions): Plan | Promise<Plan> {
    return this.connector.plan({ url, method, path, upgrade: Boolean(upgrade), affinity });
  }

  /** Takes a connection. `lost` is a request that a stale connection lost; it is not sent on other idle connections. */
  private acquire(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    if (lost !== undefined) this.pool.dropIdle(plan.key);
    return this.pool.acquire(plan.key, () => this.open(plan, signal, lost));
  }

  /** Opens a connection, with the events of undici's dispatchers. */
  private async open(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection> {
    const { url } = plan.destination;
    try {
      const connection = await this.connector.open(plan, signal, lost);
      const { socket } = connection;
      socket.once('close', () => this.emit('disconnect', url, [this], closeReason(socket)));
      this.emit('connect', url, [this]);
      return connection;
    } catch (error) {
      this.emit('connectionError', url, [this], error as UndiciError);
      throw error;
    }
  }

  private send(
    connection: Connection,
    { authority }: Plan,
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const { client, host } = this.clients.get(connection) ?? this.clientFor(connection, authority);
    // A proxy connection accepts requests to any host. Only requests to another host than the client's need a Host field.
    const named = host === authority ? request : { ...request, headers: withHost(request.headers, authority) };
    client.dispatch(named, handler);
  }

  private clientFor(connection: Connection, authority: string): HostedClient {
    // The client does not need to know the real peer or whether TLS is used.
    const url = new URL(`http://${authority}`);
    const client = new Client(url, {
      pipelining: 1,
      ...this.limits,
      // Call back only after connect has returned, because the client does not listen before.
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

  private finished(request: DispatchedRequest): void {
    this.pending.delete(request);
    this.checkIdle();
  }

  private checkIdle(): void {
    if (this.pending.isEmpty) this.onIdle?.();
  }
}

/** Reads and checks an origin like undici's Agent. */
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
 * Checks the arguments before a connection is opened and authenticated; undici's client checks them only afterwards. A line
 * break in a path would turn one request into two.
 */
function checkArguments(url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
  // Creating a Request publishes to this channel. Subscribers must not see one that is never sent.
  if (created.hasSubscribers) return;
  const body = isStream(options.body) ? null : options.body;
  new Request(url.origin, { ...options, body }, handler);
}

/** Whether the body is a stream. A Request would add listeners to it. */
function isStream(body: unknown): boolean {
  return typeof (body as { on?: unknown } | null | undefined)?.on === 'function';
}

type UndiciError = InstanceType<typeof errors.UndiciError>;

/** The error for the `disconnect` event. undici passes socket errors on as they are. */
function closeReason({ errored }: Socket): UndiciError {
  return (errored as UndiciError | null) ?? new errors.SocketError('closed');
}

/** Creates the error. It must not be undici's SocketError, because the client would then reconnect forever. */
function closedBeforeUse({ socket }: Connection): Error {
  const { errored } = socket;
  if (errored instanceof NtlmError) return errored;
  return Object.assign(new Error('the connection is closed', { cause: errored }), { code: 'ECONNRESET' });
}
