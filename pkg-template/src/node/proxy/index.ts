import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { Connector } from '../connector.js';
import type { Fields } from '../http1/fields.js';
import { listen } from '../http1/serving.js';
import { hostPort, withoutUserinfo } from '../url.js';
import { defaultLimits, type Exchange, type ServedConnection, serveConnection } from '../http1/serve-connection.js';
import { Pool } from '../dispatcher/pool.js';
import { CallerConnection, CALLER_NAME, CallerSecret } from './callers.js';
import { unexpectedFailure } from '../network-errors.js';
import { relay } from './relay.js';
import { connectTunnel } from './tunnel.js';
import type { ConnectionOptions } from '../options.js';

export interface RunningProxy {
  /** With the secret inside, as HTTP_PROXY and the like want it. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string | undefined;
  /** Stops accepting, lets what is under way finish for `grace` milliseconds (default 5000), leaves nothing open. */
  close(options?: { grace?: number }): Promise<void>;
}

const KEEP_ALIVE_TIMEOUT = 30_000;
const IDLE_TIMEOUT = 600_000;

/**
 * Starts a forward proxy on loopback that signs on to the real one. For programs that cannot do that themselves: they
 * speak to this one, plainly or by CONNECT, and the upstream connections that it has signed on are reused for all of them.
 */
export async function startProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  const secret = options.secret === false ? undefined : new CallerSecret(options.secret);
  const service = new ProxyService(options, secret);
  const connections = new Set<ServedConnection>();
  const { host = '127.0.0.1', port = 0, maxConnections = 1000 } = options;
  const listener = await listen({ host, port, maxConnections }, (socket) => {
    const connection = service.serve(socket);
    connections.add(connection);
    void connection.done.then(() => connections.delete(connection));
  });
  const userinfo = secret === undefined ? '' : `${CALLER_NAME}:${secret.value}@`;
  return {
    url: `http://${userinfo}${hostPort(listener.address, listener.port)}`,
    host: listener.address,
    port: listener.port,
    secret: secret?.value,
    async close({ grace = 5000 } = {}) {
      for (const connection of connections) connection.finish();
      await listener.close(grace);
      service.destroy();
    },
  };
}

class ProxyService {
  readonly #options: ProxyOptions;
  readonly #secret: CallerSecret | undefined;
  readonly #connector: Connector;
  readonly #pool: Pool;

  constructor(options: ProxyOptions, secret: CallerSecret | undefined) {
    this.#options = options;
    this.#secret = secret;
    this.#connector = new Connector(options);
    this.#pool = new Pool({
      maxSockets: options.maxSockets ?? Infinity,
      keepAliveTimeout: options.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT,
    });
  }

  destroy(): void {
    this.#pool.destroy(new Error('the proxy is closed'));
  }

  serve(socket: Socket): ServedConnection {
    const limits = { ...defaultLimits, idleTimeout: this.#options.idleTimeout ?? IDLE_TIMEOUT };
    const caller = new CallerConnection(this.#secret);
    const served = serveConnection(socket, (exchange) => this.#answer(exchange, caller), limits);
    void served.done.then(() => caller.end(this.#pool));
    return served;
  }

  async #answer(exchange: Exchange, caller: CallerConnection): Promise<void> {
    const started = performance.now();
    let status: number;
    let error: NtlmError | undefined;
    try {
      status = await this.#handle(exchange, caller);
    } catch (failure) {
      if (exchange.response.headSent || exchange.signal.aborted) throw failure;
      error = failure instanceof NtlmError ? failure : unexpectedFailure(hostOf(exchange), failure as Error);
      status = await answerError(exchange, error);
    }
    const { method, target } = exchange.head;
    const milliseconds = performance.now() - started;
    this.#options.onRequest?.({ method, target: withoutSecrets(target), status, error, milliseconds });
  }

  async #handle(exchange: Exchange, caller: CallerConnection): Promise<number> {
    const { head, response } = exchange;
    if (head.target.startsWith('/') || head.target === '*') {
      await response.send(400, TEXT, 'this is a proxy: it takes requests for other servers\n');
      return 400;
    }
    if (!caller.isAdmitted(head)) {
      const challenge: [string, string] = ['Proxy-Authenticate', 'Basic realm="ntlm-wasm local proxy"'];
      await response.send(407, [...TEXT, challenge], 'this proxy wants its own secret, see its URL\n');
      return 407;
    }
    if (head.method === 'CONNECT') return connectTunnel(exchange, this.#connector);
    return relay(exchange, this.#connector, this.#pool, caller);
  }
}

const TEXT: Fields = [['Content-Type', 'text/plain; charset=utf-8']];

/** Many programs show a status and nothing else, some the reason phrase, few the body: the code goes into all three. */
async function answerError({ response }: Exchange, error: NtlmError): Promise<number> {
  const status = error.code === 'ERR_NTLM_BAD_TARGET' ? 400 : /TIMEOUT/.test(error.code) ? 504 : 502;
  const text = `${error.message} (${error.code}): ${error.advice}\n`;
  await response.begin(status, [...TEXT, ['Content-Length', String(Buffer.byteLength(text))]], error.code);
  await response.write(Buffer.from(text));
  await response.end();
  return status;
}

function hostOf({ head }: Exchange): string {
  return URL.canParse(head.target) ? new URL(head.target).host || head.target : head.target;
}

/** For logs: the query of a URL may hold a token, its front a password. */
function withoutSecrets(target: string): string {
  return withoutUserinfo(target).replace(/\?.*$/, '?…');
}

export interface ProxyOptions extends ConnectionOptions {
  /** Loopback address to listen on; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** What callers must show, as Basic credentials. Default: a new random one; false: everybody on this machine may use it. */
  readonly secret?: string | false | undefined;
  /** Client connections at one time; default 1000. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds without a byte after which a connection is closed; default 10 minutes. */
  readonly idleTimeout?: number | undefined;
  /** Each request after its end. Holds no secret. */
  readonly onRequest?: ((request: RelayedRequest) => void) | undefined;
}

export interface RelayedRequest {
  readonly method: string;
  /** Without user name, password and query. */
  readonly target: string;
  /** What the caller was answered; 200 for a tunnel. */
  readonly status: number;
  /** The code of the error that became the answer. */
  readonly error: { readonly code: string; readonly message: string; readonly advice: string } | undefined;
  readonly milliseconds: number;
}
