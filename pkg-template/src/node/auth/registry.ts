import { NtlmError } from '../../errors.js';
import { sharedState } from '../shared-state.js';
import { hostPort } from '../url.js';

/** The peer that we authenticate to: a proxy or a server. */
export interface Peer {
  readonly role: 'proxy' | 'origin';
  readonly host: string;
  readonly port: number;
}

/**
 * What is known about the challenges of a target:
 * - `none`: it did not challenge the last request
 * - `head`: it challenges HEAD
 * - `token`: it challenges this method
 * - `empty`: it challenges this method, and closes the connection if there is a body
 */
export type FirstLeg = 'none' | 'head' | 'token' | 'empty';

/** Permission to send one message that proves an identity. Exactly one method must be called, once. */
export interface Attempt {
  accepted(): void;
  rejected(error: NtlmError): void;
  /** There is no verdict: the peer closed the connection, or this side stopped waiting. */
  abandoned(by: 'peer' | 'us'): void;
}

/** The time, injected by tests. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Calls back after the given milliseconds, unless the returned function is called first. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Milliseconds for which a rejected identity is not sent again, because domains lock accounts after a few failures. */
const REJECTION_MEMORY = 30_000;
/** Milliseconds: the number of proofs accepted in this time limits the number of simultaneous proofs. */
const FRESH = 5_000;
/** The maximum milliseconds for which a proof on a slow request delays the others. */
const PATIENCE = 10_000;
/** The number of connections closed without a verdict that count as a rejection. */
const MOST_CLOSINGS = 2;
const MOST_TARGETS = 1_000;
const MOST_IDENTITIES = 1_000;

/** Returns the peer's name in messages: "the proxy proxy.corp.example:8080". */
export function peerName({ role, host, port }: Peer): string {
  return `the ${role === 'proxy' ? 'proxy' : 'server'} ${hostPort(host, port)}`;
}

interface Rejection {
  readonly error: NtlmError;
  readonly until: number;
}

/** The state of one identity at one peer. */
class PeerState {
  readonly name: string;
  /** The peer has accepted the identity at least once. */
  accepted = false;
  /** The times of acceptances in the last five seconds. */
  recent: number[] = [];
  rejection: Rejection | undefined;
  /** The number of connections closed without a verdict since the last acceptance. */
  closings = 0;
  closedAt = -Infinity;
  /** The total number of closings. */
  allClosings = 0;

  constructor(name: string) {
    this.name = name;
  }
}

interface Running {
  readonly at: PeerState;
  readonly startedAt: number;
  /** The peer's closings before this attempt. */
  readonly closingsBefore: number;
}

/** A caller that waits until a proof may be sent to the peer. */
interface Waiter {
  readonly at: PeerState;
  /** Whether a timer will check again. */
  isArmed: boolean;
  /** Checks again. Returns whether the waiting has ended. */
  readonly again: () => boolean;
}

/** One identity in the process: its verdicts per peer, the pending attempts, and the waiting callers. */
class IdentityState {
  readonly peers = new Map<string, PeerState>();
  readonly running = new Set<Running>();
  readonly waiting = new Set<Waiter>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  at(peer: Peer): PeerState {
    const name = peerName(peer);
    const key = name.toLowerCase();
    let state = this.peers.get(key);
    if (state === undefined) this.peers.set(key, (state = new PeerState(name)));
    return state;
  }

  rejection(at: PeerState): NtlmError | undefined {
    const now = this.#clock.now();
    const live = (state: PeerState): boolean => state.rejection !== undefined && state.rejection.until > now;
    if (live(at)) return at.rejection?.error;
    if (at.accepted) return undefined;
    for (const other of this.peers.values()) if (live(other)) return rejectedElsewhere(at.name, other);
    return undefined;
  }

  /** Whether another proof may be sent to the peer now. */
  mayProve(at: PeerState): boolean {
    const now = this.#clock.now();
    at.recent = at.recent.filter((time) => now - time <= FRESH);
    let underWay = 0;
    let overdue = 0;
    for (const { at: place, startedAt } of this.running) {
      // Peers that have never accepted the identity are tried one at a time.
      if (at.accepted ? place !== at : place.accepted) continue;
      underWay += 1;
      if (now - startedAt >= PATIENCE) overdue = 1;
    }
    return underWay - overdue < Math.max(1, at.accepted ? at.recent.length : 0);
  }

  start(at: PeerState): Attempt {
    const running: Running = { at, startedAt: this.#clock.now(), closingsBefore: at.allClosings };
    this.running.add(running);
    const settle = (record: () => void): void => {
      if (!this.running.delete(running)) return;
      record();
      // If one waiter must go on waiting, so must all others at the same peer. With thousands, checking each would take seconds.
      const closed = new Set<PeerState>();
      for (const waiter of [...this.waiting]) {
        if (waiter.isArmed && closed.has(waiter.at)) continue;
        if (!waiter.again()) closed.add(waiter.at);
      }
    };
    return {
      accepted: () => settle(() => this.#accepted(at)),
      rejected: (error) => settle(() => this.#rejected(at, error)),
      abandoned: (by) => settle(() => by === 'peer' && this.#closed(at, running)),
    };
  }

  /** Calls `check` after each verdict and after each timeout of an attempt until it returns true. */
  wait(at: PeerState, check: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = (): void => {};
      const stop = (): void => {
        cancel();
        this.waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const again = (): boolean => {
        cancel();
        try {
          if (!check()) {
            arm();
            return false;
          }
          resolve();
        } catch (error) {
          reject(error as Error);
        }
        stop();
        return true;
      };
      const waiter: Waiter = { at, isArmed: false, again };
      const arm = (): void => {
        const times = [...this.running].map(({ startedAt }) => startedAt + PATIENCE - this.#clock.now());
        const next = Math.min(...times.filter((time) => time > 0));
        waiter.isArmed = next < Infinity;
        cancel = waiter.isArmed ? this.#clock.after(next, () => void again()) : () => {};
      };
      const onAbort = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      this.waiting.add(waiter);
      arm();
    });
  }

  #accepted(at: PeerState): void {
    at.accepted = true;
    at.closings = 0;
    at.rejection = undefined;
    at.recent.push(this.#clock.now());
  }

  #rejected(at: PeerState, error: NtlmError): void {
    at.recent = [];
    at.rejection = { error, until: this.#clock.now() + REJECTION_MEMORY };
  }

  /** Counts a closing. A restarting peer closes several connections at once, so only later proofs count again. */
  #closed(at: PeerState, { closingsBefore }: Running): void {
    if (closingsBefore !== at.allClosings) return;
    at.allClosings += 1;
    const now = this.#clock.now();
    at.closings = now - at.closedAt < REJECTION_MEMORY ? at.closings + 1 : 1;
    at.closedAt = now;
    if (at.closings >= MOST_CLOSINGS) this.#rejected(at, closedInsteadOfVerdict(at.name));
  }
}

/**
 * The state of every identity at every peer in this process, and the known challenge behaviour of targets. It schedules the
 * proofs, so that a wrong password is sent only once, regardless of the number of connections.
 */
export class AuthRegistry {
  readonly #clock: Clock;
  readonly #identities = new Map<string, IdentityState>();
  readonly #targets = new Map<string, FirstLeg>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Returns the registry of this process, which all copies of the package share. */
  static shared(): AuthRegistry {
    return (sharedState()['registry'] ??= new AuthRegistry()) as AuthRegistry;
  }

  /** Returns the error for which this identity is not sent to the peer now, if any. */
  rejection(peer: Peer, key: string): NtlmError | undefined {
    const identity = this.#identities.get(key);
    return identity?.rejection(identity.at(peer));
  }

  /** Resolves when a proof may be sent to the peer; undefined if it may be sent now. */
  settled(peer: Peer, key: string, signal: AbortSignal): Promise<void> | undefined {
    const identity = this.#identities.get(key);
    if (identity === undefined || identity.running.size === 0) return undefined;
    const at = identity.at(peer);
    const isOpen = (): boolean => identity.mayProve(at) || identity.rejection(at) !== undefined;
    return isOpen() ? undefined : identity.wait(at, isOpen, signal);
  }

  /** Must be called before a header that proves the identity is sent. Throws the rejection, if there is one. */
  attempt(peer: Peer, key: string, signal: AbortSignal): Attempt | Promise<Attempt> {
    const identity = this.#identity(key);
    const at = identity.at(peer);
    let granted: Attempt | undefined;
    const take = (): boolean => {
      const rejection = identity.rejection(at);
      if (rejection !== undefined) throw rejection;
      if (identity.mayProve(at)) granted = identity.start(at);
      return granted !== undefined;
    };
    if (take()) return granted as unknown as Attempt;
    return identity.wait(at, take, signal).then(() => granted as Attempt);
  }

  /** Returns the known first leg for a target: `role peer origin method path`. */
  firstLeg(target: string): FirstLeg | undefined {
    return this.#targets.get(target);
  }

  teach(target: string, leg: FirstLeg | undefined): void {
    this.#targets.delete(target);
    if (leg === undefined) return;
    this.#targets.set(target, leg);
    if (this.#targets.size > MOST_TARGETS) this.#targets.delete(this.#targets.keys().next().value as string);
  }

  #identity(key: string): IdentityState {
    let identity = this.#identities.get(key);
    if (identity === undefined) {
      if (this.#identities.size >= MOST_IDENTITIES) this.#forgetUnused();
      this.#identities.set(key, (identity = new IdentityState(this.#clock)));
    }
    return identity;
  }

  #forgetUnused(): void {
    const now = this.#clock.now();
    for (const [key, { running, waiting, peers }] of this.#identities) {
      const rejected = [...peers.values()].some(({ rejection }) => rejection !== undefined && rejection.until > now);
      if (running.size === 0 && waiting.size === 0 && !rejected) this.#identities.delete(key);
    }
  }
}

const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.ceil(milliseconds));
    return () => clearTimeout(timer);
  },
};

function rejectedElsewhere(peer: string, { name, rejection }: PeerState): NtlmError {
  return new NtlmError('ERR_NTLM_REJECTED', `${name} rejected these credentials, so they are not sent to ${peer}`, {
    advice: 'correct the user name or password; they are tried again 30 seconds after the rejection',
    cause: rejection?.error,
  });
}

function closedInsteadOfVerdict(peer: string): NtlmError {
  return new NtlmError(
    'ERR_NTLM_REJECTED',
    `${peer} closed the connection twice instead of accepting the credentials`,
    {
      advice: 'check the user name and password; some servers close the connection when they reject them',
    },
  );
}
