import type { Duplex } from 'node:stream';

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
