import { NtlmError } from '../../errors.js';
import { sharedState } from '../shared-state.js';
import { hostPort } from '../url.js';

/** The side of a connection that may authenticate us. */
export interface Peer {
  readonly role: 'proxy' | 'origin';
  readonly host: string;
  readonly port: number;
}

/**
 * What a target has shown about its challenges:
 * - `none`: it did not challenge the last request
 * - `head`: it challenges HEAD
 * - `token`: it challenges this method
 * - `empty`: it challenges this method, and closes the connection if there is a body
 */
export type FirstLeg = 'none' | 'head' | 'token' | 'empty';

/** Permission to send one message that proves an identity. Exactly one method is called, once. */
export interface Attempt {
  accepted(): void;
  rejected(error: NtlmError): void;
  /** There is no verdict: the peer closed the connection, or we stopped waiting. */
  abandoned(by: 'peer' | 'us'): void;
}

/** The time, injected by tests. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Calls back after so many milliseconds, unless the returned function is called first. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Domains lock an account after a few wrong passwords: a rejected identity is not sent again for so long. */
const REJECTION_MEMORY = 30_000;
/** As many proofs may be under way as were accepted in this time. */
const FRESH = 5_000;
/** A proof that rides on a slow request holds up the others for so long. */
const PATIENCE = 10_000;
/** A second connection closed without a verdict counts as a rejection. */
const MOST_CLOSINGS = 2;
const MOST_TARGETS = 1_000;
const MOST_IDENTITIES = 1_000;

/** For messages: "the proxy proxy.corp.example:8080". */
export function peerName({ role, host, port }: Peer): string {
  return `the ${role === 'proxy' ? 'proxy' : 'server'} ${hostPort(host, port)}`;
}

interface Rejection {
  readonly error: NtlmError;
  readonly until: number;
}

/** One identity at one peer. */
class PeerState {
  readonly name: string;
  /** It has accepted the identity at least once. */
  accepted = false;
  /** When it did so in the last five seconds. */
  recent: number[] = [];
  rejection: Rejection | undefined;
  /** Connections that it closed in place of a verdict, with no acceptance in between. */
  closings = 0;
  closedAt = -Infinity;
  /** Closings of all time. */
  allClosings = 0;

  constructor(name: string) {
    this.name = name;
  }
}

interface Running {
  readonly at: PeerState;
  readonly startedAt: number;
  /** Closings of the peer before it. */
  readonly closingsBefore: number;
}

/** One identity in the process: its verdicts at each peer, the attempts under way, and who waits for them. */
class IdentityState {
  readonly peers = new Map<string, PeerState>();
  readonly running = new Set<Running>();
  readonly waiting = new Set<() => void>();
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

  /** Whether one more proof may be sent there now. */
  mayProve(at: PeerState): boolean {
    const now = this.#clock.now();
    at.recent = at.recent.filter((time) => now - time <= FRESH);
    let underWay = 0;
    let overdue = 0;
    for (const { at: place, startedAt } of this.running) {
      // Peers that have never accepted the identity are tried one after the other.
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
      for (const check of [...this.waiting]) check();
    };
    return {
      accepted: () => settle(() => this.#accepted(at)),
      rejected: (error) => settle(() => this.#rejected(at, error)),
      abandoned: (by) => settle(() => by === 'peer' && this.#closed(at, running)),
    };
  }

  /** Calls `check` after each verdict, and when an attempt has taken too long, until it returns true. */
  wait(check: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel = (): void => {};
      const stop = (): void => {
        cancel();
        this.waiting.delete(again);
        signal.removeEventListener('abort', onAbort);
      };
      const again = (): void => {
        cancel();
        try {
          if (check()) resolve();
          else return arm();
        } catch (error) {
          reject(error as Error);
        }
        stop();
      };
      const arm = (): void => {
        const times = [...this.running].map(({ startedAt }) => startedAt + PATIENCE - this.#clock.now());
        const next = Math.min(...times.filter((time) => time > 0));
        cancel = next === Infinity ? () => {} : this.#clock.after(next, again);
      };
      const onAbort = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      this.waiting.add(again);
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

  /** A peer that restarts closes several connections at once: only a proof that began later is another closing. */
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
 * The state of every identity at every peer in this process, and what targets have taught about their challenges. It
 * decides who may send a proof, and when: a password is wrong once, however many connections want to send it.
 */
export class AuthRegistry {
  readonly #clock: Clock;
  readonly #identities = new Map<string, IdentityState>();
  readonly #targets = new Map<string, FirstLeg>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The one of this process, also where several copies of the package are loaded. */
  static shared(): AuthRegistry {
    return (sharedState()['registry'] ??= new AuthRegistry()) as AuthRegistry;
  }

  /** Why this identity is not sent there now. */
  rejection(peer: Peer, key: string): NtlmError | undefined {
    const identity = this.#identities.get(key);
    return identity?.rejection(identity.at(peer));
  }

  /** Resolves when a proof may be sent there; undefined: it may be sent now. */
  settled(peer: Peer, key: string, signal: AbortSignal): Promise<void> | undefined {
    const identity = this.#identities.get(key);
    if (identity === undefined || identity.running.size === 0) return undefined;
    const at = identity.at(peer);
    const isOpen = (): boolean => identity.mayProve(at) || identity.rejection(at) !== undefined;
    return isOpen() ? undefined : identity.wait(isOpen, signal);
  }

  /** To be called before a header that proves the identity is sent. Fails with the rejection, if there is one. */
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
    return identity.wait(take, signal).then(() => granted as Attempt);
  }

  /** What that target has taught: `role peer origin method path`. */
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
