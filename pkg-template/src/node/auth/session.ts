import { NtlmError } from '../../errors.js';
import type { HttpLegResponse, HttpScheme, HttpStep } from '../../http-authenticator.js';
import { report } from '../diagnostics.js';
import { valuesOf } from '../http1/fields.js';
import { tokenPasses } from '../diagnostics.js';
import { keepsAlive, type ResponseHead } from '../http1/response.js';

export type Verdict = 'done' | 'send' | 'reconnect';

/** Decides on one connection's handshake: at once, or, where the operating system is asked, in its own time. */
export interface Authenticator {
  /** The value of the first leg's header. */
  begin(): string | Promise<string>;
  next(response: HttpLegResponse): HttpStep | Promise<HttpStep>;
  readonly authenticated: boolean;
  readonly scheme: HttpScheme | undefined;
  /** The first leg says everything (a Kerberos ticket), so that the caller's own request may carry it. */
  readonly singleToken?: boolean;
  /** Frees what it holds outside of JavaScript. */
  close?(): void;
}

/** Learns how a handshake ended, for the connections that come after. */
export interface SessionObserver {
  /** The party is content; `authenticated` is false when it never asked. */
  content(authenticated: boolean): void;
  refused(error: unknown): void;
  /** What proves the credentials is about to go out; it waits, or does not go at all, where others are trying the same. */
  beforeProof(): Promise<void> | undefined;
}

/**
 * One of the two that may ask who is there, on one connection: the proxy (407) or the origin (401). It remembers which
 * header must go with the next request; everything that has to be decided is decided by the authenticator.
 */
export class AuthSession {
  readonly isProxy: boolean;
  /** For messages: "the proxy proxy.corp.example:8080". */
  readonly name: string;
  /** What its handshakes are bound to. */
  readonly certificate: Uint8Array | undefined;
  /** The connection that it is on. A handshake may outlive one, when the peer closes after its challenge. */
  connection = 0;
  readonly #authenticator: Authenticator;
  readonly #observer: SessionObserver;
  #header: string | undefined;
  #sentHeader: string | undefined;
  #last = false;
  #awaitsVerdict = false;

  constructor(
    authenticator: Authenticator,
    isProxy: boolean,
    name: string,
    observer: SessionObserver,
    certificate?: Uint8Array,
  ) {
    this.#authenticator = authenticator;
    this.#observer = observer;
    this.isProxy = isProxy;
    this.name = name;
    this.certificate = certificate;
  }

  get status(): 401 | 407 {
    return this.isProxy ? 407 : 401;
  }

  get requestField(): string {
    return this.isProxy ? 'Proxy-Authorization' : 'Authorization';
  }

  /** Goes with the next request, if there is one. */
  get header(): string | undefined {
    return this.#header;
  }

  /** The next request may be the caller's own: no header is to be sent, or the one that ends the handshake. */
  get ready(): boolean {
    return this.#header === undefined || this.#last;
  }

  /** A header has gone out, and the response to it has not been judged yet. */
  get awaitsVerdict(): boolean {
    return this.#awaitsVerdict;
  }

  /** The handshake has succeeded on this connection, and nothing is pending since. */
  get authenticated(): boolean {
    return this.#authenticator.authenticated && !this.#awaitsVerdict;
  }

  /** Its handshakes need no second leg. */
  get singleToken(): boolean {
    return this.#authenticator.singleToken === true;
  }

  /** Starts the handshake on a fresh connection, before anybody has asked. */
  begin(): void | Promise<void> {
    return chain(this.#authenticator.begin(), (header) => {
      this.#header = header;
      this.#last = this.singleToken;
      this.#awaitsVerdict = false;
    });
  }

  /** The connection is gone, and no other goes on with its handshake. */
  close(): void {
    this.#authenticator.close?.();
  }

  /** The header has been written. */
  sent(): void {
    if (this.#header === undefined) return;
    this.#show('sent', this.#header);
    this.#sentHeader = this.#header;
    this.#header = undefined;
    this.#awaitsVerdict = true;
  }

  /** The request never got as far as this party: the header goes out once more. */
  notForwarded(): void {
    if (!this.#awaitsVerdict) return;
    this.#header = this.#sentHeader;
    this.#awaitsVerdict = false;
  }

  /** What the response means for this party. Fails with the coded refusal when it ends the handshake. */
  judge(head: ResponseHead, connectionStays: boolean): Verdict | Promise<Verdict> {
    const asked = this.#awaitsVerdict;
    this.#awaitsVerdict = false;
    const challenges = this.#fieldNames.flatMap((name) => valuesOf(head.fields, name));
    const keepAlive = connectionStays && keepsAlive(head);
    for (const challenge of challenges) this.#show('received', challenge, head);
    try {
      const step = this.#authenticator.next({ status: head.status, challenges, keepAlive });
      if (!(step instanceof Promise)) return this.#take(step, head.status, asked);
      return step.then(
        (found) => this.#take(found, head.status, asked),
        (error: unknown) => this.#refuse(error),
      );
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #show(direction: 'sent' | 'received', value: string, head?: ResponseHead): void {
    const { connection, name: peer, isProxy } = this;
    tokenPasses({ connection, peer, isProxy, direction, status: head?.status, reason: head?.reason, value });
  }

  /** Challenges, and what a peer that is content says last (RFC 9110, 11.6.3; Squid proves itself there). */
  get #fieldNames(): readonly string[] {
    return this.isProxy
      ? ['proxy-authenticate', 'proxy-authentication-info']
      : ['www-authenticate', 'authentication-info'];
  }

  #take(step: HttpStep, status: number, asked: boolean): Verdict | Promise<Verdict> {
    const { scheme } = this.#authenticator;
    report('leg', { connection: this.connection, peer: this.name, scheme, status });
    if (step.action === 'done') {
      if (asked) this.#settle();
      return 'done';
    }
    const last = step.action === 'send' ? step.last : this.singleToken;
    const turn = last ? this.#observer.beforeProof() : undefined;
    return turn === undefined ? this.#owe(step, last) : turn.then(() => this.#owe(step, last));
  }

  #owe({ action, header }: Exclude<HttpStep, { action: 'done' }>, last: boolean): Verdict {
    this.#header = header;
    this.#last = last;
    return action;
  }

  #refuse(error: unknown): never {
    const code = error instanceof NtlmError ? error.code : 'ERR_NTLM_INTERNAL';
    report('refused', { connection: this.connection, peer: this.name, code });
    this.#observer.refused(error);
    throw error instanceof NtlmError ? namedAfter(this.name, error) : error;
  }

  #settle(): void {
    const { authenticated, scheme } = this.#authenticator;
    if (authenticated) report('authenticated', { connection: this.connection, peer: this.name, scheme });
    this.#observer.content(authenticated);
  }
}

/** The core knows tokens, not peers: who it was is said here. */
function namedAfter(peer: string, { code, message, advice, position }: NtlmError): NtlmError {
  return new NtlmError(code, `${peer}: ${message}`, { advice, ...(position === undefined ? {} : { position }) });
}

/**
 * Lets every party concerned judge one response: the one that asks, and those that wait for the outcome of what they
 * sent. A 401 or a 200 that came through a proxy also tells that the proxy is content.
 */
export function judgeAll(
  parties: readonly AuthSession[],
  head: ResponseHead,
  connectionStays: boolean,
  verdict: Verdict = 'done',
): Verdict | Promise<Verdict> {
  const [party, ...others] = parties;
  if (party === undefined) return verdict;
  const goOn = (own: Verdict): Verdict | Promise<Verdict> =>
    judgeAll(others, head, connectionStays, own === 'done' ? verdict : own);
  const asks = head.status === party.status;
  if (asks || (party.awaitsVerdict && head.status !== 407)) {
    return chain(party.judge(head, connectionStays), goOn);
  }
  // A proxy that asks has not passed the request on.
  if (head.status === 407) party.notForwarded();
  return goOn('done');
}

/** Goes on with a value at once if it is there: whoever does not have to wait loses no turn of the loop. */
export function chain<T, R>(value: T | Promise<T>, proceed: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}
