import type { Socket } from 'node:net';
import { type AuthSession, chain } from '../auth/session.js';
import { withField } from '../http1/request-head.js';
import { LONGEST_HEAD } from '../http1/response.js';
import { bodyNotReplayable, handshakeTimeout } from '../network-errors.js';
import {
  HeadCollector,
  isDue,
  OutgoingRequest,
  type PendingStart,
  REPLAY_LIMIT,
  startHandshakes,
  type Written,
} from './outgoing-request.js';
import type { OnLost } from './lost-request.js';

export interface InterceptorOptions {
  readonly sessions: readonly AuthSession[];
  /** Whether requests are sent in absolute form, to a proxy. */
  readonly absoluteForm: boolean;
  /** The `Proxy-Authorization` value of each request, for a local proxy. */
  readonly secret?: string | undefined;
  /** The peer's name in messages: "the proxy proxy.corp.example:8080". */
  readonly peer: string;
  /** Milliseconds for each leg of a handshake. */
  readonly timeout: number;
  /** Whether to report a 401 that would be answered if `servers` named the origin. */
  readonly reportsUnnamed: boolean;
}

/**
 * - `idle`: there is no request
 * - `head`: the client is about to write a request
 * - `deciding`: waiting for the registry, a function of the caller, or the operating system
 * - `leg`: an extra leg was sent, and the request waits
 * - `sent`: the request was sent
 * - `draining`: the response is a challenge and is read to its end
 * - `collecting`: the challenge was read, but the client is still writing the body
 * - `delivered`: the response is passed to the client
 * - `forwarding`: the head of the response was delivered, and its long body goes to a receiver
 * - `orphaned`: the client has given up, and the verdict about a proof is pending
 * - `detached`: the protocol has changed (101), or the connection has failed
 */
type Phase =
  | 'idle'
  | 'head'
  | 'deciding'
  | 'leg'
  | 'sent'
  | 'draining'
  | 'collecting'
  | 'delivered'
  | 'forwarding'
  | 'orphaned'
  | 'detached';

/** The number of chunks that may arrive during a decision before the socket stops reading. */
export const MOST_EARLY = 8;
/** Milliseconds after which the request itself is sent if the server does not answer HEAD. */
const HEAD_PATIENCE = 5_000;

interface QueuedWrite {
  readonly bytes: Buffer;
  readonly done: Written | undefined;
}

/** The client side of a {@link RequestInterceptor}: it handles the client's writes, the legs before them, and decisions. */
export abstract class RequestWriter {
  /** Whether the response to the current request has started. */
  responseStarted = false;
  /** Whether the connection failed before the peer processed the request. */
  unprocessed = false;
  protected readonly socket: Socket;
  protected readonly options: InterceptorOptions;
  protected readonly write: Socket['write'];
  protected readonly push: Socket['push'];
  protected readonly destroy: Socket['destroy'];
  protected readonly heads = new HeadCollector();
  protected phase: Phase = 'idle';
  protected origin = '';
  protected onLost: OnLost | undefined;
  protected request: OutgoingRequest | undefined;
  /** The client's writes while a leg precedes its request. */
  protected queue: QueuedWrite[] | undefined;
  /** The method of the extra leg that was sent last. */
  protected leg: string | undefined;
  /** The data that arrives during a decision. */
  protected early: (Buffer | null)[] = [];
  protected timer: NodeJS.Timeout | undefined;
  protected legs = 0;
  protected used = false;
  /** Whether the peer has ended the connection and the client was not notified. */
  protected ended = false;

  constructor(socket: Socket, options: InterceptorOptions) {
    this.socket = socket;
    this.options = options;
    this.write = socket.write.bind(socket) as Socket['write'];
    this.push = socket.push.bind(socket);
    this.destroy = socket.destroy.bind(socket);
    socket.write = this.onWrite as Socket['write'];
  }

  /** Called with bytes from the peer; null when it has ended the connection. */
  protected abstract readonly onPush: (chunk: Buffer | null) => boolean;
  /** Sends the next leg, or the request again. */
  protected abstract continue(): boolean;
  /** Continues the handshake on another connection. */
  protected abstract startOver(): boolean;
  protected abstract skipLeg(): boolean;
  protected abstract fail(error: Error): boolean;

  protected readonly onWrite = (
    data: string | Uint8Array,
    encoding?: BufferEncoding | Written | null,
    callback?: Written | null,
  ): boolean => {
    const done = (typeof encoding === 'function' ? encoding : callback) ?? undefined;
    const charset = typeof encoding === 'string' ? encoding : 'utf8';
    if (this.phase === 'head') return this.takeHead(data, charset, done);
    if (this.phase === 'orphaned') {
      if (done !== undefined) process.nextTick(done);
      return true;
    }
    if (this.request === undefined || this.phase === 'delivered' || this.phase === 'detached') {
      return this.write(data as string, charset, done);
    }
    const bytes = bytesOf(data, charset);
    if (this.queue !== undefined) {
      this.queue.push({ bytes, done });
      return false;
    }
    if (this.options.sessions.length > 0) this.request.add(bytes);
    if (this.phase === 'collecting') return this.collect(bytes, done);
    return this.write(bytes, undefined, done);
  };

  protected takeHead(data: string | Uint8Array, charset: BufferEncoding, done: Written | undefined): boolean {
    const collected = this.heads.take(data, charset, done);
    if (collected === undefined) return true;
    const { head, body, written } = collected;
    const request = new OutgoingRequest(head);
    this.request = request;
    this.leg = undefined;
    this.phase = 'sent';
    if (request.method === 'TRACE' || !this.options.sessions.some(isDue)) {
      if (body.length > 0) request.add(body);
      return this.writeRequest(body.length > 0 ? [body] : [], written);
    }
    this.queue = [{ bytes: body, done: written }];
    // The rest of a chunked body may follow immediately; then it is known to be small.
    if (!request.isStreamed) this.decide(() => this.prepare());
    else this.decide(() => new Promise<void>(setImmediate).then(() => this.prepare()));
    return false;
  }

  protected prepare(): void | Promise<void> {
    return chain(startHandshakes(this.start), (leg) => void (this.leg = leg));
  }

  protected get start(): PendingStart {
    const request = this.request as OutgoingRequest;
    const target = `${this.origin} ${request.method} ${request.path}`;
    return { request, queued: this.queue ?? [], sessions: this.options.sessions, target };
  }

  /** Sends an extra leg, if necessary, or the request with all queued data. */
  protected next(): boolean {
    if (this.ended) return this.startOver();
    const request = this.request as OutgoingRequest;
    const { sessions } = this.options;
    if (this.leg !== undefined && sessions.some(({ header }) => header !== undefined)) return this.writeLeg(this.leg);
    this.leg = undefined;
    this.phase = 'sent';
    // The response to a first token is slow only if the peer does not challenge.
    const { target } = this.start;
    const isChallenged = sessions.some((session) => !session.ready && (session.taught(target) ?? 'none') !== 'none');
    if (isChallenged) this.startTimer(this.options.timeout, () => this.fail(this.timedOut()));
    if (this.queue !== undefined) this.release(this.queue);
    else this.writeRequest(request.body);
    return true;
  }

  protected release(queue: readonly QueuedWrite[]): void {
    this.queue = undefined;
    let flowing = this.writeRequest([]);
    for (const { bytes, done } of queue) {
      if (bytes.length > 0) flowing = this.onWrite(bytes, undefined, done);
      else done?.();
    }
    if (flowing) process.nextTick(() => this.socket.emit('drain'));
  }

  protected writeRequest(body: readonly Buffer[], done?: Written): boolean {
    const request = this.request as OutgoingRequest;
    const text = this.withSecret(request.text(this.absoluteOrigin, this.options.sessions));
    if (body.length === 0) return this.write(text, 'latin1', done);
    this.socket.cork();
    let flowing = this.write(text, 'latin1', done);
    for (const piece of body) flowing = this.write(piece);
    this.socket.uncork();
    return flowing;
  }

  protected writeLeg(method: string): boolean {
    const request = this.request as OutgoingRequest;
    this.phase = 'leg';
    const isProbe = method === 'HEAD' && !this.options.sessions.some(({ ready }) => ready);
    this.startTimer(isProbe ? HEAD_PATIENCE : this.options.timeout, () =>
      isProbe ? this.skipLeg() : this.fail(this.timedOut()),
    );
    this.write(this.withSecret(request.legText(method, this.absoluteOrigin, this.options.sessions)), 'latin1');
    return true;
  }

  protected get absoluteOrigin(): string | undefined {
    return this.options.absoluteForm ? this.origin : undefined;
  }

  private withSecret(head: string): string {
    const { secret } = this.options;
    return secret === undefined ? head : withField(head, 'Proxy-Authorization', secret);
  }

  /** Makes a decision and proceeds, synchronously if possible. */
  protected decide<T>(find: () => T | Promise<T>, proceed: (found: T) => boolean = () => this.next()): boolean {
    let found: T | Promise<T>;
    try {
      found = find();
    } catch (error) {
      return this.fail(error as Error);
    }
    if (!(found instanceof Promise)) return proceed(found);
    this.phase = 'deciding';
    this.startTimer(this.options.timeout, () => this.fail(this.timedOut()));
    found.then(
      (value) => this.decided(() => proceed(value)),
      (error: unknown) => this.decided(() => this.fail(error as Error)),
    );
    return true;
  }

  protected decided(act: () => boolean): void {
    // The client may have given up meanwhile.
    if (this.phase !== 'deciding' || this.socket.destroyed) return;
    this.stopTimer();
    this.phase = 'sent';
    const early = this.early.splice(0);
    // Data written now would be lost with the connection.
    this.ended = early[0] === null;
    act();
    for (const chunk of early) if (!this.socket.destroyed) this.onPush(chunk);
    // A socket that has stopped reading does not restart by itself.
    if (early.length >= MOST_EARLY) this.socket._read(LONGEST_HEAD);
  }

  /** Records the rest of a body that must be written again. The peer expects the rest first. */
  protected collect(bytes: Buffer, done: Written | undefined): boolean {
    const request = this.request as OutgoingRequest;
    if (!request.replayable) return this.fail(bodyNotReplayable(this.options.peer, REPLAY_LIMIT));
    const flowing = this.ended ? true : this.write(bytes);
    // Confirm the last write first: afterwards the request may move to another connection.
    done?.();
    if (!request.complete) return flowing;
    return this.ended ? this.startOver() : this.continue();
  }

  protected timedOut(): Error {
    return handshakeTimeout(this.options.peer, this.options.timeout);
  }

  protected startTimer(milliseconds: number, callback: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(callback, milliseconds);
  }

  protected stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

function bytesOf(data: string | Uint8Array, charset: BufferEncoding): Buffer {
  return typeof data === 'string'
    ? Buffer.from(data, charset)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
