import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { NtlmError } from '../../errors.js';
import { HttpAuthenticator, type HttpLegResponse, type HttpScheme, type HttpStep } from '../../http-authenticator.js';
import {
  attemptKey,
  type Credentials,
  type CredentialQuestion,
  type CredentialStore,
  type Identity,
  SystemIdentity,
} from '../credentials/index.js';
import { report, tokenPasses } from '../diagnostics.js';
import { fieldValues } from '../http1/fields.js';
import { keepsAlive, type ResponseHead } from '../http1/response.js';
import { type Attempt, type AuthRegistry, type FirstLeg, type Peer, peerName } from './registry.js';
import { FallbackAuthenticator, SystemAuthenticator } from './system-authenticator.js';

/**
 * What a response means for a session:
 * - `done`: the peer accepts the request, or does not challenge it
 * - `send`: another header is ready for this connection
 * - `reconnect`: it is ready, but this connection closes
 */
export type Verdict = 'done' | 'send' | 'reconnect';

/** The handshake of one connection: synchronous, or asynchronous if the operating system is involved. */
export interface Authenticator {
  /** Returns the value of the first header. */
  begin(): string | Promise<string>;
  next(response: HttpLegResponse): HttpStep | Promise<HttpStep>;
  readonly authenticated: boolean;
  readonly scheme: HttpScheme | undefined;
  /** The first header completes the handshake (a Kerberos ticket). */
  readonly singleToken?: boolean;
  /** Frees resources outside JavaScript. */
  close?(): void;
}

/** How to authenticate to one peer. */
export interface AuthSide {
  readonly peer: Peer;
  readonly identity: Identity;
  /** The source of other credentials after a rejection; undefined for credentials in a proxy URL. */
  readonly store: CredentialStore | undefined;
  readonly registry: AuthRegistry;
  readonly schemes: readonly HttpScheme[] | undefined;
  /** Whether to bind the handshake to the certificate of the TLS connection. */
  readonly bind: boolean;
}

/**
 * The handshake of one connection with one peer: the proxy (407) or the origin (401). It provides the header for the next
 * request, gets permission from the registry before it sends a proof, and replaces rejected credentials.
 */
export class AuthSession {
  /** The peer's name in messages: "the proxy proxy.corp.example:8080". */
  readonly name: string;
  readonly isProxy: boolean;
  /** The certificate that the handshake is bound to. */
  readonly certificate: Uint8Array | undefined;
  /** The number of the current connection. A handshake continues on another if the peer closes after its challenge. */
  connection = 0;
  /** The credentials were replaced, so the connection must not be kept under the original credentials. */
  retired = false;
  /** The peer closes the connection after its challenge, so the handshake continues on another. */
  mayContinue = false;
  readonly #side: AuthSide;
  readonly #closing = new AbortController();
  #identity: Identity;
  #key: string;
  #authenticator: Authenticator;
  #attempt: Attempt | undefined;
  #header: string | undefined;
  #sentHeader: string | undefined;
  #last = false;
  #awaitsVerdict = false;
  #authenticated = false;
  #due = true;
  /** The peer challenges each request, even on an authenticated connection. */
  #perRequest = false;
  #replaced = false;
  #accepted = false;

  constructor(side: AuthSide, certificate: Uint8Array | undefined) {
    this.#side = side;
    this.name = peerName(side.peer);
    this.isProxy = side.peer.role === 'proxy';
    this.certificate = certificate;
    this.#identity = side.identity;
    this.#key = attemptKey(side.identity);
    this.#authenticator = createAuthenticator(side, side.identity, certificate);
  }

  get status(): 401 | 407 {
    return this.isProxy ? 407 : 401;
  }

  get requestField(): string {
    return this.isProxy ? 'Proxy-Authorization' : 'Authorization';
  }

  /** The header for the next request, if any. */
  get header(): string | undefined {
    return this.#header;
  }

  /** Whether the next request may be the caller's: there is no header, or the header completes the handshake. */
  get ready(): boolean {
    return this.#header === undefined || this.#last;
  }

  /** Whether a header was sent and its response was not judged yet. */
  get awaitsVerdict(): boolean {
    return this.#awaitsVerdict;
  }

  /** Whether a header that proves the identity was sent and not answered yet. */
  get isProving(): boolean {
    return this.#awaitsVerdict && this.#attempt !== undefined;
  }

  /** The connection is authenticated. */
  get authenticated(): boolean {
    return this.#authenticated;
  }

  /** The peer has accepted the credentials on this connection. */
  get accepted(): boolean {
    return this.#accepted;
  }

  /** The next request should begin a handshake: the connection is new, or the peer challenges each request. */
  get due(): boolean {
    return this.#due;
  }

  /** Whether the operating system authenticates, possibly with a single token. */
  get usesSystem(): boolean {
    return this.#identity instanceof SystemIdentity;
  }

  /** The first header completes the handshake. */
  get singleToken(): boolean {
    return this.#authenticator.singleToken === true;
  }

  /** The key of the identity in the registry. */
  get key(): string {
    return this.#key;
  }

  /** The error for which these credentials are not sent now, if any. */
  get rejection(): NtlmError | undefined {
    const { registry, peer } = this.#side;
    return (
      registry.rejection(peer, this.#key) ?? (this.usesSystem ? registry.rejection(peer, this.#ticketKey) : undefined)
    );
  }

  /** Resolves when a proof may be sent; undefined if it may be sent now. */
  settled(): Promise<void> | undefined {
    return this.#side.registry.settled(this.#side.peer, this.#key, this.#closing.signal);
  }

  /** Returns the known first leg for the target at this peer. */
  taught(target: string): FirstLeg | undefined {
    return this.#side.registry.firstLeg(`${this.name} ${target}`);
  }

  teach(target: string, leg: FirstLeg): void {
    this.#side.registry.teach(`${this.name} ${target}`, leg);
  }

  /** The client has left: the verdict is recorded, but nothing more is sent. */
  orphan(): void {
    this.#replaced = true;
  }

  /** Prepares the first header. One that completes the handshake needs permission. */
  begin(): void | Promise<void> {
    return chain(this.#authenticator.begin(), (header) => {
      this.#awaitsVerdict = false;
      const last = this.singleToken;
      return last ? chain(this.#prove(), () => this.#hold(header, true)) : this.#hold(header, false);
    });
  }

  /** Ends the handshake: the connection is closed, and no other connection continues it. */
  close(by: 'peer' | 'us' = 'us'): void {
    this.#abandon(this.isProving ? by : 'us');
    this.#closing.abort(new NtlmError('ERR_NTLM_OUT_OF_ORDER', `${this.name}: the connection was closed`));
    this.#authenticator.close?.();
  }

  /** Called when the header has been written. */
  sent(): void {
    if (this.#header === undefined) return;
    this.#show('sent', this.#header);
    this.#sentHeader = this.#header;
    this.#header = undefined;
    this.#awaitsVerdict = true;
  }

  /** Called if the proxy did not forward the request: the header is sent again. */
  notForwarded(): void {
    if (!this.#awaitsVerdict) return;
    this.#header = this.#sentHeader;
    this.#awaitsVerdict = false;
  }

  /** Whether the handshake may continue on another connection, which must present the same certificate. */
  continuesOn(certificate: Uint8Array | undefined): boolean {
    return (
      this.#header !== undefined &&
      this.mayContinue &&
      Buffer.compare(this.certificate ?? NONE, certificate ?? NONE) === 0
    );
  }

  /** Judges a response. Throws the coded rejection if there are no other credentials. */
  judge(head: ResponseHead, reusable: boolean): Verdict | Promise<Verdict> {
    const awaited = this.#awaitsVerdict;
    this.#awaitsVerdict = false;
    const challenges = this.#fieldNames.flatMap((name) => fieldValues(head.fields, name));
    const keepAlive = reusable && keepsAlive(head);
    for (const challenge of challenges) this.#show('received', challenge, head);
    let step: HttpStep | Promise<HttpStep>;
    try {
      step = this.#authenticator.next({ status: head.status, challenges, keepAlive });
    } catch (error) {
      return this.#refused(error, keepAlive);
    }
    if (!(step instanceof Promise)) return this.#take(step, head.status, awaited, keepAlive);
    return step.then(
      (found) => this.#take(found, head.status, awaited, keepAlive),
      (error: unknown) => this.#refused(error, keepAlive),
    );
  }

  #show(direction: 'sent' | 'received', value: string, head?: ResponseHead): void {
    const { connection, name: peer, isProxy } = this;
    const secure = this.certificate !== undefined;
    tokenPasses({ connection, peer, isProxy, secure, direction, status: head?.status, reason: head?.reason, value });
  }

  /** The fields of challenges, and of successful responses (RFC 9110, 11.6.3). */
  get #fieldNames(): readonly string[] {
    return this.isProxy
      ? ['proxy-authenticate', 'proxy-authentication-info']
      : ['www-authenticate', 'authentication-info'];
  }

  #take(step: HttpStep, status: number, awaited: boolean, keepAlive: boolean): Verdict | Promise<Verdict> {
    const { scheme } = this.#authenticator;
    report('leg', { connection: this.connection, peer: this.name, scheme, status });
    if (step.action === 'done') {
      if (awaited) this.#settle();
      return 'done';
    }
    if (this.#authenticated) this.#perRequest = true;
    this.#authenticated = false;
    this.#due = true;
    // If the peer cannot decrypt the ticket, the next scheme is tried. This is not a rejection.
    this.#abandon('us');
    const { action, header } = step;
    const last = step.action === 'send' ? step.last : this.singleToken;
    const { rejection } = this;
    if (rejection !== undefined) return this.#replace(rejection, keepAlive);
    if (!last) return this.#owe(action, header, false);
    const onRejection = (error: unknown): Promise<Verdict> => this.#replace(error, keepAlive);
    try {
      const turn = this.#prove();
      if (turn === undefined) return this.#owe(action, header, true);
      return turn.then(() => this.#owe(action, header, true), onRejection);
    } catch (error) {
      return onRejection(error);
    }
  }

  #owe(verdict: 'send' | 'reconnect', header: string, last: boolean): Verdict {
    this.#hold(header, last);
    this.mayContinue = verdict === 'reconnect';
    return verdict;
  }

  #hold(header: string, last: boolean): void {
    this.#header = header;
    this.#last = last;
  }

  /** The registry key of the Kerberos ticket. A ticket is for one service, so its rejection does not affect others. */
  get #ticketKey(): string {
    return `${this.#key} ${this.name}`;
  }

  #prove(): void | Promise<void> {
    if (this.#attempt !== undefined) return undefined;
    const key = this.singleToken ? this.#ticketKey : this.#key;
    const attempt = this.#side.registry.attempt(this.#side.peer, key, this.#closing.signal);
    return chain(attempt, (granted) => {
      if (this.#closing.signal.aborted) granted.abandoned('us');
      else this.#attempt = granted;
    });
  }

  #abandon(by: 'peer' | 'us'): void {
    this.#attempt?.abandoned(by);
    this.#attempt = undefined;
  }

  #refused(error: unknown, keepAlive: boolean): Promise<Verdict> {
    const code = error instanceof NtlmError ? error.code : 'ERR_NTLM_INTERNAL';
    report('refused', { connection: this.connection, peer: this.name, code });
    const named = error instanceof NtlmError ? namedAfter(this.name, error) : error;
    if (named instanceof NtlmError && code === 'ERR_NTLM_REJECTED') this.#attempt?.rejected(named);
    else this.#attempt?.abandoned('us');
    this.#attempt = undefined;
    return this.#replace(named, keepAlive);
  }

  /** Starts over with other credentials, if a function provides them; otherwise throws. */
  async #replace(error: unknown, keepAlive: boolean): Promise<Verdict> {
    const { peer, store, schemes, registry } = this.#side;
    const isRejection = error instanceof NtlmError && error.code === 'ERR_NTLM_REJECTED';
    if (!isRejection || store === undefined || this.#replaced) throw error;
    const question: CredentialQuestion = credentialQuestion(peer, schemes);
    const identity = await store.replace(question, this.#identity);
    if (identity === undefined || registry.rejection(peer, attemptKey(identity)) !== undefined) throw error;
    this.#replaced = true;
    this.retired = true;
    this.#identity = identity;
    this.#key = attemptKey(identity);
    this.#authenticator.close?.();
    this.#authenticator = createAuthenticator(this.#side, identity, this.certificate);
    await this.begin();
    this.mayContinue = !keepAlive;
    return keepAlive ? 'send' : 'reconnect';
  }

  #settle(): void {
    const { authenticated, scheme } = this.#authenticator;
    this.#authenticated = authenticated;
    this.#due = this.#perRequest;
    this.#replaced = false;
    if (authenticated) {
      this.#accepted = true;
      report('authenticated', { connection: this.connection, peer: this.name, scheme });
      this.#attempt?.accepted();
      this.#attempt = undefined;
    }
    this.#abandon('us');
  }
}

const NONE = new Uint8Array();

/** Returns the argument of a credential function for this peer. */
export function credentialQuestion(peer: Peer, schemes: readonly HttpScheme[] | undefined): CredentialQuestion {
  const { role, host, port } = peer;
  return { host, port, isProxy: role === 'proxy', schemes: schemes ?? ['Negotiate', 'NTLM'] };
}

/** Adds the peer's name to an error of the core, which knows only tokens. */
function namedAfter(peer: string, { code, message, advice, position }: NtlmError): NtlmError {
  return new NtlmError(code, `${peer}: ${message}`, { advice, ...(position === undefined ? {} : { position }) });
}

/**
 * Lets the sessions judge a response: the challenged session and those that await a verdict. A 401 or a 200 through a proxy
 * also shows that the proxy accepts the request.
 */
export function judgeAll(
  sessions: readonly AuthSession[],
  head: ResponseHead,
  reusable: boolean,
  verdict: Verdict = 'done',
): Verdict | Promise<Verdict> {
  const [session, ...others] = sessions;
  if (session === undefined) return verdict;
  const proceed = (own: Verdict): Verdict | Promise<Verdict> =>
    judgeAll(others, head, reusable, own === 'done' ? verdict : own);
  if (head.status === session.status || (session.awaitsVerdict && head.status !== 407)) {
    return chain(session.judge(head, reusable), proceed);
  }
  if (head.status === 407) session.notForwarded();
  return proceed('done');
}

/** Proceeds synchronously if the value is not a promise, so synchronous handshakes need no extra event loop turn. */
export function chain<T, R>(value: T | Promise<T>, proceed: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(proceed) : proceed(value);
}

/** Creates the authenticator of a connection: the core, or the operating system. */
function createAuthenticator(side: AuthSide, identity: Identity, certificate: Uint8Array | undefined): Authenticator {
  const { schemes, peer } = side;
  const common = {
    isProxy: peer.role === 'proxy',
    ...(schemes === undefined ? {} : { schemes }),
  };
  const explicit = (credentials: Credentials): HttpAuthenticator =>
    new HttpAuthenticator({
      ...credentials,
      ...common,
      targetName: `HTTP/${peer.host}`,
      ...(certificate === undefined ? {} : { channelBindings: certificate }),
    });
  if (!(identity instanceof SystemIdentity)) return explicit(identity);
  const { username, password, domain, ...rest } = identity.system;
  const named = username === undefined || password === undefined ? undefined : { username, password };
  const system = new SystemAuthenticator({
    ...rest,
    ...common,
    host: peer.host,
    ...(certificate === undefined ? {} : { certificate }),
    ...(named === undefined ? {} : { credentials: { ...named, ...(domain === undefined ? {} : { domain }) } }),
  });
  const { fallback } = identity;
  return fallback === undefined ? system : new FallbackAuthenticator(system, () => explicit(fallback));
}

/** Returns the peer's certificate, to which a handshake can be bound (RFC 5929, tls-server-end-point). */
export function certificateOf(socket: Socket): Uint8Array | undefined {
  if (!('getPeerCertificate' in socket)) return undefined;
  const { raw } = (socket as TLSSocket).getPeerCertificate();
  return raw instanceof Uint8Array ? raw : undefined;
}
