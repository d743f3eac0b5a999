import type { Socket } from 'node:net';
import { type Fields } from '../http1/fields.js';
import { listen } from '../http1/serving.js';
import { withoutUserinfo } from '../url.js';
import { defaultLimits, type Exchange, type ServedConnection, serveConnection } from '../http1/serve-connection.js';
import { Acceptor } from './acceptor.js';
import { selfSignedCertificate } from './certificate.js';
import { Forwarder } from './forward.js';
import { servePage } from './pages.js';
import { accountLookup, type Counters, demoNames, type ServerOptions, type Side } from './options.js';
import { Unreachable } from './forward.js';

export interface RunningServer {
  /** The address to use as a proxy, or as an origin. */
  readonly url: string;
  readonly port: number;
  /** The certificate (PEM) of a server with `tls`, for its clients to trust. */
  readonly certificate: string | undefined;
  /** What has happened so far; a new object at each look. */
  readonly counters: Counters;
  /** Stops accepting, lets what is under way finish for `grace` milliseconds (default 1000), leaves nothing open. */
  close(options?: { grace?: number }): Promise<void>;
}

/**
 * Starts a proxy and origin server on loopback that demands NTLM of every connection.
 *
 * Requests in absolute-form and CONNECT are the proxy's, all others are answered by the origin's few pages: `/`, `/echo`,
 * `/bytes/N`, `/slow?ms=N`, `/redirect?to=URL`. For tests and for trying things out.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const tls = options.tls === true ? selfSignedCertificate() : options.tls || undefined;
  const counters = newCounters();
  const connections = new Set<ServedConnection>();
  const service = new Service(options, tls?.cert, counters);
  const listener = await listen(
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      maxConnections: options.maxConnections ?? 1000,
      ...(tls === undefined ? {} : { tls }),
    },
    (socket) => {
      const connection = service.serve(socket);
      connections.add(connection);
      void connection.done.then(() => connections.delete(connection));
    },
  );
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${listener.port}`,
    port: listener.port,
    certificate: tls?.cert,
    get counters() {
      return { ...counters, open: listener.openConnections, ...listener.traffic() };
    },
    async close({ grace = 1000 } = {}) {
      for (const connection of connections) connection.finish();
      await listener.close(grace);
    },
  };
}

/** Everything that the connections of one server have in common. */
class Service {
  readonly #options: ServerOptions;
  readonly #certificate: string | undefined;
  readonly #counters: Counters;

  constructor(options: ServerOptions, certificate: string | undefined, counters: Counters) {
    this.#options = options;
    this.#certificate = certificate;
    this.#counters = counters;
  }

  serve(socket: Socket): ServedConnection {
    this.#counters.connections += 1;
    const connection = this.#counters.connections;
    const acceptors = { proxy: this.#acceptor('proxy', connection), origin: this.#acceptor('origin', connection) };
    const forwarder = new Forwarder(this.#options);
    socket.once('close', () => forwarder.destroy());
    const limits = { ...defaultLimits, idleTimeout: this.#options.idleTimeout ?? defaultLimits.idleTimeout };
    return serveConnection(
      socket,
      async (exchange) => {
        this.#counters.requests += 1;
        const { method, target } = exchange.head;
        const side: Side = target.startsWith('/') || target === '*' ? 'origin' : 'proxy';
        const status = await this.#answer(exchange, side, acceptors[side], forwarder);
        const { username } = acceptors[side];
        this.#options.log?.(
          `#${connection} ${side}: ${method} ${withoutUserinfo(target)} ${status} ${username ?? '-'}`,
        );
        const bodyBytes = exchange.body.bytes;
        this.#options.onRequest?.({ connection, side, method, target, status, username, bodyBytes });
      },
      limits,
    );
  }

  async #answer(exchange: Exchange, side: Side, acceptor: Acceptor, forwarder: Forwarder): Promise<number> {
    const fields: Fields = [];
    if (this.#options.role === 'both' || (this.#options.role ?? 'proxy') === side) {
      const verdict = await acceptor.judge(exchange.head);
      fields.push(...verdict.fields);
      if (!verdict.admitted) {
        const status = side === 'proxy' ? 407 : 401;
        await exchange.response.send(status, [...fields, PLAIN_TEXT], 'authentication required\n');
        return status;
      }
    }
    if (side === 'origin') return servePage(exchange, fields, acceptor.username);
    return this.#pass(exchange, fields, forwarder);
  }

  async #pass(exchange: Exchange, fields: Fields, forwarder: Forwarder): Promise<number> {
    try {
      if (exchange.head.method !== 'CONNECT') return await forwarder.forward(exchange, fields);
      await forwarder.tunnel(exchange, fields);
      this.#counters.tunnels += 1;
      return 200;
    } catch (error) {
      if (!(error instanceof Unreachable) || exchange.response.headSent) throw error;
      await exchange.response.send(error.status, [...fields, PLAIN_TEXT], `${error.message}\n`);
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

const PLAIN_TEXT: [string, string] = ['Content-Type', 'text/plain'];

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
