import type { FirstLeg } from '../auth/registry.js';
import { type AuthSession, chain } from '../auth/session.js';
import { BodyScanner, type BodyFraming, NO_BODY } from '../http1/framing.js';
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
import { keepsAlive, type ResponseHead } from '../http1/response.js';

/** The callback of a write: called when the bytes are written or the write has failed. */
export type Written = (error?: Error | null) => void;

/** The maximum bytes of a body that are kept so that the request can be written again. */
export const REPLAY_LIMIT = 1_048_576;
/** Bodies up to this many bytes are sent with the token. Sending them twice costs less than another leg. */
const SMALL_BODY = 65_536;

/** The safe methods (RFC 9110, section 9.2.1). */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** Methods that have no body unless a length is given (RFC 9110, section 8.6). */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * How a handshake begins:
 * - `plain`: without credentials
 * - `token`: with the request itself
 * - `head`: with a HEAD request before it
 * - `empty`: with the same request, without its body, before it
 * - `reject`: not at all, because the credentials were rejected recently
 */
export type Leg = 'plain' | 'token' | 'head' | 'empty' | 'reject';

/** Returns the first leg of a request that the peer may challenge, based on its known behaviour. */
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

/** Whether the request and its leg without a body are the same. */
function isEmptySame(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS';
}

/** One request as the client writes it, with the state that is needed to repeat it or to send a leg for it. */
export class OutgoingRequest {
  /** Request line and fields as the client wrote them, with the empty line. */
  readonly head: string;
  readonly method: string;
  readonly #framing: BodyFraming;
  /** Set-Cookie fields of challenges. The next leg returns them, and the final response contains them. */
  readonly cookies: string[] = [];
  #meter: BodyScanner | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #tooLong = false;

  constructor(head: string) {
    this.head = head;
    this.method = methodOf(head);
    this.#framing = requestBodyFraming(head);
  }

  /** Whether the client has written the whole request. */
  get complete(): boolean {
    return this.#framing === NO_BODY || this.#bodyMeter.done;
  }

  /** Whether everything that was written is still available. */
  get replayable(): boolean {
    return !this.#tooLong;
  }

  get hasBody(): boolean {
    return this.#framing !== NO_BODY;
  }

  get bodyStarted(): boolean {
    return this.#bytes > 0;
  }

  /** Whether the length of the body is unknown. */
  get isStreamed(): boolean {
    return this.#framing.kind === 'chunked' && !this.expectsContinue;
  }

  get expectsContinue(): boolean {
    return fieldOf(this.head, 'expect') !== undefined;
  }

  /** Whether the request is small and its body is available without a 100 response. */
  get isAtHand(): boolean {
    if (this.#framing === NO_BODY) return true;
    if (this.expectsContinue) return false;
    if (this.#framing.kind === 'length') return this.#framing.bytes <= SMALL_BODY;
    return this.complete && !this.#tooLong && this.#bytes <= SMALL_BODY;
  }

  /** Whether the request may be repeated if its fate is unknown. */
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

  /** Records body bytes as the client wrote them. They are copied, because the owner may reuse the buffer. */
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

  /** Returns the recorded body without chunked framing. */
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

  /** Returns the head to send: in absolute form for a proxy, and with the headers of the sessions. */
  text(origin: string | undefined, sessions: readonly AuthSession[]): string {
    return this.#withHeaders(origin === undefined ? this.head : inAbsoluteForm(this.head, origin), origin, sessions);
  }

  /** Returns the head of an extra leg: all fields of the client except those about the body. */
  legText(method: string, origin: string | undefined, sessions: readonly AuthSession[]): string {
    const start = origin === undefined ? this.head : inAbsoluteForm(this.head, origin);
    let text = withoutFields(`${method}${start.slice(start.indexOf(' '))}`, ABOUT_BODY);
    if (!BODILESS.has(method)) text = withField(text, 'Content-Length', '0');
    // The connection must stay open after the leg, even if the client wants to close it after its request.
    text = withField(text, 'Connection', 'keep-alive');
    return this.#withHeaders(text, origin, sessions);
  }

  #withHeaders(head: string, origin: string | undefined, sessions: readonly AuthSession[]): string {
    let text = this.cookies.length === 0 ? head : withCookies(head, this.cookies);
    // An incomplete handshake needs this connection again.
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

  /** The meter is created on demand, because most requests have no body. */
  get #bodyMeter(): BodyScanner {
    return (this.#meter ??= new BodyScanner(this.#framing));
  }
}

/** The fields that a leg without a body must not have. */
const ABOUT_BODY = ['content-[a-z0-9-]+', 'transfer-encoding', 'trailer', 'expect'];

export interface CollectedHead {
  /** Request line and fields, with the empty line. */
  readonly head: string;
  /** The data after the head in the same write. */
  readonly body: Buffer;
  readonly written: Written | undefined;
}

const END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Collects the head of a request. Clients usually write it at once, but undici may write the empty line with the body. */
export class HeadCollector {
  #text = '';
  #callbacks: Written[] = [];

  /** Whether no part of a head has been written. */
  get isEmpty(): boolean {
    return this.#text === '' && this.#callbacks.length === 0;
  }

  /** Adds data. Returns undefined until the head is complete. */
  take(data: string | Uint8Array, charset: BufferEncoding, done: Written | undefined): CollectedHead | undefined {
    // The data is nearly always the whole head and nothing else.
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

/** Returns the text of a leg without a client request: CONNECT, and the probe of `diagnose`. */
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

/** Whether a session has a header for the next request, or should get one. */
export function isDue(session: AuthSession): boolean {
  return session.due || session.header !== undefined;
}

/** A request whose connection is not authenticated yet, with the data that the client has written so far. */
export interface PendingStart {
  readonly request: OutgoingRequest;
  readonly queued: readonly { readonly bytes: Buffer }[];
  readonly sessions: readonly AuthSession[];
  /** The key of the target: `origin method path`. */
  readonly target: string;
}

/**
 * Prepares the first headers of the handshakes. Returns the method of the leg that must precede the request; undefined if the
 * request itself carries the headers, if any.
 */
export function startHandshakes(start: PendingStart): string | undefined | Promise<string | undefined> {
  return startNext(start, start.sessions.filter(isDue), undefined);
}

function startNext(
  start: PendingStart,
  [session, ...others]: readonly AuthSession[],
  leg: string | undefined,
): string | undefined | Promise<string | undefined> {
  if (session === undefined) return leg;
  // A leg that is safe for one session is not enough if another needs the method itself.
  return chain(startOne(start, session), (own) =>
    startNext(start, others, leg === undefined || leg === 'HEAD' ? (own ?? leg) : leg),
  );
}

function startOne(start: PendingStart, session: AuthSession): string | undefined | Promise<string | undefined> {
  const { request, target } = start;
  const shape = { method: request.method, isAtHand: isAtHand(start) };
  const taught = session.taught(target);
  if (session.header !== undefined) {
    return session.ready || (shape.isAtHand && taught !== 'empty') ? undefined : request.method;
  }
  if (firstLeg(shape, taught) === 'plain' || mustWait(session, start.sessions)) return undefined;
  const begin = (): string | undefined | Promise<string | undefined> => {
    const { rejection } = session;
    const choice = firstLeg(shape, taught, rejection !== undefined);
    if (choice === 'reject') throw rejection as Error;
    if (choice === 'plain') return undefined;
    return chain(session.begin(), () => {
      if (choice === 'head') return session.ready && session.accepted ? undefined : 'HEAD';
      // A single token authenticates the request that carries it, so it must be sent with the request itself.
      return choice === 'empty' && !session.ready ? request.method : undefined;
    });
  };
  const settled = session.settled();
  return settled === undefined ? begin() : settled.then(begin);
}

/** Includes queued data, which is recorded only when it is written. */
function isAtHand({ request, queued }: PendingStart): boolean {
  if (!request.isStreamed) return request.isAtHand;
  const all = new OutgoingRequest(request.head);
  for (const { bytes } of queued) if (bytes.length > 0) all.add(bytes);
  return all.isAtHand;
}

/** Whether a single token must wait for the proxy's verdict. */
function mustWait(session: AuthSession, sessions: readonly AuthSession[]): boolean {
  if (session.isProxy || !session.usesSystem) return false;
  return sessions.some((other) => other.isProxy && other.due && other.key === session.key);
}

/** Records whether the target challenges, and which requests. */
export function learnFrom(
  head: ResponseHead,
  { request, sessions, target }: PendingStart,
  /** The method of the extra leg that was answered. */
  leg: string | undefined,
): void {
  for (const session of sessions) {
    if (head.status === 407 && !session.isProxy) continue;
    const taught = session.taught(target);
    if (head.status !== session.status) {
      if (session.due && !session.isProving) session.teach(target, 'none');
    } else if (leg === 'HEAD' && request.method !== 'HEAD') {
      if (taught === undefined || taught === 'none') session.teach(target, 'head');
    } else if (leg === undefined && request.hasBody && !keepsAlive(head)) {
      session.teach(target, 'empty');
    } else if (taught !== 'empty') {
      session.teach(target, 'token');
    }
  }
}
