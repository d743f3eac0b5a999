import { BodyMeter } from '../http1/framing.js';
import { requestBodyFraming, fieldOf, inAbsoluteForm, targetOf, withField } from '../http1/request-head.js';
import type { AuthSession } from '../auth/session.js';

/** Node calls it when the bytes are out, or never will be. */
export type Written = (error?: Error | null) => void;

export interface CollectedHead {
  /** Request line and fields, with the empty line. */
  readonly head: string;
  /** What came in the same piece behind it. */
  readonly body: Buffer;
  readonly written: Written | undefined;
}

const END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Clients write a head in one piece, but undici lets the empty line go with the first chunk of a stream. */
export class HeadCollector {
  #text = '';
  #callbacks: Written[] = [];

  /** Nothing of a head has been written. */
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

/** How much of a body is kept for the case that the peer asks for another sign-on. */
export const KEPT_BODY = 1_048_576;

/** One request as its client wrote it, kept so that it can be written once more. */
export class RequestRecord {
  /** Request line and fields as the client wrote them, with the empty line. */
  readonly head: string;
  #meter: BodyMeter | undefined;
  #body: Buffer[] = [];
  #bytes = 0;
  #tooLong = false;

  constructor(head: string) {
    this.head = head;
  }

  /** The client has written all of it. */
  get complete(): boolean {
    return this.#bodyMeter.done;
  }

  /** All that was written is still at hand. */
  get replayable(): boolean {
    return !this.#tooLong;
  }

  get bodyBegan(): boolean {
    return this.#bytes > 0;
  }

  get body(): readonly Buffer[] {
    return this.#body;
  }

  /** Bytes of the body, as they go out. They are copied: their owner may use the memory again. */
  add(chunk: Buffer): void {
    this.#bodyMeter.take(chunk);
    this.#bytes += chunk.length;
    if (this.#tooLong || this.#bytes > KEPT_BODY) {
      this.#tooLong = true;
      this.#body = [];
    } else {
      this.#body.push(Buffer.from(chunk));
    }
  }

  /** The response is there: nothing will have to be written again. */
  forget(): void {
    this.#body = [];
    this.#tooLong = true;
  }

  /** Most requests have no body and are never asked about it. */
  get #bodyMeter(): BodyMeter {
    return (this.#meter ??= new BodyMeter(requestBodyFraming(this.head)));
  }
}

/** What a leg is about: the same target as the caller's request, so that the peer decides as it would for that. */
export interface LegTarget {
  /** Request target as the peer wants it: a path, the absolute form, or host:port for CONNECT. */
  readonly target: string;
  readonly host: string;
}

/** Methods that mean no body when no length is given (RFC 9110, section 8.6). */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * The text of a request of our own that carries the handshake and nothing else: never a body, never a field of the
 * caller's. The parties' headers count as sent.
 */
export function legText(method: string, { target, host }: LegTarget, parties: readonly AuthSession[]): string {
  const fields = [`Host: ${host}`, 'Accept: */*', 'Connection: keep-alive'];
  // An HTTP/1.0 proxy keeps the connection only for this older spelling.
  if (parties.some((party) => party.isProxy)) fields.push('Proxy-Connection: keep-alive');
  if (!BODILESS.has(method)) fields.push('Content-Length: 0');
  for (const party of parties) {
    if (party.header !== undefined) fields.push(`${party.requestField}: ${party.header}`);
    party.sent();
  }
  return `${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}

/**
 * The client's head as it goes out: in absolute form if a proxy reads it, which wants to know the origin, and with the
 * parties' headers, which count as sent.
 */
export function requestText(head: string, origin: string | undefined, parties: readonly AuthSession[]): string {
  let text = origin === undefined ? head : inAbsoluteForm(head, origin);
  // An HTTP/1.0 proxy keeps the connection only for this older spelling.
  if (origin !== undefined && !/\bclose\b/i.test(fieldOf(text, 'connection') ?? '')) {
    text = withField(text, 'Proxy-Connection', 'keep-alive');
  }
  for (const party of parties) {
    if (party.header !== undefined) text = withField(text, party.requestField, party.header);
    party.sent();
  }
  return text;
}

/** A leg of our own for the same target as the client's request. */
export function legFor(
  head: string,
  method: string,
  origin: string | undefined,
  parties: readonly AuthSession[],
): string {
  const text = origin === undefined ? head : inAbsoluteForm(head, origin);
  return legText(method, { target: targetOf(text), host: fieldOf(text, 'host') ?? '' }, parties);
}
