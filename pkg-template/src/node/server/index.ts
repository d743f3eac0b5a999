import type { Socket } from 'node:net';
import { fromRawHeaders } from '../http1/fields.js';
import { isLoopback, listen, notLoopback } from '../http1/listener.js';
import { type Exchange, sendText, type Service } from '../http1/serving.js';
import { withoutUserinfo } from '../url.js';
import { Acceptor } from './acceptor.js';
import { selfSignedCertificate } from './certificate.js';
import { Forwarder, Unreachable, Upstreams } from './forward.js';
import { checkNames } from '../options.js';
import { accountLookup, type Counters, demoNames, SERVER_OPTIONS, type ServerOptions, type Side } from './options.js';
import { type Call, servePage } from './pages.js';

/** A running test server. */
export interface RunningServer {
  /** The URL of the server, for use as a proxy or as an origin. */
  readonly url: string;
  readonly port: number;
  /** The certificate (PEM) of a server with `tls`, which clients must trust. */
  readonly certificate: string | undefined;
  /** The counters since the start; a new object for each read. */
  readonly counters: Counters;
  /** Stops accepting connections, waits up to `grace` milliseconds (default 1000) for pending requests, and closes everything. */
  close(options?: { grace?: number }): Promise<void>;
}

/**
 * Starts a proxy and origin server on loopback that requires NTLM on every connection, for tests and experiments.
 *
 * The proxy answers absolute-form requests and CONNECT. The origin serves `/`, `/echo`, `/bytes/N`, `/slow?ms=N` and
 * `/redirect?to=URL`.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION`, `ERR_NTLM_LISTEN` or `ERR_NTLM_NOT_LOOPBACK`.
 * @example
 * const server = await startServer({ accounts: { alice: 'Password' } });
 * // Send requests through the proxy `server.url`.
 * await server.close();
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  checkNames(options, 'startServer', SERVER_OPTIONS);
  const tls = options.tls === true ? selfSignedCertificate() : options.tls || undefined;
  const counters = newCounters();
  const { host = '127.0.0.1', port = 0, maxConnections = 1000, idleTimeout = 120_000 } = options;
  if (!isLoopback(host)) throw notLoopback(host, 'use a loopback address, such as 127.0.0.1 or ::1');
  const service = new TestService(options, tls?.cert, counters);
  const listener = await listen({ host, port, tls, maxConnections, idleTimeout }, service);
  const name = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${listener.port}`,
    port: listener.port,
    certificate: tls?.cert,
    get counters() {
      return { ...counters, open: listener.openConnections, ...listener.traffic() };
    },
    close: ({ grace = 1000 } = {}) => listener.close(grace),
  };
}

/** One client connection. NTLM authenticates it separately for the proxy and the origin. */
interface Client {
  readonly number: number;
  readonly acceptors: Readonly<Record<Side, Acceptor>>;
  readonly forwarder: Forwarder;
}

/** The state that all connections of one server share. */
class TestService implements Service<Client> {
  readonly #options: ServerOptions;
  readonly #certificate: string | undefined;
  readonly #counters: Counters;
  readonly #upstreams = new Upstreams();

  constructor(options: ServerOptions, certificate: string | undefined, counters: Counters) {
    this.#options = options;
    this.#certificate = certificate;
    this.#counters = counters;
  }

  connect(socket: Socket): Client {
    const number = (this.#counters.connections += 1);
    const forwarder = new Forwarder(this.#options, this.#upstreams);
    socket.once('close', () => forwarder.destroy());
    const acceptors = { proxy: this.#acceptor('proxy', number), origin: this.#acceptor('origin', number) };
    return { number, acceptors, forwarder };
  }

  answer(exchange: Exchange, client: Client): void {
    this.#answer(exchange, client).catch(() => exchange.req.socket.destroy());
  }

  async #answer(exchange: Exchange, client: Client): Promise<void> {
    this.#counters.requests += 1;
    const { method, target } = exchange;
    const side: Side = target.startsWith('/') || target === '*' ? 'origin' : 'proxy';
    const acceptor = client.acceptors[side];
    const forwarded = side === 'origin' ? this.#upstreams.find(exchange.req.socket) : undefined;
    const call: Call = { exchange, fields: [], username: undefined, forwarded, bodyBytes: 0 };
    const status = await this.#respond(call, side, acceptor, client.forwarder);
    const { username } = acceptor;
    const { number: connection } = client;
    const reason = call.refusal === undefined ? '' : ` (${call.refusal})`;
    const line = `#${connection} ${side}: ${method} ${withoutUserinfo(target)} ${status} ${username ?? '-'}${reason}`;
    this.#options.log?.(line);
    this.#options.onRequest?.({ connection, side, method, target, status, username, bodyBytes: call.bodyBytes });
  }

  async #respond(call: Call, side: Side, acceptor: Acceptor, forwarder: Forwarder): Promise<number> {
    const { req, res, method, target } = call.exchange;
    if (this.#options.role === 'both' || (this.#options.role ?? 'proxy') === side) {
      const verdict = await acceptor.judge({ method, target, fields: fromRawHeaders(req.rawHeaders) });
      call.fields.push(...verdict.fields);
      if (!verdict.admitted) {
        const status = side === 'proxy' ? 407 : 401;
        sendText(res, status, call.fields.flat(), 'authentication required\n');
        return status;
      }
    }
    call.username = acceptor.username;
    return side === 'origin' ? servePage(call) : this.#pass(call, forwarder);
  }

  async #pass(call: Call, forwarder: Forwarder): Promise<number> {
    const { exchange, fields } = call;
    try {
      if (exchange.method !== 'CONNECT') return await forwarder.forward(call);
      await forwarder.tunnel(call);
      this.#counters.tunnels += 1;
      return 200;
    } catch (error) {
      if (!(error instanceof Unreachable) || exchange.res.headersSent) throw error;
      call.refusal = error.message;
      sendText(exchange.res, error.status, fields.flat(), `${error.message}\n`);
      return error.status;
    }
  }

  #acceptor(side: Side, connection: number): Acceptor {
    const { accounts, channelBindingPolicy, ntlm, onLeg, log, schemes = ['NTLM'] } = this.#options;
    return new Acceptor({
      side,
      connection,
      schemes,
      perRequest: this.#options.authentication === 'request',
      persistentAuth: this.#options.persistentAuth ?? false,
      ntlm: {
        ...demoNames,
        ...ntlm,
        account: accountLookup(accounts),
        ...(this.#certificate === undefined ? {} : { channelBindings: this.#certificate }),
        ...(channelBindingPolicy === undefined ? {} : { channelBindingPolicy }),
      },
      counters: this.#counters,
      log: log ?? (() => {}),
      onLeg: onLeg ?? (() => {}),
    });
  }
}

function newCounters(): Counters {
  return {
    connections: 0,
    open: 0,
    requests: 0,
    handshakes: 0,
    refused: 0,
    otherSchemes: 0,
    tunnels: 0,
    bytesReceived: 0,
    bytesSent: 0,
  };
}
