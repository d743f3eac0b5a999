// How sockets end, and how two are joined.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ReusedBuffer } from './reused-buffer.js';

/**
 * The bytes that a socket may buffer before its source must wait. Node reads up to 64 KiB at a time. With the default limit
 * of 16 KiB (Node 20), every chunk of a long body would pause the source.
 */
export const SOCKET_BUFFER = 262_144;
/** Milliseconds for a peer to close its side after this side. */
const CLOSING_TIMEOUT = 2_000;

/** Reads until the peer closes. Closing with unread bytes would send a reset, which may overtake the response. */
export function linger(socket: Socket): void {
  socket.end(() => socket.readableEnded && socket.destroy());
  socket.setTimeout(CLOSING_TIMEOUT, () => socket.destroy());
  socket.once('end', () => socket.destroySoon());
  socket.resume();
}

/** Called by node:http after the last response of a connection. */
export function lingerOnEnd(socket: Socket): void {
  const { destroySoon } = socket;
  socket.destroySoon = () => {
    socket.destroySoon = destroySoon;
    linger(socket);
  };
}

/** Detects that the client has left while nothing is read from its socket. */
export function watchForEnd(socket: Socket): { stop(): void } {
  const onReadable = (): void => {
    if (socket.readableLength === 0) socket.read(0);
  };
  const onEnd = (): void => void socket.destroy();
  socket.on('readable', onReadable).on('end', onEnd);
  return { stop: () => void socket.off('readable', onReadable).off('end', onEnd) };
}

/**
 * Connects two streams. Data and each end of data are forwarded separately, because a half-closed tunnel is valid. An error in
 * one destroys the other. Resolves when both are closed.
 */
export function joinSockets(one: Duplex, other: Duplex): Promise<void> {
  forwardAll(one, other);
  forwardAll(other, one);
  return Promise.all([follow(one, other), follow(other, one)]).then(() => {});
}

function forwardAll(source: Duplex, destination: Duplex): void {
  const reused = ReusedBuffer.of(source);
  // A TLS socket encrypts later, so it would need its own copy.
  if (reused === undefined || !(destination instanceof Socket) || 'encrypted' in destination) {
    source.pipe(destination);
    return;
  }
  for (let chunk: unknown; (chunk = source.read()) !== null;) destination.write(chunk as Buffer);
  source.once('end', () => destination.end());
  source.resume();
  reused.forward(destination);
}

function follow(stream: Duplex, partner: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      if (!partner.writableEnded) partner.destroy();
      else discard(partner);
      resolve();
    };
    stream.on('error', () => partner.destroy());
    if (stream.destroyed) onClose();
    else stream.once('close', onClose);
  });
}

/**
 * Reads and discards data whose destination is closed. Unread data would hide the end of the connection. A peer that does not
 * end its side after it has received everything is disconnected.
 */
function discard(stream: Duplex): void {
  if (stream.destroyed) return;
  stream.resume();
  const onFinish = (): void => {
    const timer = setTimeout(() => stream.destroy(), CLOSING_TIMEOUT);
    stream.once('close', () => clearTimeout(timer));
  };
  if (stream.writableFinished) onFinish();
  else stream.once('finish', onFinish);
}
