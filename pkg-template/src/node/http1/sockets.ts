// How sockets end, and how two are joined.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export const SOCKET_BUFFER = 262_144;
/** Milliseconds for a peer to close its side after ours. */
const CLOSING_TIMEOUT = 2_000;

/** Closing with unread bytes would send a reset, which may overtake the answer: reads on until the peer closes too. */
export function linger(socket: Socket): void {
  socket.end(() => socket.readableEnded && socket.destroy());
  socket.setTimeout(CLOSING_TIMEOUT, () => socket.destroy());
  socket.once('end', () => socket.destroySoon());
  socket.resume();
}

/** node:http calls it after the last answer of a connection. */
export function lingerOnEnd(socket: Socket): void {
  const { destroySoon } = socket;
  socket.destroySoon = () => {
    socket.destroySoon = destroySoon;
    linger(socket);
  };
}

/** Notices that the client has left while nothing is read from its socket. */
export function watchForEnd(socket: Socket): { stop(): void } {
  const onReadable = (): void => {
    if (socket.readableLength === 0) socket.read(0);
  };
  const onEnd = (): void => void socket.destroy();
  socket.on('readable', onReadable).on('end', onEnd);
  return { stop: () => void socket.off('readable', onReadable).off('end', onEnd) };
}

/**
 * Makes one stream of two: what arrives on either goes out on the other, each end of data is passed on by itself (a
 * half-closed tunnel is legal), and when one breaks so does the other. Resolves when both are closed.
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
