import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { type Service, Serving } from './serving.js';
import { SOCKET_BUFFER } from './sockets.js';

export interface ListenOptions {
  /** A loopback address, unless `admits` is given, because these servers use credentials. */
  readonly host: string;
  /** Whether a client is allowed. Others are disconnected without a response. */
  readonly admits?: ((socket: Socket) => boolean) | undefined;
  /** The port; 0 for any free port. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** The maximum number of clients. Further clients wait. */
  readonly maxConnections: number;
  /** Called when a client must wait. */
  readonly onWait?: () => void;
  /** Milliseconds without a byte in either direction, after which a connection is closed. */
  readonly idleTimeout: number;
}

export interface Listener {
  readonly host: string;
  /** The IP address that the server listens on, also for `localhost`. */
  readonly address: string;
  readonly port: number;
  readonly openConnections: number;
  /** Returns the bytes since the start, including TLS records. */
  traffic(): { bytesReceived: number; bytesSent: number };
  /** Stops accepting connections. Sockets that are still open after `grace` milliseconds are destroyed. */
  close(grace: number): Promise<void>;
}

const MAX_HEADER_SIZE = 65_536;
/** Milliseconds for a request head to arrive. */
const HEADERS_TIMEOUT = 10_000;
/** Whether the host is in 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

/** The error for an address that is not on loopback. */
export function notLoopback(
  host: string,
  advice = 'use a loopback address, such as 127.0.0.1 or ::1, or set the clients that may connect with --allow',
): NtlmError {
  return new NtlmError('ERR_NTLM_NOT_LOOPBACK', `will not listen on ${host}`, { advice });
}

/** Serves HTTP/1.1 over TCP or TLS with the strict parser of node:http. */
export async function listen<Client>(options: ListenOptions, service: Service<Client>): Promise<Listener> {
  if (options.admits === undefined && !isLoopback(options.host)) throw notLoopback(options.host);
  const settings: ServerOptions & { highWaterMark: number } = {
    // CONNECT and absolute-form targets contain the destination, so the Host field is not required.
    requireHostHeader: false,
    insecureHTTPParser: false,
    maxHeaderSize: MAX_HEADER_SIZE,
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: 0,
    connectionsCheckingInterval: HEADERS_TIMEOUT / 2,
    keepAliveTimeout: 0,
    noDelay: true,
    highWaterMark: SOCKET_BUFFER,
  };
  const server =
    options.tls === undefined
      ? createServer(settings)
      : createTlsServer({ ...settings, ...options.tls, ALPNProtocols: ['http/1.1'] });
  server.timeout = options.idleTimeout;
  // A field beyond a limit could be the one that frames the body.
  server.maxHeadersCount = 0;
  const traffic = new Traffic();
  holdBack(server, options, traffic);
  const serving = new Serving(server, service, options.tls === undefined ? 'connection' : 'secureConnection');
  await start(server, options);
  const address = server.address();
  const bound =
    typeof address === 'object' && address !== null ? address : { address: options.host, port: options.port };
  // A hosts file may map `localhost` to another machine.
  if (options.admits === undefined && !isLoopback(bound.address)) {
    server.close();
    throw notLoopback(bound.address);
  }
  return {
    host: options.host,
    address: bound.address,
    port: bound.port,
    get openConnections() {
      return [...traffic.sockets].filter((socket) => !socket.destroyed).length;
    },
    traffic: () => traffic.sum(),
    async close(grace) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      serving.finish();
      const timer = setTimeout(() => {
        for (const socket of traffic.sockets) socket.destroy();
      }, grace);
      await closed;
      clearTimeout(timer);
    },
  };
}

function start(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      reject(
        new NtlmError('ERR_NTLM_LISTEN', `cannot listen on ${host}:${port} (${cause.code ?? cause.message})`, {
          advice: 'choose another port, or 0 for any free one',
          cause,
        }),
      );
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** The TCP sockets of one server. A TLS socket closes with the TCP socket below it. */
class Traffic {
  readonly sockets = new Set<Socket>();
  #bytesReceived = 0;
  #bytesSent = 0;

  add(socket: Socket): void {
    this.sockets.add(socket);
    // A client may reset its connection. Without a listener the event would end the process.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.#bytesReceived += socket.bytesRead;
      this.#bytesSent += socket.bytesWritten;
    });
  }

  sum(): { bytesReceived: number; bytesSent: number } {
    let [bytesReceived, bytesSent] = [this.#bytesReceived, this.#bytesSent];
    for (const socket of this.sockets) {
      bytesReceived += socket.bytesRead;
      bytesSent += socket.bytesWritten;
    }
    return { bytesReceived, bytesSent };
  }
}

/**
 * Limits the number of connections. Those beyond `maxConnections` are passed to node:http when another one closes. A waiting
 * client loses no data, whereas node:net would reset it.
 */
function holdBack(server: Server, { maxConnections, onWait, admits }: ListenOptions, traffic: Traffic): void {
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  const waiting: Socket[] = [];
  const served = new WeakSet<Socket>();
  let open = 0;
  const serve = (socket: Socket): void => {
    open += 1;
    served.add(socket);
    socket.once('close', () => {
      open -= 1;
      let next = waiting.shift();
      while (next?.destroyed === true) next = waiting.shift();
      if (next !== undefined) serve(next);
    });
    for (const listener of accept) listener.call(server, socket);
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (served.has(socket)) {
      for (const listener of accept) listener.call(server, socket);
      return;
    }
    if (admits?.(socket) === false) {
      socket.on('error', () => {});
      socket.resetAndDestroy();
      return;
    }
    traffic.add(socket);
    if (open < maxConnections) {
      serve(socket);
    } else {
      waiting.push(socket);
      onWait?.();
    }
  });
}
