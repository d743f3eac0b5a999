import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { certificateOf, createAuthenticator } from './authenticator.js';
import { handshakeTimeout } from '../network-errors.js';
import { AuthSession, type SessionObserver } from './session.js';
import { type ConnectionOptions, LONGEST_TIMEOUT } from '../options.js';
import {
  type Credentials,
  type CredentialQuestion,
  type CredentialSource,
  credentialIdentity,
  createCredentialSource,
  type Identity,
  SystemIdentity,
} from '../credentials/index.js';
import { withDeadline, type Trial, Trials } from './trials.js';
import { hostPort } from '../url.js';

/** One side that may ask who is there, and what is known of it before the connection exists. */
export interface SignOn {
  /** `socket` is the one whose certificate the handshake is bound to. */
  createSession(socket: Socket): AuthSession;
  /** Whether a handshake that began on another socket may go on with this one: it was shown the same certificate. */
  continuesOn(party: AuthSession, socket: Socket): boolean;
  /** Begin before being asked: that side has asked before, or nothing is known of it. */
  readonly expected: boolean;
  /** These credentials have never been accepted there: find out before the caller's request is spent on it. */
  unproven(method: string): boolean;
}

/** Who may ask who is there. */
export interface Asker {
  readonly isProxy: boolean;
  readonly host: string;
  readonly port: number;
  /** Credentials that are this one's alone. */
  readonly own?: Credentials | undefined;
}

/** What becomes of an opening whose credentials were refused. */
export interface Refusal {
  /** A function may now give others. */
  askAgain: boolean;
}

/** For one connection; to be ended with it, whatever becomes of it. */
export type PreparedSignOn = SignOn & { endTrial(): void };

const HANDSHAKE_TIMEOUT = 30_000;
/** An account is locked after a few wrong passwords: what was refused is not sent again for so long. */
const REFUSAL_MEMORY = 30_000;

/**
 * With what to sign on where, and what earlier connections have taught: who asks, and what was accepted or refused. What nobody
 * has accepted yet is tried on one connection at a time.
 */
export class SignOns {
  /** Milliseconds for opening a connection, with every leg on it. */
  readonly timeout: number;
  readonly #options: ConnectionOptions;
  readonly #credentials: CredentialSource;
  readonly #trials = new Trials();
  /** Which credentials each peer has accepted. */
  readonly #proven = new Map<string, string>();
  readonly #refused = new Map<string, { error: NtlmError; time: number }>();
  /** Peers that answered a first leg without asking for the second. They are not greeted before they do. */
  readonly #unasking = new Set<string>();

  constructor(options: ConnectionOptions) {
    this.timeout = Math.min(options.handshakeTimeout ?? HANDSHAKE_TIMEOUT, LONGEST_TIMEOUT);
    this.#options = options;
    this.#credentials = createCredentialSource(options.credentials);
  }

  /** Goes up when credentials are replaced: connections made before belong to the old ones. */
  get generation(): number {
    return this.#credentials.generation;
  }

  /** Undefined: there is nothing to sign on with. Waits while another connection tries the same. */
  async with(asker: Asker, refusal: Refusal, signal: AbortSignal | undefined): Promise<PreparedSignOn | undefined> {
    const { isProxy, host, port, own } = asker;
    const ask: CredentialQuestion = { host, port, isProxy, schemes: this.#options.schemes ?? ['Negotiate', 'NTLM'] };
    const peer = `${isProxy ? 'the proxy' : 'the server'} ${hostPort(host, port)}`;
    const since = Date.now();
    for (;;) {
      const credentials = own ?? (await this.#credentials.find(ask));
      if (credentials === undefined) return undefined;
      const identity = credentialIdentity(credentials);
      const key = `${peer} ${identity}`;
      this.#checkRefused(key);
      const known: Known = { asker, ask, peer, credentials, identity, key };
      // Who does not ask is not shown anything to try; should he ask after all, there is `beforeProof`.
      if (this.#isProven(known) || this.#unasking.has(peer)) return this.#prepared(known, refusal, undefined);
      const others = this.#trials.underWay(key);
      if (others === undefined) return this.#prepared(known, refusal, this.#trials.start(key));
      await this.#orTooLate(others, since, peer, signal);
    }
  }

  #prepared(known: Known, refusal: Refusal, begun: Trial | undefined): PreparedSignOn {
    const { asker, peer, credentials } = known;
    const { isProxy, host } = asker;
    const { schemes, channelBindings, credentials: option } = this.#options;
    const own: OwnTrial = { trial: begun };
    const observer = this.#observer(known, refusal, own);
    const bindingOf = (socket: Socket): Uint8Array | undefined =>
      channelBindings === 'off' ? undefined : certificateOf(socket);
    return {
      createSession: (socket) => {
        const certificate = bindingOf(socket);
        const authenticator = createAuthenticator(credentials, { isProxy, host, schemes, certificate });
        return new AuthSession(authenticator, isProxy, peer, observer, certificate);
      },
      continuesOn: ({ certificate = NONE }, socket) => Buffer.compare(certificate, bindingOf(socket) ?? NONE) === 0,
      expected: !this.#unasking.has(peer),
      unproven: (method) =>
        own.trial?.isAwaited() === true ||
        (!this.#isProven(known) &&
          // A ticket would ride on the request at once, and not every request can be sent once more.
          (typeof option === 'function' || (credentials instanceof SystemIdentity && !isRepeatable(method)))),
      endTrial: () => endTrial(own),
    };
  }

  #observer(known: Known, refusal: Refusal, own: OwnTrial): SessionObserver {
    const { asker, ask, peer, credentials, identity, key } = known;
    return {
      beforeProof: () => {
        if (own.trial !== undefined || this.#isProven(known)) return undefined;
        const others = this.#trials.underWay(key);
        // Since this connection was opened they may have been refused on another.
        if (others !== undefined || this.#refused.has(key)) return this.#myTurn(known, own, others);
        own.trial = this.#trials.start(key, true);
        return undefined;
      },
      content: (authenticated) => {
        endTrial(own);
        if (authenticated) {
          this.#proven.set(peer, identity);
          this.#unasking.delete(peer);
        } else {
          this.#unasking.add(peer);
        }
      },
      refused: (error) => {
        if (error instanceof NtlmError && error.code === 'ERR_NTLM_REJECTED') {
          this.#proven.delete(peer);
          if (asker.own === undefined) refusal.askAgain = this.#credentials.refused(ask, credentials);
          this.#refused.set(key, { error, time: Date.now() });
        }
        endTrial(own);
      },
    };
  }

  /** A peer asks that was not known to: another connection may be trying these credentials there already. */
  async #myTurn(known: Known, own: OwnTrial, others: Promise<void> | undefined): Promise<void> {
    const { key, peer } = known;
    const since = Date.now();
    let outcome = others;
    do {
      if (outcome !== undefined) await this.#orTooLate(outcome, since, peer);
      if (this.#isProven(known)) return;
      this.#checkRefused(key);
      outcome = this.#trials.underWay(key);
    } while (outcome !== undefined);
    own.trial = this.#trials.start(key, true);
  }

  /** Nobody waits longer for others than for a connection of his own. */
  #orTooLate(outcome: Promise<void>, since: number, peer: string, signal?: AbortSignal): Promise<void> {
    const left = since + this.timeout - Date.now();
    return withDeadline(outcome, left, () => handshakeTimeout(peer, this.timeout), signal);
  }

  #isProven({ peer, identity }: Known): boolean {
    return this.#proven.get(peer) === identity;
  }

  #checkRefused(key: string): void {
    const refusal = this.#refused.get(key);
    if (refusal === undefined) return;
    if (Date.now() - refusal.time < REFUSAL_MEMORY) throw refusal.error;
    this.#refused.delete(key);
  }
}

/** Who asks, and what he gets. */
interface Known {
  readonly asker: Asker;
  readonly ask: CredentialQuestion;
  /** For messages, and as the name of what is remembered. */
  readonly peer: string;
  readonly credentials: Identity;
  readonly identity: string;
  /** Of these credentials at that peer. */
  readonly key: string;
}

/** Whether this connection is the one that tries. */
interface OwnTrial {
  trial: Trial | undefined;
}

function endTrial(own: OwnTrial): void {
  own.trial?.end();
  own.trial = undefined;
}

const NONE = new Uint8Array();

/** Nothing happens twice, and there is no body. */
function isRepeatable(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
