import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { ReusedBuffer } from '../http1/reused-buffer.js';
import { SOCKET_BUFFER } from '../http1/sockets.js';
import { type ConnectionOptions as TlsOptions, connect as connectTls, type TLSSocket } from 'node:tls';

/**
 * Opens a TCP connection. The signal destroys the socket with its reason until it is open. `forwards`: long data will be
 * forwarded to another socket.
 */
export function openTcp(options: TcpNetConnectOpts, signal: AbortSignal, forwards = false): Promise<Socket> {
  signal.throwIfAborted();
  const settings = { noDelay: true, keepAlive: true, highWaterMark: SOCKET_BUFFER, ...options } as TcpNetConnectOpts;
  const socket = forwards && isNode ? ReusedBuffer.connect(settings) : connectPlain(settings);
  return settled(socket, 'connect', signal);
}

/** Bun and Deno ignore the option `onread`. */
const isNode = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

/** The sockets below a TLS socket, which closes them. */
const belowTls = new WeakSet<Socket>();

export interface TlsStartOptions extends TlsOptions {
  /** Called before the handshake. */
  readonly onTlsSocket?: (socket: TLSSocket) => void;
}

/** Starts TLS on an open socket. The certificate must name `host`, unless the options override it. */
export function startTls(
  socket: Socket,
  host: string,
  options: TlsStartOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  belowTls.add(socket);
  const servername = options.servername ?? (isIP(host) === 0 ? host : '');
  const { onTlsSocket, ...given } = options;
  // NTLM and HTTP/2 exclude each other (a stream is not a connection), so only HTTP/1.1 is offered.
  const secured = connectTls({ ...given, ALPNProtocols: ['http/1.1'], host, servername, socket });
  onTlsSocket?.(secured);
  return settled(secured, 'secureConnect', signal);
}

function settled<T extends Socket>(socket: T, event: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // Destroying the lower socket first, in the tick in which TLS is ready, crashes Node 20 to 24.
    const onAbort = (): void => void (belowTls.has(socket) || socket.destroy(signal.reason as Error));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      socket.off('error', reject);
      resolve(socket);
    });
    const onClose = (): void =>
      reject(Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' }));
    socket.once('error', reject);
    socket.once('close', onClose);
    // Between two owners there may be no listener, and an unhandled 'error' event ends the process.
    socket.on('error', ignore);
  });
}

function ignore(): void {}
