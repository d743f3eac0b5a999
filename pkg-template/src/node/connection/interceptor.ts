import { LAST_CHUNK, type LongBody, longBodyOf, type OnLongBody } from './long-body.js';
import type { Socket } from 'node:net';
import { type AuthSession, judgeAll, type Verdict } from '../auth/session.js';
import { mayWarnOf, warnUnnamed } from '../diagnostics.js';
import { fieldValues } from '../http1/fields.js';
import {
  afterBlankLines,
  endOfHead,
  LONGEST_HEAD,
  parseResponseHead,
  type ResponseHead,
  ResponseReader,
  responseFraming,
  statusOf,
  withSetCookies,
} from '../http1/response.js';
import {
  bodyNotReplayable,
  closedMidHandshake,
  credentialsRequired,
  notHttp,
  tooManyLegs,
  unsolicitedBytes,
} from '../network-errors.js';
import { isDue, learnFrom, type OutgoingRequest, REPLAY_LIMIT } from './outgoing-request.js';
import { type LostRequest, lostRequest, type OnLost } from './lost-request.js';
import { Orphan } from './orphan.js';
import { type InterceptorOptions, MOST_EARLY, RequestWriter } from './request-writer.js';
import { MOST_LEGS } from './tunnel.js';

/**
 * Intercepts the traffic between an HTTP client and its socket by replacing the socket's `write`, `push` and `destroy`. The
 * client (Node's or undici's) writes plain requests. The interceptor adds the headers of the sessions, answers challenges and
 * writes the request again, so the client sees one response. On an authenticated connection it reads only the first twelve
 * bytes of each response. ARCHITECTURE has the table of states and events.
 */
export class RequestInterceptor extends RequestWriter {
  protected received: Buffer | undefined;
  protected challenge: ResponseReader | undefined;
  protected orphan: Orphan | undefined;
  private onLongBody: OnLongBody | undefined;
  private longBody: LongBody | undefined;
  /** The handshakes that another connection continues. */
  protected continued: readonly AuthSession[] = [];

  constructor(socket: Socket, options: InterceptorOptions) {
    super(socket, options);
    socket.push = this.onPush;
    socket.destroy = this.onDestroy as Socket['destroy'];
    socket.once('close', () => this.closeSessions());
  }

  /** Called before the client writes a request to this origin (`http://host:port`). */
  beginRequest(origin: string, onLost?: OnLost, onLongBody?: OnLongBody): void {
    this.origin = origin;
    this.onLost = onLost;
    this.onLongBody = onLongBody;
    this.request = undefined;
    this.legs = 0;
    this.responseStarted = false;
    if (this.phase !== 'detached') this.phase = 'head';
  }

  /** Called when the client has read the response. */
  endRequest(): void {
    this.request = undefined;
    this.used = true;
    if (this.phase !== 'detached') this.phase = 'idle';
  }

  /** Restores the socket's methods, because the protocol changes. */
  detach(): void {
    this.phase = 'detached';
    this.socket.write = this.write;
    this.socket.push = this.push;
    this.socket.destroy = this.destroy;
  }

  /** Whether the next request starts or continues a handshake. */
  get mayReconnect(): boolean {
    return this.options.sessions.some(isDue);
  }

  /** Whether the credentials were replaced: the connection then serves only its current request. */
  get retired(): boolean {
    return this.options.sessions.some(({ retired }) => retired);
  }

  // ---- from the peer to the client ----------------------------------------------------------------------------

  protected readonly onPush = (chunk: Buffer | null): boolean => {
    if (this.phase === 'detached' || (this.phase === 'delivered' && chunk !== null)) return this.push(chunk);
    if (this.phase === 'deciding') return this.early.push(chunk) < MOST_EARLY;
    if (this.longBody !== undefined && chunk !== null) return this.longBody.keep(chunk);
    if (this.orphan !== undefined) return this.orphan.take(chunk);
    if (chunk === null) return this.takeEnd();
    if (this.phase === 'sent' || this.phase === 'leg') return this.takeResponse(chunk);
    if (this.phase === 'draining') return this.drain(chunk);
    // For example the 408 of a server that closes an idle connection just as the next request is sent.
    if (this.giveUp()) return false;
    return this.fail(unsolicitedBytes(this.options.peer));
  };

  protected takeResponse(chunk: Buffer): boolean {
    if (this.phase === 'sent') this.responseStarted = true;
    let bytes = this.received === undefined ? chunk : Buffer.concat([this.received, chunk]);
    this.received = undefined;
    for (;;) {
      bytes = afterBlankLines(bytes);
      const status = statusOf(bytes);
      if (status === 'unknown') return this.keep(bytes);
      if (status === 'none' && this.awaitsVerdict) return this.fail(notHttp(this.options.peer, undefined));
      if (status === 'none' || !this.concerns(status)) return this.deliver(bytes, status);
      const end = endOfHead(bytes);
      if (end === -1) return this.keep(bytes);
      if (status < 200 && status !== 101) {
        if (this.phase === 'sent' && !this.unexpectedContinue(status)) this.push(bytes.subarray(0, end));
        bytes = bytes.subarray(end);
        if (bytes.length === 0) return true;
        continue;
      }
      return this.judge(bytes, end, status);
    }
  }

  /** Clients must accept an unexpected 100 (RFC 9110, section 15.2), but undici does not. */
  protected unexpectedContinue(status: number): boolean {
    return status === 100 && this.request?.expectsContinue === false;
  }

  /** Whether the interceptor must process this response before the client. */
  protected concerns(status: number): boolean {
    if (status < 200 || this.phase === 'leg' || (status === 407 && this.options.absoluteForm)) return true;
    if (this.request !== undefined && this.request.cookies.length > 0) return true;
    if (status === 401 && this.options.reportsUnnamed && mayWarnOf(this.origin)) return true;
    for (const session of this.options.sessions) {
      if (session.awaitsVerdict || session.status === status || session.due) return true;
    }
    return false;
  }

  protected get awaitsVerdict(): boolean {
    return this.options.sessions.some(({ awaitsVerdict }) => awaitsVerdict);
  }

  protected keep(bytes: Buffer): boolean {
    if (bytes.length > LONGEST_HEAD) return this.fail(notHttp(this.options.peer, undefined));
    this.received = bytes;
    // The client handles slow responses. The timer here covers a response head that never ends.
    if (this.timer === undefined) this.startTimer(this.options.timeout, () => this.fail(this.timedOut()));
    return true;
  }

  protected deliver(bytes: Buffer, status: number | 'none'): boolean {
    if (this.timer !== undefined) this.stopTimer();
    const request = this.request;
    const cookies = request?.cookies ?? [];
    this.phase = status === 101 ? 'detached' : 'delivered';
    this.request = undefined;
    const whole = cookies.length === 0 ? bytes : withSetCookies(bytes, cookies);
    const longBody = this.onLongBody && request && longBodyOf(this.socket, whole, request.method);
    if (longBody === undefined) return this.push(whole);
    this.deliverLong(longBody);
    return false;
  }

  /** Passes only the head to the client. The body goes from the socket to its receiver. */
  protected deliverLong({ head, body }: { head: Buffer; body: LongBody }): void {
    this.longBody = body;
    this.phase = 'forwarding';
    body.onEnd = (rest) => {
      this.longBody = undefined;
      this.phase = 'delivered';
      this.push(LAST_CHUNK);
      if (rest.length > 0) this.push(rest);
    };
    this.onLongBody?.(body);
    this.push(head);
  }

  protected judge(bytes: Buffer, end: number, status: number): boolean {
    const { sessions, absoluteForm, peer } = this.options;
    const request = this.request as OutgoingRequest;
    if (request.method === 'TRACE' && this.leg === undefined) return this.deliver(bytes, status);
    let head: ResponseHead;
    let reusable: boolean;
    try {
      head = parseResponseHead(bytes.toString('latin1', 0, end).trimEnd());
      reusable = responseFraming(head, this.leg ?? request.method).kind !== 'until-close';
    } catch (error) {
      return this.fail(notHttp(peer, error));
    }
    if (status === 401 && this.options.reportsUnnamed)
      warnUnnamed(this.origin, fieldValues(head.fields, 'www-authenticate'));
    if (status === 407 && absoluteForm && !sessions.some(({ isProxy }) => isProxy)) {
      return this.fail(credentialsRequired(peer, fieldValues(head.fields, 'proxy-authenticate')));
    }
    this.stopTimer();
    learnFrom(head, this.start, this.leg);
    return this.decide(
      () => judgeAll(sessions, head, reusable),
      (verdict) => this.act(verdict, bytes, status, head),
    );
  }

  protected act(verdict: Verdict, bytes: Buffer, status: number, head: ResponseHead): boolean {
    const request = this.request as OutgoingRequest;
    if (verdict === 'done' && this.leg === undefined) return this.deliver(bytes, status);
    if (verdict !== 'done') request.cookies.push(...fieldValues(head.fields, 'set-cookie'));
    if (verdict === 'reconnect' || (verdict === 'send' && this.shouldMove(request))) return this.startOver();
    if (!request.replayable) return this.fail(bodyNotReplayable(this.options.peer, REPLAY_LIMIT));
    this.challenge = new ResponseReader(this.leg ?? request.method);
    this.startTimer(this.options.timeout, () => this.fail(this.timedOut()));
    this.phase = 'draining';
    if (verdict === 'done') {
      // The leg was answered without a challenge: the request follows, with a single token if there is one.
      this.leg = undefined;
      const again = this.options.sessions.find((session) => session.authenticated && session.singleToken);
      if (again !== undefined)
        return this.decide(
          () => again.begin(),
          () => this.drainFrom(bytes),
        );
    }
    return this.drain(bytes);
  }

  /**
   * Whether to move to another connection because a large body was sent before the first challenge. Squid may lose the next
   * request after such a body, and the handshake is not bound to this connection yet.
   */
  protected shouldMove(request: OutgoingRequest): boolean {
    const { sessions } = this.options;
    if (this.leg !== undefined || request.isAtHand || sessions.some(({ accepted }) => accepted)) return false;
    const challenged = sessions.filter(({ header }) => header !== undefined);
    if (challenged.some(({ ready }) => ready)) return false;
    for (const session of challenged) session.mayContinue = true;
    return true;
  }

  protected drainFrom(bytes: Buffer): boolean {
    this.phase = 'draining';
    return this.drain(bytes);
  }

  protected drain(bytes: Buffer): boolean {
    const challenge = this.challenge as ResponseReader;
    try {
      if (challenge.push(bytes).length > 0) return this.drained(false);
    } catch (error) {
      return this.fail(notHttp(this.options.peer, error));
    }
    return challenge.done ? this.drained(challenge.complete) : true;
  }

  /** Called when the challenge has been read to its end, or is too long to read. */
  protected drained(reusable: boolean): boolean {
    this.stopTimer();
    const request = this.request as OutgoingRequest;
    if (!reusable) return this.startOver();
    if (this.queue === undefined && !request.complete) {
      // After `Expect: 100-continue` the body may never arrive, and the peer may or may not wait for it.
      if (!request.bodyStarted && request.expectsContinue) return this.startOver();
      this.phase = 'collecting';
      return true;
    }
    return this.continue();
  }

  /** Sends the next leg, or the request again. */
  protected continue(): boolean {
    const request = this.request as OutgoingRequest;
    const { sessions, peer } = this.options;
    if (!request.replayable) return this.fail(bodyNotReplayable(peer, REPLAY_LIMIT));
    this.legs += 1;
    if (this.legs > MOST_LEGS) return this.fail(tooManyLegs(peer));
    if (sessions.every(({ ready }) => ready)) this.leg = undefined;
    else if (this.queue === undefined && !request.isAtHand) this.leg ??= request.method;
    return this.next();
  }

  // ---- the end ------------------------------------------------------------------------------------------------

  /** Called when the peer has ended its side. */
  protected takeEnd(): boolean {
    const { peer, sessions } = this.options;
    const proving = sessions.some(({ isProving }) => isProving);
    if (this.phase === 'draining') {
      return this.challenge?.end() === true ? this.drained(false) : this.fail(closedMidHandshake(peer));
    }
    if (this.phase === 'collecting') {
      this.ended = true;
      return true;
    }
    if (this.phase === 'leg' && !proving && (this.leg === 'HEAD' || this.used)) return this.skipLeg();
    if (this.giveUp()) return false;
    const unheard = this.received === undefined && this.awaitsVerdict;
    if (this.phase === 'leg' || (this.phase === 'sent' && unheard)) {
      this.closeSessions('peer');
      return this.fail(closedMidHandshake(peer));
    }
    if (this.received !== undefined) this.push(this.received);
    this.received = undefined;
    return this.push(null);
  }

  /** Called if HEAD is not answered: the request is sent without it on another connection. */
  protected skipLeg(): boolean {
    if (this.leg === 'HEAD') for (const session of this.options.sessions) session.teach(this.start.target, 'none');
    return this.startOver();
  }

  /** Called for a reset, and if the client gives up. */
  protected readonly onDestroy = (error?: Error): Socket => {
    const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
    const isReset = (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined;
    const isProving = this.options.sessions.some((session) => session.isProving);
    if (this.phase === 'orphaned') {
      if (isReset) this.orphan?.take(null);
      return this.socket;
    }
    if (!isReset) {
      if (isProving && (this.phase === 'sent' || this.phase === 'leg')) this.abandon(error);
      else this.destroy(error);
      return this.socket;
    }
    if (!this.socket.destroyed && (this.phase === 'draining' || this.phase === 'collecting')) {
      this.startOver();
      return this.socket;
    }
    if (!this.socket.destroyed && this.phase === 'leg' && !isProving && (this.leg === 'HEAD' || this.used)) {
      this.skipLeg();
      return this.socket;
    }
    if (this.giveUp()) return this.socket;
    const unheard = this.phase === 'sent' && this.received === undefined && this.awaitsVerdict;
    if (isProving) this.closeSessions('peer');
    return this.destroy(unheard ? closedMidHandshake(this.options.peer, error) : error);
  };

  /** Called when the connection has failed. If another connection takes over the request, the client does not notice. */
  protected giveUp(): boolean {
    const onLost = this.onLost;
    const lost = onLost === undefined ? undefined : this.lost();
    if (lost === undefined || onLost?.(lost) !== true) return false;
    this.phase = 'detached';
    this.request = undefined;
    this.stopTimer();
    for (const { done } of this.queue?.splice(0) ?? []) done?.();
    this.continued = lost.sessions;
    this.destroy();
    return true;
  }

  /** Returns the part of the current request that can be sent again. */
  protected lost(): LostRequest | undefined {
    const request = this.request;
    if (this.phase === 'head' && this.heads.isEmpty) return lostRequest(undefined, false, []);
    if (request === undefined) return undefined;
    if (this.unprocessed) {
      for (const { bytes } of this.queue ?? []) if (bytes.length > 0) request.add(bytes);
      if (!request.replayable) return undefined;
      const sessions = this.options.sessions.filter(({ header, mayContinue }) => header !== undefined && mayContinue);
      return lostRequest(request, true, sessions);
    }
    const isProving = this.options.sessions.some((session) => session.isProving);
    if (this.phase !== 'sent' || this.responseStarted || isProving || !request.isRepeatable) return undefined;
    return lostRequest(request, false, []);
  }

  /** Continues the handshake on another connection. The request was not processed, so it may be sent there. */
  protected startOver(): boolean {
    const request = this.request as OutgoingRequest;
    // The rest of the client's body must still be recorded.
    if (this.queue === undefined && !request.complete && (request.bodyStarted || !request.expectsContinue)) {
      this.ended = true;
      this.phase = 'collecting';
      return true;
    }
    this.unprocessed = true;
    if (this.giveUp()) return false;
    return this.fail(closedMidHandshake(this.options.peer));
  }

  /** Called when the client has given up while a proof is pending. */
  protected abandon(error: Error | undefined): void {
    this.stopTimer();
    this.phase = 'orphaned';
    this.queue = undefined;
    this.orphan = new Orphan(this.socket, this.options.sessions, () => this.destroy(), error);
  }

  protected fail(error: Error): boolean {
    this.phase = 'detached';
    this.request = undefined;
    this.queue = undefined;
    this.stopTimer();
    this.destroy(error);
    return false;
  }

  protected closeSessions(by: 'peer' | 'us' = 'us'): void {
    if (this.orphan !== undefined) return;
    this.stopTimer();
    for (const session of this.options.sessions) if (!this.continued.includes(session)) session.close(by);
  }
}
