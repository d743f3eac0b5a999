import type { IncomingMessage } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import { NtlmError } from '../../errors.js';
import type { LongBody } from '../connection/long-body.js';
import type { RequestDispatcher } from '../dispatcher/request-dispatcher.js';
import type { Dispatcher } from '../dispatcher/undici.js';
import { endToEndHeaders, fromRawHeaders, rawFieldValues, sanitize } from '../http1/fields.js';
import type { Exchange } from '../http1/serving.js';
import { joinSockets } from '../http1/sockets.js';
import { badTarget, closedMidResponse, notHttp, unexpectedFailure } from '../network-errors.js';
import { originUrl } from '../url.js';

/** Reports the result of an exchange: the upstream status, or an error before any status was sent. */
export type Outcome = (status: number | NtlmError) => void;

/** Fields that are not forwarded: `Expect` is handled here, and the target determines the host (RFC 9112, section 3.2.2). */
const OWN_FIELDS: ReadonlySet<string> = new Set(['host', 'expect']);
const LENGTH: ReadonlySet<string> = new Set(['content-length']);
const NONE: ReadonlySet<string> = new Set();

/** Fields that replace the caller's fields in every request. */
export interface FixedFields {
  /** Names in lower case, including those that are handled here. */
  readonly replaced: ReadonlySet<string>;
  /** Names and values. */
  readonly raw: readonly string[];
}

/** Names of fields that frame a message or belong to one connection. */
const NOT_FIXABLE =
  /^(?:host|expect|connection|content-length|transfer-encoding|upgrade|te|trailer|keep-alive|proxy-.*)$/i;

/** Checks the fixed fields; undefined if there are none. Fields that frame the message cannot be replaced. */
export function fixedFields(
  headers: readonly (readonly [string, string])[],
  userAgent: string | undefined,
): FixedFields | undefined {
  const all = userAgent === undefined ? headers : [...headers, ['User-Agent', userAgent] as const];
  if (all.length === 0) return undefined;
  for (const [name, value] of all) {
    const isField = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (isField && !NOT_FIXABLE.test(name)) continue;
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', `the field "${name}" cannot be set for every request`, {
      advice: 'set only fields that describe the request, such as User-Agent',
    });
  }
  const replaced = new Set([...OWN_FIELDS, ...all.map(([name]) => name.toLowerCase())]);
  return { replaced, raw: all.flat() };
}

/** Forwards one request with the dispatcher, and streams its response. */
export function forwardRequest(
  exchange: Exchange,
  dispatcher: RequestDispatcher,
  affinity: string | undefined,
  fields: FixedFields | undefined,
  outcome: Outcome,
): void {
  const { req, method, framing } = exchange;
  const { url, path } = absoluteTarget(exchange.target);
  const upgrade = exchange.raw ? req.headers.upgrade : undefined;
  const forwarded = new ForwardedRequest(exchange, url.host, outcome);
  const start = (body: Dispatcher.DispatchOptions['body']): void => {
    // The request is rebuilt from its parsed form. The dispatcher frames the body by length or in new chunks.
    const options: Dispatcher.DispatchOptions = {
      method: method as Dispatcher.HttpMethod,
      path,
      headers:
        fields === undefined
          ? endToEndHeaders(req.rawHeaders, OWN_FIELDS)
          : [...endToEndHeaders(req.rawHeaders, fields.replaced), ...fields.raw],
      body,
      // Otherwise undici would close the connection after a HEAD.
      ...(upgrade === undefined ? { reset: false } : { upgrade }),
    };
    dispatcher.start(url, options, forwarded, affinity);
  };
  if (framing.kind === 'length' && framing.bytes === 0) {
    start(null);
    return;
  }
  exchange.wantBody();
  if (framing.kind === 'length' && framing.bytes <= SMALL_BODY) whenRead(req, start);
  else start(new CallerBody(req));
}

/** Bodies up to this many bytes are buffered, so that they are sent with the head and can be repeated. */
const SMALL_BODY = 65_536;

/** Calls back with the whole body, unless the caller leaves earlier. */
function whenRead(req: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => void chunks.push(chunk));
  req.once('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  req.on('error', () => {});
}

/** Answers a CONNECT request: opens the tunnel, then forwards raw bytes. */
export async function forwardTunnel(exchange: Exchange, dispatcher: RequestDispatcher): Promise<void> {
  const gone = new AbortController();
  exchange.res.once('close', () => gone.abort());
  const upstream = await dispatcher.openTunnel(tunnelTarget(exchange.target), gone.signal);
  if (gone.signal.aborted) {
    upstream.destroy();
    return;
  }
  const socket = exchange.takeOver();
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  void joinSockets(socket, upstream);
}

/** The handler of one request, with undici's internal interface, so that header bytes are not parsed twice. */
class ForwardedRequest {
  readonly #exchange: Exchange;
  readonly #host: string;
  readonly #outcome: Outcome;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: () => void = () => {};
  #status = 0;
  /** The response head, until it is written. */
  #head: [reason: string, fields: string[]] | undefined;
  #longBody: LongBody | undefined;
  #over = false;

  constructor(exchange: Exchange, host: string, outcome: Outcome) {
    this.#exchange = exchange;
    this.#host = host;
    this.#outcome = outcome;
    // If the caller has left, its upstream connection is released.
    exchange.res.once('close', () => {
      if (this.#over) return;
      this.#over = true;
      this.#abort?.(new Error('the caller closed its connection'));
    });
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#over) abort();
  }

  /** Called before `onHeaders` for a long body, of which `onData` gets nothing. */
  onLongBody(body: LongBody): void {
    this.#longBody = body;
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) return true;
    const received = decoded(raw);
    checkFraming(this.#host, received);
    this.#status = status;
    this.#resume = resume;
    this.#head = [sanitize(statusText), endToEndHeaders(received, status === 204 ? LENGTH : NONE)];
    if (this.#longBody !== undefined) {
      this.#startLongBody(this.#longBody, this.#head[1]);
      return true;
    }
    // Send the head in one packet with the first body bytes, if these have arrived, or arrive in the next turn of the event loop.
    queueMicrotask(() => {
      if (this.#head !== undefined) setImmediate(() => setImmediate(() => this.#flushHead()));
    });
    return true;
  }

  #flushHead(): void {
    if (this.#writeHead()) this.#exchange.res.flushHeaders();
  }

  #startLongBody(body: LongBody, fields: string[]): void {
    const { res } = this.#exchange;
    const { socket } = res;
    fields.push('Content-Length', String(body.length));
    if (socket === null || !this.#writeHead()) return;
    socket.cork();
    res.flushHeaders();
    body.start(socket);
    socket.uncork();
  }

  #writeHead(): boolean {
    const head = this.#head;
    if (head === undefined || this.#over) return false;
    this.#head = undefined;
    const { res } = this.#exchange;
    res.sendDate = false;
    res.writeHead(this.#status, ...head);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#writeHead();
    const { res } = this.#exchange;
    if (res.write(chunk)) return true;
    res.once('drain', this.#resume);
    return false;
  }

  onComplete(raw: readonly (Buffer | string)[] | null): void {
    const { res } = this.#exchange;
    this.#writeHead();
    this.#over = true;
    if (res.chunkedEncoding && raw !== null && raw.length > 0) {
      res.addTrailers(fromRawHeaders(decoded(raw)));
    }
    res.end();
    this.#outcome(this.#status);
  }

  onUpgrade(_status: number, raw: readonly (Buffer | string)[] | null, upstream: Duplex): void {
    this.#over = true;
    const fields = decoded(raw);
    let text = 'HTTP/1.1 101 Switching Protocols\r\n';
    for (let index = 0; index + 1 < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
    const socket = this.#exchange.takeOver();
    socket.write(`${text}\r\n`, 'latin1');
    void joinSockets(socket, upstream);
    this.#outcome(101);
  }

  onError(error: Error): void {
    if (this.#over) return;
    if (this.#status === 204 || this.#status === 304) {
      // undici waits for a body of the announced length, but these responses have none.
      this.onComplete(null);
      return;
    }
    this.#over = true;
    // The status was already sent, so the connection is closed before the end of the body.
    if (this.#exchange.res.headersSent) this.#exchange.req.socket.destroy();
    else this.#outcome(failureOf(this.#host, error));
  }
}

/**
 * Rejects ambiguous responses. A transfer coding other than `chunked` would be lost in forwarding. A length in addition to a
 * coding is ambiguous, and another proxy may have used the other one (RFC 9112, section 6.1).
 */
function checkFraming(host: string, received: readonly string[]): void {
  const codings = rawFieldValues(received, 'transfer-encoding');
  if (codings.length === 0) return;
  if (
    codings.length > 1 ||
    codings[0]?.toLowerCase() !== 'chunked' ||
    rawFieldValues(received, 'content-length').length > 0
  ) {
    throw notHttp(peerAt(host), undefined);
  }
}

function peerAt(host: string): string {
  return `the server ${host}, or the proxy on the way,`;
}

/** The undici codes for invalid HTTP. ERR_ASSERTION is a 101 response to a request without an upgrade. */
const NOT_HTTP = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION']);

/** Converts undici's errors to errors of this package. */
export function failureOf(host: string, error: Error): NtlmError {
  if (error instanceof NtlmError && error.code.startsWith('ERR_NTLM_')) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const peer = peerAt(host);
  if (error.name === 'HTTPParserError' || NOT_HTTP.has(code)) return notHttp(peer, error);
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') return closedMidResponse(peer, error);
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return badTarget(`the request cannot be sent on (${error.message})`, 'Check the program that wrote it.');
  }
  return unexpectedFailure(host, error);
}

/** Decodes names and values. Characters that could end a line become spaces. */
function decoded(raw: readonly (Buffer | string)[] | null): string[] {
  return (raw ?? []).map((text) => sanitize(text.toString('latin1')));
}

/**
 * The body of a caller's request. Its end or destruction does not affect the caller's connection, which is needed for the
 * response.
 */
class CallerBody extends Readable {
  readonly #req: IncomingMessage;

  constructor(req: IncomingMessage) {
    super({ highWaterMark: 65_536 });
    this.#req = req;
    // The reader may have stopped, so errors need a listener.
    this.on('error', () => {});
    req
      .on('data', this.#onData)
      .once('end', this.#onEnd)
      .once('close', this.#onClose)
      .on('error', () => {});
  }

  override _read(): void {
    this.#req.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    // The rest of the body is discarded.
    this.#req.resume();
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#req.pause();
  };

  readonly #onEnd = (): void => void this.push(null);

  readonly #onClose = (): void => {
    if (!this.#req.complete) this.destroy(new Error('the caller closed its connection'));
  };
}

const ABSOLUTE = /^(https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?)(\/[^#\\]*)$/i;

/** Parses an absolute-form target (RFC 9112, section 3.2.2). Path and query stay unchanged. */
function absoluteTarget(target: string): { url: URL; path: string } {
  const [, origin, path] = ABSOLUTE.exec(target) ?? [];
  if (origin !== undefined && path !== undefined) {
    const known = parsedOrigin(origin);
    if (known !== undefined) return { url: known, path };
  }
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.hostname !== '') {
    return { url: originUrl(url.origin), path: `${url.pathname}${url.search}` };
  }
  throw badTarget(
    'the target of the request is not an http: or https: URL',
    'Check the URL that the program was given.',
  );
}

function parsedOrigin(origin: string): URL | undefined {
  try {
    return originUrl(origin);
  } catch {
    return undefined;
  }
}

/** Returns the URL that determines the route of a tunnel (RFC 9112, section 3.2.3). Port 80 means http:. */
export function tunnelTarget(target: string): URL {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]/@?#\\]+):(\d{1,5})$/.exec(target);
  const scheme = match?.[1] === '80' ? 'http' : 'https';
  if (match !== null && URL.canParse(`${scheme}://${target}`)) return new URL(`${scheme}://${target}`);
  throw badTarget('the target of the tunnel is not of the form host:port', 'Check the URL that the program was given.');
}
