/** For so long, in milliseconds, a connection waits for what becomes of another one. */
const PATIENCE = 1000;

interface Trial {
  readonly over: Promise<void>;
  awaited: boolean;
}

/**
 * Credentials that a peer has not accepted yet are tried on one connection at a time: ten requests at once with a
 * mistyped password would lock the account that one of them only warns about.
 */
export class Trials {
  readonly #running = new Map<string, Trial>();

  /** When to stop waiting, for somebody who begins to wait now. */
  deadline(): number {
    return Date.now() + PATIENCE;
  }

  /** Undefined: there is no trial, or it takes too long. Decided at once, so that of many only one begins. */
  underWay(key: string, deadline: number): Promise<void> | undefined {
    const trial = this.#running.get(key);
    const patience = deadline - Date.now();
    if (trial === undefined || patience <= 0) return undefined;
    trial.awaited = true;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
    return Promise.race([trial.over, enough]).finally(() => clearTimeout(timer));
  }

  /** Begins a trial; what it returns ends it. */
  start(key: string): () => void {
    let resolve: (() => void) | undefined;
    const trial: Trial = { over: new Promise<void>((settle) => (resolve = settle)), awaited: false };
    this.#running.set(key, trial);
    return () => {
      if (this.#running.get(key) === trial) this.#running.delete(key);
      resolve?.();
    };
  }

  /** Others wait: the outcome should not depend on how long the caller's request takes. */
  isAwaited(key: string): boolean {
    return this.#running.get(key)?.awaited ?? false;
  }
}
