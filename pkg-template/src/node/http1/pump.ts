import type { Duplex } from 'node:stream';

/** Knows where a body ends. */
export interface Meter {
  /** How many bytes at the front of the chunk belong to the body. */
  take(chunk: Buffer): number;
  readonly done: boolean;
}

/**
 * Passes a body on from one socket to the other, chunk by chunk as it arrives and at the pace of the slower side, with
 * neither a copy nor a promise a chunk. Resolves with the bytes that lie behind the body, or with undefined when the
 * source ended first.
 */
export function pump(source: Duplex, sink: Duplex, meter: Meter): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      let taken: number;
      try {
        taken = meter.take(chunk);
      } catch (error) {
        finish(() => reject(error as Error));
        return;
      }
      const flowing = sink.write(taken < chunk.length ? chunk.subarray(0, taken) : chunk);
      if (meter.done) finish(() => resolve(chunk.subarray(taken)));
      else if (!flowing) source.pause();
    };
    const onDrain = (): void => void source.resume();
    const onOver = (): void => finish(() => resolve(undefined));
    const onError = (error: Error): void => finish(() => reject(error));
    const onGone = (): void => finish(() => reject(new Error('the peer has gone')));
    const finish = (settle: () => void): void => {
      source.off('data', onData).off('end', onOver).off('close', onOver).off('error', onError);
      sink.off('drain', onDrain).off('close', onGone);
      source.pause();
      settle();
    };
    if (source.destroyed || sink.destroyed)
      return source.destroyed ? resolve(undefined) : reject(new Error('the peer has gone'));
    source.on('data', onData).on('end', onOver).on('close', onOver).on('error', onError);
    sink.on('drain', onDrain).on('close', onGone);
    source.resume();
  });
}
