import { createServer, type Server, type Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { isLoopback } from '../http1/listener.js';
import { hostPort } from '../url.js';

export interface TcpListener {
  /** The listening address, `host:port`. */
  readonly address: string;
  readonly port: number;
  readonly openConnections: number;
  close(): Promise<void>;
}

export interface TcpListenOptions {
  readonly host: string;
  readonly port: number;
  readonly idleTimeout: number;
  /** Whether a connection is allowed. Without it only loopback addresses may be listened on. */
  readonly admits: ((socket: Socket) => boolean) | undefined;
}

/** Listens for connections of other protocols than HTTP. */
export async function listenTcp(options: TcpListenOptions, serve: (socket: Socket) => void): Promise<TcpListener> {
  const { host, port, admits, idleTimeout } = options;
  if (admits === undefined && !isLoopback(host)) {
    throw new NtlmError('ERR_NTLM_NOT_LOOPBACK', `will not listen on ${host}`, {
      advice: 'use a loopback address, such as 127.0.0.1 or ::1, or set the clients that may connect with --allow',
    });
  }
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    if (admits !== undefined && !admits(socket)) {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setTimeout(idleTimeout, () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new NtlmError('ERR_NTLM_LISTEN', `cannot listen on ${host}:${port} (${cause.code ?? cause.message})`, {
          advice: 'choose another port, or 0 for any free one',
          cause,
        }),
      );
    });
    server.listen({ host, port }, resolve);
  });
  const bound = server.address();
  const { address, port: boundPort } = typeof bound === 'object' && bound !== null ? bound : { address: host, port };
  return {
    address: hostPort(address, boundPort),
    port: boundPort,
    get openConnections() {
      return sockets.size;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
