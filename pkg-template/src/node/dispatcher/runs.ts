import type { Run } from './run.js';

/**
 * The requests under way. Not a Set: as its entries come and go it moves into a new table again and again, each old one points to
 * the next and to what it held, and once the collector has one of them among the old things, it takes every finished request
 * for alive, with its answer, until it looks through all memory: that cost a tenth of the time of a request.
 */
export class Runs {
  readonly #runs: Run[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  add(run: Run): void {
    run.place = this.#runs.push(run) - 1;
  }

  /** The last one takes its place. */
  delete(run: Run): void {
    if (this.#runs[run.place] !== run) return;
    const last = this.#runs.pop() as Run;
    if (last === run) return;
    this.#runs[run.place] = last;
    last.place = run.place;
  }

  /** As they are now, whatever becomes of them meanwhile. */
  all(): Run[] {
    return [...this.#runs];
  }
}
