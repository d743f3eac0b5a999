import { type Dispatcher, errors } from './undici.js';
import type { Connection } from '../connection/index.js';
import type { LostRequest } from '../connection/lost-request.js';
import { SAFE } from '../connection/outgoing-request.js';
import type { Plan } from '../connector.js';
import { BodySource, isReplayable } from './body-source.js';
import { type Handler, RequestHandler, type RunEvents } from './handlers.js';

/** What a run needs of the dispatcher that it belongs to. */
export interface RunHost {
  plan(url: URL, options: Dispatcher.DispatchOptions): Plan | Promise<Plan>;
  takeIdle(plan: Plan): Connection | undefined;
  take(plan: Plan, signal: AbortSignal, lost: LostRequest | undefined): Promise<Connection>;
  send(
    connection: Connection,
    plan: Plan,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void;
  putBack(connection: Connection): void;
  giveAway(connection: Connection): void;
  finished(run: Run): void;
}

/** The next kept connection may be as old as the one that died. This many in a row are no accident. */
const MOST_LOSSES = 5;

/** One request from dispatch to its end: finds a connection, lends it to undici's client, and gives it back. */
export class Run implements RunEvents {
  /** Among the requests under way. */
  place = 0;
  readonly #host: RunHost;
  readonly #url: URL;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #handler: Handler;
  /** While there is a connection to wait for; a warm request needs none. */
  #opening: AbortController | undefined;
  #canceled: { readonly reason: unknown } | undefined;
  #connection: Connection | undefined;
  /** What the last connection has left to do. */
  #lost: LostRequest | undefined;
  /** A body that can be read only once. */
  #source: BodySource | undefined;
  #wasUsed = false;
  #losses = 0;
  #over = false;

  constructor(host: RunHost, url: URL, options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    this.#host = host;
    this.#url = url;
    this.#options = options;
    this.#handler = new RequestHandler(handler, this);
  }

  start(): void {
    this.#handler.begin();
    if (!this.#over) this.#find();
  }

  #find(): void {
    try {
      const plan = this.#host.plan(this.#url, this.#options);
      const idle = plan instanceof Promise || this.#losses > 0 ? undefined : this.#host.takeIdle(plan);
      if (idle === undefined) void this.#connect(plan);
      else this.#send(idle, plan as Plan);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The caller has lost interest, or the dispatcher is destroyed, before undici's client had the request. */
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
      const connection = await this.#host.take(plan, this.#opening.signal, this.#lost);
      if (this.#over) this.#host.putBack(connection);
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
    connection.beginRequest(plan.origin, (lost) => this.#onLost(lost));
    const options = body === this.#options.body ? this.#options : { ...this.#options, body };
    this.#host.send(connection, plan, options, this.#handler.forClient);
  }

  /** A stream may have to begin on one connection and continue on another, as long as no handshake has completed. */
  #bodyFor(connection: Connection, lost: LostRequest | undefined): Dispatcher.DispatchOptions['body'] {
    const { body } = this.#options;
    if (isReplayable(body) || (this.#source === undefined && !connection.mayReconnect)) return body;
    this.#source ??= new BodySource(body as AsyncIterable<Uint8Array>);
    return this.#source.from(lost?.payload() ?? Buffer.alloc(0)) as unknown as Dispatcher.DispatchOptions['body'];
  }

  /**
   * A kept connection that closes without a response was most likely closed by its peer while it was idle. A safe request
   * is sent again then, as is one that the peer answered with nothing but a challenge.
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
    // Only after the client has decided whether it must close the socket, which it does right after this call.
    process.nextTick(() => this.#host.putBack(connection));
  }

  onUpgrade(): void {
    this.#host.giveAway(this.#connection as Connection);
    this.#finish();
  }

  /** Says whether the request goes out once more, so that the caller need not know. */
  onError(error: Error): boolean {
    const connection = this.#connection;
    if (this.#over) return false;
    if (isArgumentError(error) && connection !== undefined) {
      // Nothing was written.
      this.#finish();
      this.#host.putBack(connection);
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

/** undici's client has refused the request before it wrote anything. */
function isArgumentError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED';
}

type Headers = Dispatcher.DispatchOptions['headers'];

/** A copy as a flat list of names and values, of which undici takes objects, flat lists and iterables of pairs. */
export function copiedHeaders(headers: Headers): string[] {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers)) return headers.slice();
  if (typeof headers !== 'object') throw new errors.InvalidArgumentError('headers must be an object or an array');
  // A value may be a list; the type of undici does not say so.
  const flat: unknown[] = [];
  const add = (name: string, value: unknown): unknown => flat.push(name, Array.isArray(value) ? value.slice() : value);
  if (Symbol.iterator in headers) {
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

/** The headers, which are a flat list, with a Host field if they have none. */
export function withHost(headers: Headers, host: string): Headers {
  const list = headers as string[];
  return list.some((name, index) => index % 2 === 0 && isHost(name)) ? list : ['host', host, ...list];
}

function isHost(name: unknown): boolean {
  return typeof name === 'string' && name.length === 4 && name.toLowerCase() === 'host';
}

/**
 * The requests under way. Not a Set: as its entries come and go it moves into a new table again and again, each old one points to
 * the next and to what it held, and once the collector has one of them among the old things, it takes every finished request
 * for alive, with its answer, until it looks through all memory: that cost a tenth of the time of a request.
 */
export class Runs {
  readonly #runs: Run[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  add(run: Run): void {
    run.place = this.#runs.push(run) - 1;
  }

  /** The last one takes its place. */
  delete(run: Run): void {
    if (this.#runs[run.place] !== run) return;
    const last = this.#runs.pop() as Run;
    if (last === run) return;
    this.#runs[run.place] = last;
    last.place = run.place;
  }

  /** As they are now, whatever becomes of them meanwhile. */
  all(): Run[] {
    return [...this.#runs];
  }
}
