import { Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { type AgentRequestOptions, destinationOf } from './agent/request-destination.js';
import { WaitingRequest } from './agent/waiting-request.js';
import type { Connection } from './connection/connection.js';
import type { ConnectionOptions } from './connection-options.js';
import { Connector } from './connector.js';
import { KEEP_ALIVE_TIMEOUT, Pool } from './pool.js';

/**
 * One agent for `http:` and `https:` requests, for everything that stands on Node's own client: http.request,
 * https.request, axios, got, node-fetch, superagent, ws.
 */
export class NtlmAgent extends Agent {
  readonly #connector: Connector;
  readonly #pool: Pool;
  readonly #users = new WeakMap<Connection, ClientRequest>();

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
    // No protocol means any protocol to http.request, but for the port it asks before it says which one it is.
    Object.defineProperties(this, {
      protocol: { value: undefined, configurable: true, writable: true },
      defaultPort: { get: () => (isCalledByHttps() ? 443 : 80), configurable: true },
    });
  }

  /** Called by Node for each request. */
  addRequest(request: ClientRequest, options: AgentRequestOptions): void {
    // A Unix socket or a pipe is no place for a proxy, and whoever sends a CONNECT speaks to a proxy already.
    if (typeof options.socketPath === 'string' || request.method === 'CONNECT') {
      (Agent.prototype as unknown as NtlmAgent).addRequest.call(this, request, options);
      return;
    }
    const waiting = new WaitingRequest(request);
    this.#connect(request, options, waiting).catch((error: unknown) => waiting.fail(error));
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

  async #connect(request: ClientRequest, options: AgentRequestOptions, waiting: WaitingRequest): Promise<void> {
    const { protocol } = this as unknown as { protocol: string | undefined };
    const planned = this.#connector.plan(destinationOf(request, options, protocol));
    const plan = planned instanceof Promise ? await planned : planned;
    const connection = await this.#pool.take(plan.key, () => this.#connector.open(plan, waiting.signal));
    const reused = this.#users.has(connection);
    if (!reused) this.#watch(connection);
    this.#users.set(connection, request);
    connection.startRequest(plan.origin);
    waiting.succeed(connection.socket, reused);
  }

  /** Node's client tells with events of the socket what becomes of it. */
  #watch(connection: Connection): void {
    const { socket } = connection;
    socket.on('free', () => {
      socket.setTimeout(0);
      this.#pool.putBack(connection, patienceOf(this.#users.get(connection)));
    });
    socket.on('agentRemove', () => this.#pool.giveAway(connection));
  }
}

/** `Keep-Alive: timeout=5`, less a second for the way. */
function patienceOf(request: (ClientRequest & { res?: IncomingMessage }) | undefined): number {
  const field = request?.res?.headers['keep-alive'];
  const seconds = /\btimeout=(\d+)/i.exec(typeof field === 'string' ? field : '')?.[1];
  return seconds === undefined ? Infinity : Number(seconds) * 1000 - 1000;
}

/** The constructor of a request reads the default port of its agent; https.request is then a few frames up. */
function isCalledByHttps(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 5;
  const { stack } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return /\bnode:https\b|\bhttps\.[jt]s\b/.test(String(stack));
}
