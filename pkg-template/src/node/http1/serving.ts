import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { NtlmError } from '../../errors.js';
import type { Duplex } from 'node:stream';

export interface ListenOptions {
  /** A loopback address: what listens here speaks with credentials. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly maxConnections: number;
}

export interface Listener {
  readonly host: string;
  /** Of `localhost` the one of its addresses that is listened on: the others may be anybody's. */
  readonly address: string;
  readonly port: number;
  readonly openConnections: number;
  /** Bytes since the start, TLS records included. */
  traffic(): { bytesReceived: number; bytesSent: number };
  /** Stops accepting; sockets that are still open after `grace` milliseconds are destroyed. */
  close(grace: number): Promise<void>;
}

/** 127.0.0.0/8, ::1 and their usual name. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name);
}

function notLoopback(host: string): NtlmError {
  return new NtlmError('ERR_NTLM_NOT_LOOPBACK', `will not listen on ${host}`, {
    advice: 'use an address of this machine alone, such as 127.0.0.1 or ::1',
  });
}

/** Listens on loopback, over TCP or TLS, and hands over each connection. */
export async function listen(options: ListenOptions, onSocket: (socket: Socket) => void): Promise<Listener> {
  if (!isLoopback(options.host)) throw notLoopback(options.host);
  const sockets = new Set<Socket>();
  const past = { bytesReceived: 0, bytesSent: 0 };
  const server =
    options.tls === undefined
      ? createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: SOCKET_BUFFER }, onSocket)
      : createTlsServer({ ...options.tls, allowHalfOpen: true, ALPNProtocols: ['http/1.1'] }, onSocket);
  // TCP sockets in both cases: a TLS socket ends with the TCP socket below it.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A client that resets its connection is its own affair; without a listener it would end the process.
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      past.bytesReceived += socket.bytesRead;
      past.bytesSent += socket.bytesWritten;
    });
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}));
  server.maxConnections = options.maxConnections;
  await start(server, options);
  const address = server.address();
  const bound =
    typeof address === 'object' && address !== null ? address : { address: options.host, port: options.port };
  // A hosts file may give `localhost` to another machine.
  if (!isLoopback(bound.address)) {
    server.close();
    throw notLoopback(bound.address);
  }
  const { port, address: own } = bound;
  return {
    host: options.host,
    address: own,
    port,
    get openConnections() {
      return [...sockets].filter((socket) => !socket.destroyed).length;
    },
    traffic() {
      const sum = { ...past };
      for (const socket of sockets) {
        sum.bytesReceived += socket.bytesRead;
        sum.bytesSent += socket.bytesWritten;
      }
      return sum;
    },
    async close(grace) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
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

/**
 * Makes one stream of two: what arrives on either goes out on the other, each end of data is passed on by itself (a
 * half-closed tunnel is a legal one), and when one breaks so does the other. Resolves when both are gone.
 */
export function joinSockets(one: Duplex, other: Duplex): Promise<void> {
  one.pipe(other);
  other.pipe(one);
  return Promise.all([follow(one, other), follow(other, one)]).then(() => {});
}

function follow(stream: Duplex, partner: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      if (!partner.writableEnded) partner.destroy();
      resolve();
    };
    stream.on('error', () => partner.destroy());
    if (stream.destroyed) onClose();
    else stream.once('close', onClose);
  });
}

/**
 * How much a socket may hold back before its source has to wait. Node reads up to 64 KiB at a time; with its own limit of
 * 16 KiB (Node 20) every piece of a long body would stop the source and start it again.
 */
export const SOCKET_BUFFER = 262_144;
