import type { Outcome, Probe } from './report.js';

/** Thrown by a probe that found out that something does not work. */
export class Failed extends Error {}

/** Thrown by a probe that has nothing to do. */
export class Skipped extends Error {}

/** Runs one probe; whatever happens ends in one of the four words, and in time. */
export async function probe(
  id: Probe['id'],
  timeout: number,
  run: (signal: AbortSignal) => Promise<string>,
): Promise<Probe> {
  const start = performance.now();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Failed(`no end after ${timeout} ms`)), timeout);
  const late = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason as Error), { once: true });
  });
  let outcome: Outcome = 'ok';
  let summary: string;
  try {
    summary = await Promise.race([run(deadline.signal), late]);
  } catch (error) {
    outcome = error instanceof Skipped ? 'skipped' : error instanceof Failed ? 'failed' : 'crashed';
    summary = (error as Error).message;
  } finally {
    clearTimeout(timer);
  }
  return { id, outcome, milliseconds: Math.round(performance.now() - start), summary };
}
