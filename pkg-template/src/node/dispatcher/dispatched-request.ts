import type { Duplex } from 'node:stream';
import { type Dispatcher, errors } from './undici.js';
import type { Connection } from '../connection/index.js';
import type { OnLongBody } from '../connection/long-body.js';
import type { LostRequest } from '../connection/lost-request.js';
import { SAFE } from '../connection/outgoing-request.js';
import type { Plan } from '../connector.js';
import { BodySource, isReplayable } from './body-source.js';

/** The part of the dispatcher that its requests use. */
export interface RequestHost {
  plan(url: URL, options: Dispatcher.DispatchOptions): Plan | Promise<Plan>;
  acquireIdle(plan: Plan): Connection | undefined;
  acquire(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection>;
  send(
    connection: Connection,
    plan: Plan,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void;
  release(connection: Connection): void;
  remove(connection: Connection): void;
  finished(request: DispatchedRequest): void;
}

/** The next kept connection may be as stale as the one that failed. After this many, the request fails. */
const MOST_LOSSES = 5;

/** One request from dispatch to end: takes a connection, passes it to undici's client, and puts it back. */
export class DispatchedRequest implements RequestEvents {
  /** The index among the pending requests. */
  place = 0;
  readonly #host: RequestHost;
  readonly #url: URL;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #handler: Handler;
  readonly #onLongBody: OnLongBody | undefined;
  /** Set while a connection is being opened; not needed for an idle connection. */
  #opening: AbortController | undefined;
  #canceled: { readonly reason: unknown } | undefined;
  #connection: Connection | undefined;
  /** The request that the last connection lost. */
  #lost: LostRequest | undefined;
  /** The body, if it can be read only once. */
  #source: BodySource | undefined;
  #wasUsed = false;
  #losses = 0;
  #over = false;

  constructor(host: RequestHost, url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    this.#host = host;
    this.#url = url;
    this.#options = options;
    this.#handler = new RequestHandler(handler, this);
    const { onLongBody } = handler as { readonly onLongBody?: OnLongBody };
    this.#onLongBody = onLongBody && ((body) => onLongBody.call(handler, body));
  }

  start(): void {
    this.#handler.begin();
    if (!this.#over) this.#find();
  }

  #find(): void {
    try {
      const plan = this.#host.plan(this.#url, this.#options);
      const idle = plan instanceof Promise || this.#losses > 0 ? undefined : this.#host.acquireIdle(plan);
      if (idle === undefined) void this.#connect(plan);
      else this.#send(idle, plan as Plan);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Called if the caller aborts, or the dispatcher is destroyed, before undici's client gets the request. */
  cancel(reason: unknown): void {
    this.#canceled ??= { reason };
    this.#opening?.abort(reason);
    if (this.#connection === undefined) this.#fail(reason);
    else this.#connection.socket.destroy(reason instanceof Error ? reason : undefined);
  }

  async #connect(planned: Plan | Promise<Plan>): Promise<void> {
    this.#opening = new AbortController();
    try {
      const plan = planned instanceof Promise ? await planned : planned;
      const connection = await this.#host.acquire(plan, this.#opening.signal, this.#lost);
      if (this.#over) this.#host.release(connection);
      else this.#send(connection, plan);
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(connection: Connection, plan: Plan): void {
    this.#connection = connection;
    this.#wasUsed = connection.requests > 0;
    const body = this.#bodyFor(connection, this.#lost);
    this.#lost = undefined;
    connection.beginRequest(plan.origin, (lost) => this.#onLost(lost), this.#onLongBody);
    const options = body === this.#options.body ? this.#options : { ...this.#options, body };
    this.#host.send(connection, plan, options, this.#handler.forClient);
  }

  /** Returns the body. Until a handshake completes, a stream may start on one connection and continue on another. */
  #bodyFor(connection: Connection, lost: LostRequest | undefined): Dispatcher.DispatchOptions['body'] {
    const { body } = this.#options;
    if (isReplayable(body) || (this.#source === undefined && !connection.mayReconnect)) return body;
    this.#source ??= new BodySource(body as object);
    return this.#source.from(lost?.payload() ?? Buffer.alloc(0)) as unknown as Dispatcher.DispatchOptions['body'];
  }

  /**
   * Sends a request again if its kept connection closed without a response: the peer probably closed it while it was idle.
   * This applies to safe requests and to requests that were only challenged.
   */
  #onLost(lost: LostRequest): boolean {
    if (this.#over || this.#canceled !== undefined || this.#losses === MOST_LOSSES) return false;
    const { method, body } = this.#options;
    const isSafe = SAFE.has(method) && (body === null || body === undefined);
    if (!lost.unprocessed && !(this.#wasUsed && isSafe)) return false;
    this.#lost = lost;
    return true;
  }

  // ---- what undici's client reports, through the handler

  onEnd(): void {
    const connection = this.#connection as Connection;
    this.#finish();
    // Wait until the client has decided whether to close the socket, which it does right after this call.
    process.nextTick(() => this.#host.release(connection));
  }

  onUpgrade(): void {
    this.#host.remove(this.#connection as Connection);
    this.#finish();
  }

  /** Returns whether the request is sent again. In that case the caller does not see the error. */
  onError(error: Error): boolean {
    const connection = this.#connection;
    if (this.#over) return false;
    if (isArgumentError(error) && connection !== undefined) {
      // Nothing was written.
      this.#finish();
      this.#host.release(connection);
      return false;
    }
    if (connection !== undefined && this.#canceled === undefined && this.#mayRetry(connection)) {
      this.#losses += 1;
      this.#connection = undefined;
      this.#find();
      return true;
    }
    connection?.socket.destroy(error);
    this.#finish();
    return false;
  }

  #mayRetry(connection: Connection): boolean {
    if (this.#lost !== undefined) return true;
    // A stale connection may fail before undici's client has written to it.
    const { method, body } = this.#options;
    if (this.#losses === MOST_LOSSES || !SAFE.has(method)) return false;
    return this.#wasUsed && !connection.responseStarted && (body === null || body === undefined);
  }

  #fail(reason: unknown): void {
    if (this.#over) return;
    this.#finish();
    this.#handler.fail(reason instanceof Error ? reason : new Error(String(reason), { cause: reason }));
  }

  #finish(): void {
    this.#over = true;
    this.#source?.close();
    for (const session of this.#lost?.sessions ?? []) session.close();
    this.#host.finished(this);
  }
}

/** Whether undici's client rejected the request before writing anything. */
function isArgumentError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';
}

/** The events of a request that the dispatcher handles in addition to the caller. */
interface RequestEvents {
  cancel(reason: unknown): void;
  onEnd(): void;
  onUpgrade(): void;
  /** Returns true if the error must not be passed to the caller. */
  onError(error: Error): boolean;
}

/** A caller's handler, wrapped so that a request can start, observe and end it. */
interface Handler {
  /** Passes the abort function to the caller, before there is a connection. */
  begin(): void;
  /** Fails the request before undici's client gets it. */
  fail(error: Error): void;
  /** The handler for undici's client. */
  readonly forClient: Dispatcher.DispatchHandler;
}

type Abort = (reason?: Error) => void;

/** A handler with the interface of undici 6, which its client uses internally. undici converts newer handlers. */
class RequestHandler implements Handler {
  readonly forClient = this as unknown as Dispatcher.DispatchHandler;
  readonly #caller: Dispatcher.DispatchHandler;
  readonly #events: RequestEvents;
  /** The abort function of undici's client, once it has the request. */
  #abort: Abort | undefined;
  #aborted: { reason: Error | undefined } | undefined;

  constructor(caller: Dispatcher.DispatchHandler, events: RequestEvents) {
    this.#caller = caller;
    this.#events = events;
  }

  begin(): void {
    this.#caller.onConnect?.((reason) => {
      this.#aborted ??= { reason };
      if (this.#abort === undefined) this.#events.cancel(reason ?? new errors.RequestAbortedError());
      else this.#abort(reason);
    });
  }

  fail(error: Error): void {
    this.#caller.onError?.(error);
  }

  onConnect(abort: Abort): void {
    this.#abort = abort;
    if (this.#aborted !== undefined) abort(this.#aborted.reason);
  }

  onResponseStarted(): void {
    this.#caller.onResponseStarted?.();
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    return this.#caller.onHeaders?.(status, headers, resume, statusText) ?? true;
  }

  onData(chunk: Buffer): boolean {
    return this.#caller.onData?.(chunk) ?? true;
  }

  onComplete(trailers: string[] | null): void {
    this.#events.onEnd();
    this.#caller.onComplete?.(trailers);
  }

  onUpgrade(status: number, headers: Buffer[] | string[] | null, socket: Duplex): void {
    this.#events.onUpgrade();
    this.#caller.onUpgrade?.(status, headers, socket);
  }

  onBodySent(chunkSize: number, totalBytesSent: number): void {
    this.#caller.onBodySent?.(chunkSize, totalBytesSent);
  }

  onRequestSent(): void {
    (this.#caller as { onRequestSent?: () => void }).onRequestSent?.();
  }

  onError(error: Error): void {
    if (!this.#events.onError(error)) this.#caller.onError?.(error);
  }
}

type Headers = Dispatcher.DispatchOptions['headers'];

/** Copies headers (an object, a flat list or an iterable of pairs) to a flat list of names and values. */
export function copiedHeaders(headers: Headers): string[] {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers)) return headers.slice();
  if (typeof headers !== 'object') throw new errors.InvalidArgumentError('headers must be an object or an array');
  // A value may be a list, although undici's type does not allow it.
  const flat: unknown[] = [];
  const add = (name: string, value: unknown): unknown => flat.push(name, Array.isArray(value) ? value.slice() : value);
  if (isIterable(headers)) {
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new errors.InvalidArgumentError('headers must be in key-value pair format');
      }
      add(pair[0] as string, pair[1]);
    }
  } else {
    for (const name of Object.keys(headers)) add(name, (headers as Record<string, unknown>)[name]);
  }
  return flat as string[];
}

/** Whether an object is meant to be iterated, like undici's check: an iterator that someone added to all objects does not count. */
function isIterable(headers: object): boolean {
  const prototype = Object.getPrototypeOf(headers) as object | null;
  if (Object.hasOwn(headers, Symbol.iterator)) return true;
  return prototype !== null && prototype !== Object.prototype && Symbol.iterator in headers;
}

/** Returns a flat list of headers with a Host field, which is added if missing. */
export function withHost(headers: Headers, host: string): Headers {
  const list = headers as string[];
  return list.some((name, index) => index % 2 === 0 && isHost(name)) ? list : ['host', host, ...list];
}

function isHost(name: unknown): boolean {
  return typeof name === 'string' && name.length === 4 && name.toLowerCase() === 'host';
}

/**
 * The pending requests. Not a Set: V8 promotes its old backing tables, which then retain finished requests and their responses
 * until a major GC.
 */
export class PendingRequests {
  readonly #requests: DispatchedRequest[] = [];

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  add(request: DispatchedRequest): void {
    request.place = this.#requests.push(request) - 1;
  }

  /** Removes a request. The last request moves to its index. */
  delete(request: DispatchedRequest): void {
    if (this.#requests[request.place] !== request) return;
    const last = this.#requests.pop() as DispatchedRequest;
    if (last === request) return;
    this.#requests[request.place] = last;
    last.place = request.place;
  }

  /** Returns a snapshot. */
  all(): DispatchedRequest[] {
    return [...this.#requests];
  }
}
