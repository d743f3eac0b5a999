import type { Socket } from 'node:net';
import { valuesOf } from '../http1/fields.js';
import { NO_BODY } from '../http1/framing.js';
import {
  bodyNotReplayable,
  closedMidHandshake,
  credentialsRequired,
  notHttp,
  tooManyLegs,
  unsolicitedBytes,
} from '../network-errors.js';
import { MOST_LEGS } from './tunnel.js';
import { HeadCollector, type Written } from './outgoing-request.js';
import { legFor, requestText } from './outgoing-request.js';
import { judgeAll, type AuthSession, type Verdict } from '../auth/session.js';
import { KEPT_BODY, RequestRecord } from './outgoing-request.js';
import { fieldOf, methodOf, requestBodyFraming } from '../http1/request-head.js';
import { parseResponseHead, type ResponseHead } from '../http1/response.js';
import { endOfHead, LONGEST_HEAD, ResponseReader, statusOf } from '../http1/response.js';

export interface InterceptorOptions {
  readonly parties: readonly AuthSession[];
  /** A proxy reads the requests: they go out in absolute form. */
  readonly absoluteForm: boolean;
  /** For messages: "the proxy proxy.corp.example:8080". */
  readonly peer: string;
  /** The method of legs of our own. */
  readonly legMethod: string;
}

/**
 * - `idle`: no request is under way
 * - `head`: the client is about to write one
 * - `asked`: it has, and the answer is awaited
 * - `deciding`: the operating system is asked what to make of it, or how to begin
 * - `draining`: the answer is a challenge, and is read to its end
 * - `completing`: that is done, but the client is still writing the body that the challenge came too early for
 * - `answered`: the answer is the client's, whatever follows
 * - `over`: the protocol has changed (101), or the connection has failed; nothing is looked at any more
 */
type Phase = 'idle' | 'head' | 'asked' | 'deciding' | 'draining' | 'completing' | 'answered' | 'over';

/** So many chunks may arrive while the operating system is asked, before the socket stops reading. */
const MOST_EARLY = 8;

/** A request on a connection that died before a byte of its answer. */
export interface LostRequest {
  /** All that the client has written of it; undefined when that is nothing. */
  readonly written: { readonly head: string; readonly body: readonly Buffer[] } | undefined;
  /** The peer has shown that it did not carry it out. */
  readonly unprocessed: boolean;
}

/** Takes over a lost request, to send it by another connection; false: it is lost. */
export type Rescue = (lost: LostRequest) => boolean;

interface HeldWrite {
  readonly bytes: Buffer;
  readonly done: Written | undefined;
}

/**
 * Stands between an HTTP client and its socket, on the socket's own `write` and `push`. The client (Node's or undici's,
 * neither of which knows anything of NTLM) writes plain requests; this puts in what the connection owes its parties.
 * When one of them asks again, it answers by itself and writes the request once more, so that the client sees the one
 * answer that is meant for it. On a connection at rest this costs a look at the first twelve bytes of each answer.
 */
export class RequestInterceptor {
  readonly #socket: Socket;
  readonly #options: InterceptorOptions;
  readonly #write: Socket['write'];
  readonly #push: Socket['push'];
  readonly #destroy: Socket['destroy'];
  readonly #heads = new HeadCollector();
  #phase: Phase = 'idle';
  #origin: string | undefined;
  #rescue: Rescue | undefined;
  /** Of the request under way, if somebody would take it over. */
  #head: string | undefined;
  #record: RequestRecord | undefined;
  /** What the client writes while a leg of our own goes before its request. */
  #held: HeldWrite[] | undefined;
  #received: Buffer | undefined;
  /** What arrives while the operating system is asked. */
  #early: (Buffer | null)[] = [];
  #challenge: ResponseReader | undefined;
  /** It has asked on a connection that was signed on: it will with the next request, and is greeted before that. */
  #asker: AuthSession | undefined;
  #legMethod: string;
  #legIsOurs = false;
  #legs = 0;
  #heard = false;
  #unprocessed = false;

  constructor(socket: Socket, options: InterceptorOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#legMethod = options.legMethod;
    this.#write = socket.write.bind(socket) as Socket['write'];
    this.#push = socket.push.bind(socket);
    this.#destroy = socket.destroy.bind(socket);
    socket.write = this.#onWrite as Socket['write'];
    socket.push = this.#onPush;
    socket.destroy = this.#onDestroy as Socket['destroy'];
  }

  /** The next bytes that the client writes are a request to this origin (`http://host:port`). */
  beginRequest(origin: string, rescue?: Rescue): void {
    this.#origin = this.#options.absoluteForm ? origin : undefined;
    this.#rescue = rescue;
    this.#head = undefined;
    this.#legs = 0;
    this.#heard = false;
    if (this.#phase !== 'over') this.#phase = 'head';
  }

  /** The client has read its answer. */
  endRequest(): void {
    this.#record = undefined;
    if (this.#phase !== 'over') this.#phase = 'idle';
  }

  /** Gives the socket its own methods back: from here on it carries something else. */
  leave(): void {
    this.#phase = 'over';
    this.#socket.write = this.#write;
    this.#socket.push = this.#push;
    this.#socket.destroy = this.#destroy;
  }

  /** Bytes of an answer to the current request have arrived. */
  get responseStarted(): boolean {
    return this.#heard;
  }

  /** The connection failed, and the peer has shown before that it did not carry out the request. */
  get unprocessed(): boolean {
    return this.#unprocessed;
  }

  // ---- from the client to the peer ----------------------------------------------------------------------------

  readonly #onWrite = (
    data: string | Uint8Array,
    encoding?: BufferEncoding | Written | null,
    callback?: Written | null,
  ): boolean => {
    const done = (typeof encoding === 'function' ? encoding : callback) ?? undefined;
    const charset = typeof encoding === 'string' ? encoding : 'utf8';
    if (this.#phase === 'head') return this.#takeHead(data, charset, done);
    if (this.#record === undefined || this.#phase === 'answered' || this.#phase === 'over') {
      return this.#write(data as string, charset, done);
    }
    const bytes = bytesOf(data, charset);
    if (this.#held !== undefined) {
      this.#held.push({ bytes, done });
      return false;
    }
    this.#record.add(bytes);
    const flowing = this.#write(bytes, undefined, done);
    if (this.#phase === 'completing' && this.#record.complete) this.#continue();
    return flowing;
  };

  #takeHead(data: string | Uint8Array, charset: BufferEncoding, done: Written | undefined): boolean {
    const collected = this.#heads.take(data, charset, done);
    if (collected === undefined) return true;
    const { head, body, written } = collected;
    this.#phase = 'asked';
    if (this.#rescue !== undefined) this.#head = head;
    this.#record = this.#options.parties.length > 0 ? new RequestRecord(head) : undefined;
    const asker = this.#asker;
    this.#legIsOurs = asker !== undefined;
    if (asker !== undefined) {
      this.#held = [{ bytes: body, done: written }];
      this.#decide(
        () => asker.begin(),
        () => this.#ask(head),
      );
      return false;
    }
    if (body.length > 0) this.#record?.add(body);
    return this.#writeRequest(head, body.length > 0 ? [body] : [], written);
  }

  /** A leg of our own, if one is needed, or the request with all that was held back for it. */
  #ask(head: string): boolean {
    this.#legIsOurs = this.#options.parties.some((party) => !party.ready);
    if (this.#legIsOurs) this.#writeLeg(head);
    else if (this.#held !== undefined) this.#release(head, this.#held);
    else this.#writeRequest(head, this.#record?.body ?? []);
    return true;
  }

  /** The legs are done: the request goes out, and whatever the client has written meanwhile. */
  #release(head: string, held: readonly HeldWrite[]): void {
    this.#held = undefined;
    let flowing = this.#writeRequest(head, []);
    for (const { bytes, done } of held) flowing = this.#onWrite(bytes, undefined, done);
    if (flowing) process.nextTick(() => this.#socket.emit('drain'));
  }

  #writeRequest(head: string, body: readonly Buffer[], done?: Written): boolean {
    const text = requestText(head, this.#origin, this.#options.parties);
    if (body.length === 0) return this.#write(text, 'latin1', done);
    this.#socket.cork();
    let flowing = this.#write(text, 'latin1', done);
    for (const piece of body) flowing = this.#write(piece);
    this.#socket.uncork();
    return flowing;
  }

  /** A leg that answers no challenge carries neither an unsafe method nor a body. */
  #writeLeg(head: string): void {
    this.#write(legFor(head, this.#legMethod, this.#origin, this.#options.parties), 'latin1');
  }

  // ---- from the peer to the client ----------------------------------------------------------------------------

  readonly #onPush = (chunk: Buffer | null): boolean => {
    if (this.#phase === 'over' || (this.#phase === 'answered' && chunk !== null)) return this.#push(chunk);
    if (this.#phase === 'deciding') return this.#early.push(chunk) < MOST_EARLY;
    if (chunk === null) return this.#takeEnd();
    if (this.#phase === 'asked') return this.#takeAnswer(chunk);
    if (this.#phase === 'draining') return this.#drain(chunk);
    // Such as the 408 of a server that has lost its patience, just when the next request comes.
    if (this.#rescued()) return false;
    return this.#fail(unsolicitedBytes(this.#options.peer));
  };

  #takeAnswer(chunk: Buffer): boolean {
    this.#heard = true;
    let bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = undefined;
    for (;;) {
      const status = statusOf(bytes);
      if (status === 'unknown') return this.#keep(bytes);
      if (status === 'none' || !this.#concerns(status)) return this.#deliver(bytes, status);
      const end = endOfHead(bytes);
      if (end === -1) return this.#keep(bytes);
      if (status < 200 && status !== 101) {
        if (!this.#legIsOurs && !this.#unaskedContinue(status)) this.#push(bytes.subarray(0, end));
        bytes = bytes.subarray(end);
        if (bytes.length === 0) return true;
        continue;
      }
      return this.#judge(bytes, end, status);
    }
  }

  /** Every client has to bear a 100 that it did not ask for (RFC 9110, section 15.2); undici does not. */
  #unaskedContinue(status: number): boolean {
    return status === 100 && this.#record !== undefined && fieldOf(this.#record.head, 'expect') === undefined;
  }

  /** Whether somebody here wants to see this answer before the client does. */
  #concerns(status: number): boolean {
    if (status < 200 || this.#legIsOurs || (status === 407 && this.#options.absoluteForm)) return true;
    for (const party of this.#options.parties) if (party.awaitsVerdict || party.status === status) return true;
    return false;
  }

  /** Not enough to go by yet. */
  #keep(bytes: Buffer): boolean {
    if (bytes.length > LONGEST_HEAD) return this.#fail(notHttp(this.#options.peer, undefined));
    this.#received = bytes;
    return true;
  }

  #deliver(bytes: Buffer, status: number | 'none'): boolean {
    this.#phase = status === 101 ? 'over' : 'answered';
    this.#record = undefined;
    return this.#push(bytes);
  }

  #judge(bytes: Buffer, end: number, status: number): boolean {
    const asker = this.#options.parties.find((party) => party.status === status && party.authenticated);
    return this.#decide(
      () => {
        const head = this.#parse(bytes.toString('latin1', 0, end).trimEnd());
        if (status === 407 && this.#options.absoluteForm && !this.#options.parties.some((party) => party.isProxy)) {
          throw credentialsRequired(this.#options.peer, valuesOf(head.fields, 'proxy-authenticate'));
        }
        return judgeAll(this.#options.parties, head, true);
      },
      (verdict) => this.#act(verdict, bytes, status, asker),
    );
  }

  #parse(text: string): ResponseHead {
    try {
      return parseResponseHead(text);
    } catch (error) {
      throw notHttp(this.#options.peer, error);
    }
  }

  #act(verdict: Verdict, bytes: Buffer, status: number, asker: AuthSession | undefined): boolean {
    if (verdict === 'done' && !this.#legIsOurs) return this.#deliver(bytes, status);
    if (verdict === 'reconnect') return this.#startOver();
    if (verdict === 'send' && !this.#legIsOurs) this.#asker = asker;
    if (this.#record?.replayable === false) return this.#fail(bodyNotReplayable(this.#options.peer, KEPT_BODY));
    const method = methodOf(this.#record?.head ?? '');
    this.#challenge = new ResponseReader(this.#legIsOurs ? this.#legMethod : method);
    return this.#decide(
      () => (verdict === 'done' ? this.#reconsiderLegs(status, method) : undefined),
      () => {
        this.#phase = 'draining';
        return this.#drain(bytes);
      },
    );
  }

  /** A leg of our own was answered without a challenge: it was not wanted at all, or not in this method. */
  #reconsiderLegs(status: number, method: string): void | Promise<void> {
    if ((status === 405 || status === 501) && this.#legMethod !== method) {
      this.#legMethod = method;
      return this.#asker?.begin();
    }
    this.#asker = undefined;
  }

  /** Goes on as soon as something is known: at once, unless the operating system has to be asked. */
  #decide<T>(find: () => T | Promise<T>, proceed: (found: T) => boolean): boolean {
    let found: T | Promise<T>;
    try {
      found = find();
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (!(found instanceof Promise)) return proceed(found);
    this.#phase = 'deciding';
    found.then(
      (value) => this.#decided(() => proceed(value)),
      (error: unknown) => this.#decided(() => this.#fail(error as Error)),
    );
    return true;
  }

  #decided(act: () => boolean): void {
    // The client may have given up meanwhile.
    if (this.#phase !== 'deciding' || this.#socket.destroyed) return;
    this.#phase = 'asked';
    const early = this.#early.splice(0);
    act();
    for (const chunk of early) this.#onPush(chunk);
    // A socket that was told to stop reading has to be told to go on.
    if (early.length >= MOST_EARLY) this.#socket._read(LONGEST_HEAD);
  }

  #drain(bytes: Buffer): boolean {
    const challenge = this.#challenge as ResponseReader;
    try {
      if (challenge.push(bytes).length > 0) return this.#fail(unsolicitedBytes(this.#options.peer));
    } catch (error) {
      return this.#fail(notHttp(this.#options.peer, error));
    }
    if (!challenge.done) return true;
    if (!challenge.complete) return this.#startOver();
    return this.#continue();
  }

  /** The challenge has been read to its end: goes on with a leg of our own, or with the client's request. */
  #continue(): boolean {
    const record = this.#record as RequestRecord;
    if (this.#held === undefined && !record.complete) {
      // After `Expect: 100-continue` the body will never come, and the peer may or may not be waiting for it.
      if (!record.bodyBegan && fieldOf(record.head, 'expect') !== undefined) return this.#startOver();
      this.#phase = 'completing';
      return true;
    }
    if (!record.replayable) return this.#fail(bodyNotReplayable(this.#options.peer, KEPT_BODY));
    this.#legs += 1;
    if (this.#legs > MOST_LEGS) return this.#fail(tooManyLegs(this.#options.peer));
    this.#phase = 'asked';
    return this.#ask(record.head);
  }

  #takeEnd(): boolean {
    const { peer, parties } = this.#options;
    if (this.#rescued()) return false;
    if (this.#held !== undefined && this.#phase === 'asked') return this.#startOver();
    if (this.#phase === 'draining' && this.#challenge?.end() === true) return this.#startOver();
    const midHandshake =
      this.#phase === 'draining' || this.#phase === 'completing' || (this.#phase === 'asked' && this.#legIsOurs);
    const notForwarded =
      this.#phase === 'asked' && this.#received === undefined && parties.some((party) => party.awaitsVerdict);
    if (midHandshake || notForwarded) return this.#fail(closedMidHandshake(peer));
    if (this.#received !== undefined) this.#push(this.#received);
    this.#received = undefined;
    return this.#push(null);
  }

  // ---- the end ------------------------------------------------------------------------------------------------

  /** A reset reaches the socket this way. */
  readonly #onDestroy = (error?: Error): Socket => {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if ((code === 'ECONNRESET' || code === 'EPIPE') && this.#rescued()) return this.#socket;
    return this.#destroy(error);
  };

  /** The connection has died. If the request on it is taken over, its client need not hear of that. */
  #rescued(): boolean {
    const rescue = this.#rescue;
    const lost = rescue === undefined ? undefined : this.#lost();
    if (lost === undefined || rescue?.(lost) !== true) return false;
    this.#phase = 'over';
    this.#record = undefined;
    for (const { done } of this.#held?.splice(0) ?? []) done?.();
    this.#destroy();
    return true;
  }

  /** What could be sent again of the request under way: as far as it is all here, and nothing has come of it. */
  #lost(): LostRequest | undefined {
    if (this.#phase === 'head' && this.#heads.isEmpty) return { written: undefined, unprocessed: false };
    if (this.#unprocessed) {
      const record = this.#record;
      for (const { bytes } of this.#held ?? []) if (bytes.length > 0) record?.add(bytes);
      if (record?.complete !== true || !record.replayable) return undefined;
      return { written: { head: record.head, body: record.body }, unprocessed: true };
    }
    const head = this.#head;
    const open = this.#options.parties.some((party) => party.awaitsVerdict);
    if (this.#phase !== 'asked' || this.#heard || open || head === undefined) return undefined;
    if (requestBodyFraming(head) !== NO_BODY) return undefined;
    return { written: { head, body: [] }, unprocessed: false };
  }

  /** The handshake can only go on with another connection: the request may be sent there, it was not carried out. */
  #startOver(): boolean {
    this.#unprocessed = true;
    if (this.#rescued()) return false;
    return this.#fail(closedMidHandshake(this.#options.peer));
  }

  #fail(error: Error): boolean {
    this.#phase = 'over';
    this.#record = undefined;
    this.#held = undefined;
    this.#destroy(error);
    return false;
  }
}

function bytesOf(data: string | Uint8Array, charset: BufferEncoding): Buffer {
  return typeof data === 'string'
    ? Buffer.from(data, charset)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
