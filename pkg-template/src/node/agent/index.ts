import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { Detachable } from './pending-request.js';
import { type AgentRequestOptions, destinationOf, isSecure } from './request-target.js';
import { settlePort, USUAL_PORT } from './request-target.js';
import { giveSocket, WaitingRequest } from './pending-request.js';
import type { Connection } from '../connection/index.js';
import type { LostRequest, OnLost } from '../connection/lost-request.js';
import type { ConnectionOptions } from '../options.js';
import { Connector, type Plan } from '../connector.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from '../dispatcher/pool.js';

/** Repeating these does nothing that the first time did not (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The next kept connection may be as old as the one that died. This many in a row are no accident. */
const MOST_LOSSES = 5;

/** Whose request a connection carries, or carried last. */
interface Use {
  request: ClientRequest;
  readonly socket: Detachable;
}

/**
 * One agent for `http:` and `https:` requests, for everything that stands on Node's own client: http.request,
 * https.request, axios, got, node-fetch, superagent, ws.
 */
export class NtlmAgent extends Agent {
  readonly #connector: Connector;
  readonly #pool: Pool;
  readonly #uses = new WeakMap<Connection, Use>();

  constructor(options: ConnectionOptions = {}) {
    super({ keepAlive: true });
    if (options?.maxSockets !== undefined) this.maxSockets = options.maxSockets;
    this.#connector = new Connector(options);
    // Programs set `maxSockets` of an agent, the global one above all, after it was made.
    const limit = (): number => this.maxSockets;
    this.#pool = new Pool({
      get maxSockets() {
        return limit();
      },
      keepAliveTimeout: options.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT,
    });
    // No protocol means any protocol to http.request.
    Object.defineProperties(this, {
      protocol: { value: undefined, configurable: true, writable: true },
      defaultPort: { value: USUAL_PORT, configurable: true, writable: true },
    });
  }

  /** Called by Node for each request. */
  addRequest(request: ClientRequest, options: AgentRequestOptions): void {
    const secure = isSecure(options, (this as unknown as { protocol: string | undefined }).protocol);
    settlePort(request, options, secure);
    // A Unix socket or a pipe is no place for a proxy, and whoever sends a CONNECT speaks to a proxy already.
    if (typeof options.socketPath === 'string' || request.method === 'CONNECT') {
      (Agent.prototype as unknown as NtlmAgent).addRequest.call(this, request, options);
      return;
    }
    try {
      const plan = this.#connector.plan(destinationOf(request, options, secure));
      // A warm request waits for nothing: no promise, no timer, no signal.
      const idle = plan instanceof Promise ? undefined : this.#pool.takeIdle(plan.key);
      if (idle === undefined) void this.#connect(request, plan);
      else this.#lend(idle, request, plan as Plan);
    } catch (error) {
      new WaitingRequest(request).fail(error);
    }
  }

  /** Closes every connection, also those in use. The agent can be used again. */
  override destroy(): void {
    super.destroy();
    void this.#pool.closeAll();
  }

  /** Open connections. */
  get size(): number {
    return this.#pool.size;
  }

  async #connect(request: ClientRequest, planned: Plan | Promise<Plan>, lost?: LostRequest, losses = 0): Promise<void> {
    const waiting = new WaitingRequest(request);
    try {
      const plan = await planned;
      const connection = await this.#pool.take(plan.key, () => this.#connector.open(plan, waiting.signal, lost));
      waiting.done();
      this.#lend(connection, request, plan, lost, losses);
    } catch (error) {
      waiting.fail(error);
    }
  }

  /** `lost`: what another connection was to carry, and did not; `losses`: how many times that has happened. */
  #lend(connection: Connection, request: ClientRequest, plan: Plan, lost?: LostRequest, losses = 0): void {
    const { socket } = connection;
    const reused = this.#uses.has(connection);
    const use = this.#uses.get(connection) ?? this.#watch(connection, request);
    use.request = request;
    const onLost: OnLost = (found) => this.#rescue(found, use, plan, reused, losses);
    connection.beginRequest(plan.origin, losses < MOST_LOSSES ? onLost : undefined);
    if (lost?.head !== undefined) {
      socket.write(lost.head, 'latin1');
      for (const piece of lost.body) socket.write(piece);
    }
    giveSocket(request, socket, reused);
  }

  /**
   * A kept connection that dies before a byte of an answer was most likely closed by its peer while it lay idle. A safe
   * request is sent again then, as is one that has not been written yet, or that the peer answered with a mere challenge.
   */
  #rescue(lost: LostRequest, { request, socket }: Use, plan: Plan, reused: boolean, losses: number): boolean {
    const harmless = reused && (lost.head === undefined || SAFE.has(request.method));
    if (request.destroyed || !(harmless || lost.unprocessed)) return false;
    socket.detach(request);
    // What lies idle beside a dead connection is as old as that one.
    this.#pool.dropIdle(plan.key);
    void this.#connect(request, plan, lost, losses + 1);
    return true;
  }

  /** Node's client tells with events of the socket what becomes of it. */
  #watch(connection: Connection, request: ClientRequest): Use {
    const { socket } = connection;
    const use: Use = { request, socket: new Detachable(socket, request) };
    this.#uses.set(connection, use);
    socket.on('free', () => {
      socket.setTimeout(0);
      this.#pool.putBack(connection, patienceOf(use.request));
    });
    socket.on('agentRemove', () => this.#pool.giveAway(connection));
    return use;
  }
}

/** `Keep-Alive: timeout=5`, less a second for the way. */
function patienceOf(request: ClientRequest & { res?: IncomingMessage }): number {
  const field = request.res?.headers['keep-alive'];
  const seconds = typeof field === 'string' ? /\btimeout=(\d+)/i.exec(field)?.[1] : undefined;
  return seconds === undefined ? Infinity : Number(seconds) * 1000 - 1000;
}
