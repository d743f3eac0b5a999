import type { Outcome, Probe } from './report.js';

/** Thrown by a probe that found out that something does not work. */
export class Failed extends Error {}

/** Thrown by a probe that has nothing to do. */
export class Skipped extends Error {}

/** Milliseconds that a probe has to stop after it was told to. */
const GRACE = 500;

/** Runs one probe; whatever happens ends in one of the four words, and in time. */
export async function probe(
  id: Probe['id'],
  timeout: number,
  run: (signal: AbortSignal) => Promise<string>,
): Promise<Probe> {
  const start = performance.now();
  const deadline = new AbortController();
  const tooLate = new Failed(`no end after ${timeout} ms`);
  const timers = [setTimeout(() => deadline.abort(tooLate), timeout)];
  // It may still write down what it has seen.
  const late = new Promise<never>((_, reject) => timers.push(setTimeout(() => reject(tooLate), timeout + GRACE)));
  let outcome: Outcome = 'ok';
  let summary: string;
  try {
    summary = await Promise.race([run(deadline.signal), late]);
  } catch (error) {
    outcome = error instanceof Skipped ? 'skipped' : error instanceof Failed ? 'failed' : 'crashed';
    summary = (error as Error).message;
  } finally {
    timers.forEach(clearTimeout);
  }
  return { id, outcome, milliseconds: Math.round(performance.now() - start), summary };
}

/** For what cannot be stopped: it is left alone when the time is over. */
export async function inTime<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  if (!(work instanceof Promise)) return work;
  let onAbort = (): void => {};
  const late = new Promise<never>((_, reject) => {
    onAbort = () => reject(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
