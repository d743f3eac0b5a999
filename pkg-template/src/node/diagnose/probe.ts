import type { Outcome, Probe } from './report.js';

/** Thrown by a probe that found a failure. */
export class Failed extends Error {}

/** Thrown by a probe that does not apply. */
export class Skipped extends Error {}

/** Milliseconds for a probe to stop after it was aborted. */
const GRACE = 500;

/** Runs one probe. It always ends in time, with one of the four outcomes. */
export async function probe(
  id: Probe['id'],
  timeout: number,
  run: (signal: AbortSignal) => Promise<string>,
): Promise<Probe> {
  const start = performance.now();
  const deadline = new AbortController();
  const tooLate = new Failed(`no end after ${timeout} ms`);
  const timers = [setTimeout(() => deadline.abort(tooLate), timeout)];
  // The probe may still record its observations.
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

/** Waits for work that cannot be cancelled until the signal is aborted. */
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
