/**
 * So long, in milliseconds, others wait for an outcome that comes with a request of a caller's own, which may take its time. What
 * has legs of its own has an outcome as soon as the peer has decided.
 */
const PATIENCE = 2000;

/** Credentials that have not been accepted yet, on the one connection that tries them. */
export interface Trial {
  /** Others wait: the outcome should not depend on how long the caller's request takes. Where nobody does, it may. */
  isAwaited(): boolean;
  end(): void;
}

/**
 * Credentials that a peer has not accepted yet are tried on one connection at a time: ten requests at once with a
 * mistyped password would lock the account that one of them only warns about.
 */
export class Trials {
  readonly #running = new Map<string, RunningTrial>();

  /** Resolves when the trial under way is over, or takes too long; undefined: there is none. Then of many only one begins. */
  underWay(key: string): Promise<void> | undefined {
    return this.#running.get(key)?.outcome();
  }

  /** Begins a trial. `rides`: its outcome comes with a request of the caller's own. */
  start(key: string, rides = false): Trial {
    const trial: RunningTrial = new RunningTrial(rides, () => {
      if (this.#running.get(key) === trial) this.#running.delete(key);
    });
    this.#running.set(key, trial);
    return trial;
  }
}

class RunningTrial implements Trial {
  readonly #over: Promise<void>;
  readonly #onEnd: () => void;
  #resolve: () => void = () => {};
  #awaited = false;
  #rides: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(rides: boolean, onEnd: () => void) {
    this.#rides = rides;
    this.#onEnd = onEnd;
    this.#over = new Promise((resolve) => (this.#resolve = resolve));
  }

  outcome(): Promise<void> {
    this.#awaited = true;
    if (this.#rides) this.#timer ??= setTimeout(() => this.end(), PATIENCE);
    return this.#over;
  }

  isAwaited(): boolean {
    this.#rides = !this.#awaited;
    if (this.#awaited) this.#stopTimer();
    return this.#awaited;
  }

  end(): void {
    this.#stopTimer();
    this.#onEnd();
    this.#resolve();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Waits for that, but neither longer than so many milliseconds nor for somebody who has gone. */
export async function withDeadline(
  outcome: Promise<void>,
  milliseconds: number,
  tooLong: () => Error,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  let stop = (): void => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(tooLong()), Math.max(milliseconds, 0));
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    await Promise.race([outcome, givenUp]);
  } finally {
    stop();
  }
}
