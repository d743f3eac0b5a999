import type { FirstLeg } from '../auth/registry.js';
import type { AuthSession } from '../auth/session.js';
import { BodyMeter, type BodyFraming, NO_BODY } from '../http1/framing.js';
import {
  fieldOf,
  inAbsoluteForm,
  methodOf,
  requestBodyFraming,
  targetOf,
  withCookies,
  withField,
  withoutFields,
} from '../http1/request-head.js';

/** Node calls it when the bytes are written, or never will be. */
export type Written = (error?: Error | null) => void;

/** How much of a body is kept in case the request must be written again. */
export const REPLAY_LIMIT = 1_048_576;
/** A body up to this size goes with the token: if the peer challenges, sending it twice costs less than another leg. */
const SMALL_BODY = 65_536;

/** Repeating these has the same effect as sending them once, and none on the origin (RFC 9110, section 9.2.1). */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** Without a length these have no body (RFC 9110, section 8.6). */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * How a handshake begins:
 * - `plain`: without credentials
 * - `token`: with the request itself
 * - `head`: with a HEAD in front of it
 * - `empty`: with the same request in front of it, without its body
 * - `reject`: not at all, because the credentials were rejected a moment ago
 */
export type Leg = 'plain' | 'token' | 'head' | 'empty' | 'reject';

/** What to send first when the peer may challenge this request, and has taught that about it. */
export function firstLeg(
  { method, isAtHand }: { readonly method: string; readonly isAtHand: boolean },
  taught: FirstLeg | undefined,
  isRejected = false,
): Leg {
  if (method === 'TRACE' || taught === 'none') return 'plain';
  if (isRejected) return taught === undefined ? 'plain' : 'reject';
  if (method === 'CONNECT') return 'token';
  if (taught === 'empty') return isEmptySame(method) ? 'token' : 'empty';
  if (isAtHand) return 'token';
  return taught === 'token' ? 'empty' : 'head';
}

/** The request and its own leg without a body would be the same. */
function isEmptySame(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS';
}

/** One request as its client writes it, with what must be known to write it again or to send a leg for it. */
export class OutgoingRequest {
  /** Request line and fields as the client wrote them, with the empty line. */
  readonly head: string;
  readonly method: string;
  readonly #framing: BodyFraming;
  /** Set-Cookie fields of challenges: the next leg returns them, and the client sees them in the end. */
  readonly cookies: string[] = [];
  #meter: BodyMeter | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #tooLong = false;

  constructor(head: string) {
    this.head = head;
    this.method = methodOf(head);
    this.#framing = requestBodyFraming(head);
  }

  /** The client has written all of it. */
  get complete(): boolean {
    return this.#framing === NO_BODY || this.#bodyMeter.done;
  }

  /** All that was written is still available. */
  get replayable(): boolean {
    return !this.#tooLong;
  }

  get hasBody(): boolean {
    return this.#framing !== NO_BODY;
  }

  get bodyStarted(): boolean {
    return this.#bytes > 0;
  }

  /** Only the client knows how long it is. */
  get isStreamed(): boolean {
    return this.#framing.kind === 'chunked' && !this.expectsContinue;
  }

  get expectsContinue(): boolean {
    return fieldOf(this.head, 'expect') !== undefined;
  }

  /** It is small, and its body is written or will be. */
  get isAtHand(): boolean {
    if (this.#framing === NO_BODY) return true;
    if (this.expectsContinue) return false;
    if (this.#framing.kind === 'length') return this.#framing.bytes <= SMALL_BODY;
    return this.complete && !this.#tooLong && this.#bytes <= SMALL_BODY;
  }

  /** It may be repeated if nothing is known about what happened to it. */
  get isRepeatable(): boolean {
    return SAFE.has(this.method) && !this.hasBody;
  }

  get body(): readonly Buffer[] {
    return this.#body;
  }

  /** Path without the query. */
  get path(): string {
    const target = targetOf(this.head);
    const path = target.startsWith('/') || target === '*' ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
    const query = path.indexOf('?');
    return query === -1 ? path : path.slice(0, query);
  }

  /** Bytes of the body as the client wrote them. They are copied: their owner may reuse the memory. */
  add(chunk: Buffer): void {
    if (this.#framing !== NO_BODY) this.#bodyMeter.take(chunk);
    this.#bytes += chunk.length;
    if (this.#tooLong || this.#bytes > REPLAY_LIMIT) {
      this.#tooLong = true;
      this.#body = [];
    } else {
      this.#body.push(Buffer.from(chunk));
    }
  }

  /** The recorded body without the lines around its chunks. */
  payload(): Buffer {
    const bytes = Buffer.concat(this.#body);
    if (this.#framing.kind !== 'chunked') return bytes;
    const data: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf('\r\n', at, 'latin1');
      const size = end === -1 ? 0 : Number.parseInt(bytes.toString('latin1', at, end), 16);
      if (!(size > 0)) break;
      data.push(bytes.subarray(end + 2, end + 2 + size));
      at = end + 2 + size + 2;
    }
    return Buffer.concat(data);
  }

  /** The head as it is sent: in absolute form if a proxy reads it, and with the headers of the sessions. */
  text(origin: string | undefined, sessions: readonly AuthSession[]): string {
    return this.#withHeaders(origin === undefined ? this.head : inAbsoluteForm(this.head, origin), origin, sessions);
  }

  /** The head of an extra leg: every field of the client but those about the body. */
  legText(method: string, origin: string | undefined, sessions: readonly AuthSession[]): string {
    const start = origin === undefined ? this.head : inAbsoluteForm(this.head, origin);
    let text = withoutFields(`${method}${start.slice(start.indexOf(' '))}`, ABOUT_BODY);
    if (!BODILESS.has(method)) text = withField(text, 'Content-Length', '0');
    // The connection must outlive the leg, whatever the client wants to do with it afterwards.
    text = withField(text, 'Connection', 'keep-alive');
    return this.#withHeaders(text, origin, sessions);
  }

  #withHeaders(head: string, origin: string | undefined, sessions: readonly AuthSession[]): string {
    let text = this.cookies.length === 0 ? head : withCookies(head, this.cookies);
    // A handshake that is not complete needs this connection once more.
    if (sessions.some(({ ready }) => !ready) && /\bclose\b/i.test(fieldOf(text, 'connection') ?? '')) {
      text = withField(text, 'Connection', 'keep-alive');
    }
    // An HTTP/1.0 proxy keeps the connection only for this older spelling.
    if (origin !== undefined && !/\bclose\b/i.test(fieldOf(text, 'connection') ?? '')) {
      text = withField(text, 'Proxy-Connection', 'keep-alive');
    }
    for (const session of sessions) {
      if (session.header !== undefined) text = withField(text, session.requestField, session.header);
      session.sent();
    }
    return text;
  }

  /** Most requests have no body. */
  get #bodyMeter(): BodyMeter {
    return (this.#meter ??= new BodyMeter(this.#framing));
  }
}

/** Fields that a leg without a body does not have. */
const ABOUT_BODY = ['content-[a-z0-9-]+', 'transfer-encoding', 'trailer', 'expect'];

export interface CollectedHead {
  /** Request line and fields, with the empty line. */
  readonly head: string;
  /** What came in the same write after it. */
  readonly body: Buffer;
  readonly written: Written | undefined;
}

const END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Clients write a head at once, but undici sends the empty line with the first chunk of a stream. */
export class HeadCollector {
  #text = '';
  #callbacks: Written[] = [];

  /** No part of a head has been written. */
  get isEmpty(): boolean {
    return this.#text === '' && this.#callbacks.length === 0;
  }

  /** Undefined until the head is complete. */
  take(data: string | Uint8Array, charset: BufferEncoding, done: Written | undefined): CollectedHead | undefined {
    // Nearly always it is the whole head and nothing else.
    if (this.#text === '' && typeof data === 'string' && data.indexOf(END) === data.length - END.length) {
      return { head: data, body: NOTHING, written: done };
    }
    if (done !== undefined) this.#callbacks.push(done);
    const [text, encoding] = typeof data === 'string' ? [data, charset] : [latin1(data), 'latin1' as const];
    const all = this.#text + text;
    const end = all.indexOf(END);
    this.#text = end === -1 ? all : '';
    if (end === -1) return undefined;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    return {
      head: all.slice(0, end + END.length),
      body: Buffer.from(all.slice(end + END.length), encoding),
      written: (error) => {
        for (const callback of callbacks) callback(error);
      },
    };
  }
}

function latin1(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}

/** The text of a leg for which there is no request of a client: CONNECT, and the probe of `diagnose`. */
export function legText(
  method: string,
  {
    target,
    host,
    userAgent,
    secret,
  }: {
    readonly target: string;
    readonly host: string;
    readonly userAgent?: string | undefined;
    readonly secret?: string | undefined;
  },
  sessions: readonly AuthSession[],
): string {
  const fields = [`Host: ${host}`, 'Accept: */*', 'Connection: keep-alive'];
  if (userAgent !== undefined) fields.push(`User-Agent: ${userAgent}`);
  if (secret !== undefined) fields.push(`Proxy-Authorization: ${secret}`);
  // An HTTP/1.0 proxy keeps the connection only for this older spelling.
  if (sessions.some((session) => session.isProxy)) fields.push('Proxy-Connection: keep-alive');
  for (const session of sessions) {
    if (session.header !== undefined) fields.push(`${session.requestField}: ${session.header}`);
    session.sent();
  }
  return `${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}
