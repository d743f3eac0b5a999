import { type Fields, isFieldName, listValues, sanitize, fieldValues } from './fields.js';
import { type BodyFraming, NO_BODY, BodyScanner } from './framing.js';

/** Status line and header fields (RFC 9112, sections 4 and 5). */
export interface ResponseHead {
  readonly version: '1.0' | '1.1';
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;

/**
 * Parses a response head like other clients: strict about the status line and tolerant otherwise, because many proxies are old
 * appliances. Bare line feeds and folded lines are accepted. Lines that do not start with a name are ignored.
 */
export function parseResponseHead(text: string): ResponseHead {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const match = STATUS_LINE.exec(first);
  if (match === null) throw new SyntaxError('the answer does not begin with an HTTP/1.1 status line');
  const fields: Fields = [];
  for (const line of lines) {
    const previous = fields.at(-1);
    if (previous !== undefined && (line.startsWith(' ') || line.startsWith('\t'))) {
      previous[1] = `${previous[1]} ${sanitize(line.trim())}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (isFieldName(name)) fields.push([name, sanitize(line.slice(colon + 1).trim())]);
  }
  return { version: `1.${match[1] as '0' | '1'}`, status: Number(match[2]), reason: sanitize(match[3] ?? ''), fields };
}

/** Returns the body framing of a response (RFC 9112, section 6.3). */
export function responseFraming(head: ResponseHead, method: string): BodyFraming {
  if (method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304) return NO_BODY;
  if (method === 'CONNECT' && head.status < 300) return NO_BODY;
  const codings = listValues(head.fields, 'transfer-encoding');
  if (codings.length > 0) return { kind: codings.at(-1) === 'chunked' ? 'chunked' : 'until-close' };
  const lengths = new Set(
    fieldValues(head.fields, 'content-length').flatMap((value) => value.split(',').map((length) => length.trim())),
  );
  if (lengths.size === 0) return { kind: 'until-close' };
  const [length = ''] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) throw new SyntaxError('Content-Length is not one number');
  return { kind: 'length', bytes: Number(length) };
}

/** Whether another request may follow on this connection (RFC 9112, section 9.3). */
export function keepsAlive(head: ResponseHead): boolean {
  // HTTP/1.0 proxies send the non-standard field Proxy-Connection.
  const options = [...listValues(head.fields, 'connection'), ...listValues(head.fields, 'proxy-connection')];
  if (options.includes('close')) return false;
  return head.version === '1.1' || options.includes('keep-alive');
}

/** The maximum length of a response head in bytes. A challenge needs one or two KiB. */
export const LONGEST_HEAD = 65_536;
/** The maximum bytes of a challenge's body that are read and discarded. Beyond it a new connection is cheaper. */
const LONGEST_DRAIN = 1_048_576;

/**
 * Reads one response from chunks and discards its body. Interim responses (100, 103) are skipped. Node's client is not
 * suitable: after a 407 to CONNECT it does not read the body, and closes the connection that NTLM needs.
 */
export class ResponseReader {
  readonly #method: string;
  #pending: Buffer | undefined;
  #head: ResponseHead | undefined;
  #body: BodyScanner | undefined;
  #drained = 0;
  #tooLong = false;

  constructor(method: string) {
    this.#method = method;
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /** Whether head and body have been read, or the body is too long to read. */
  get done(): boolean {
    return this.#tooLong || (this.#body?.done ?? false);
  }

  /** Whether the whole response was read, so that the next response follows. */
  get complete(): boolean {
    return !this.#tooLong && (this.#body?.done ?? false);
  }

  /** Adds bytes. Returns the bytes after the response. */
  push(chunk: Buffer): Buffer {
    let rest = chunk;
    while (this.#body === undefined) {
      const bytes = afterBlankLines(this.#pending === undefined ? rest : Buffer.concat([this.#pending, rest]));
      // Data that does not start like HTTP fails immediately, without waiting for its end.
      if (statusOf(bytes) === 'none') throw new SyntaxError('the answer does not begin with an HTTP/1.1 status line');
      const end = endOfHead(bytes);
      if (end > LONGEST_HEAD || (end === -1 && bytes.length > LONGEST_HEAD)) {
        throw new RangeError(`the response header is longer than ${LONGEST_HEAD} bytes`);
      }
      if (end === -1) {
        this.#pending = bytes;
        return bytes.subarray(bytes.length);
      }
      this.#pending = undefined;
      rest = bytes.subarray(end);
      const head = parseResponseHead(bytes.toString('latin1', 0, end).trimEnd());
      if (head.status >= 200 || head.status === 101) {
        this.#head = head;
        this.#body = new BodyScanner(responseFraming(head, this.#method));
      }
    }
    const taken = this.#body.take(rest);
    this.#drained += taken;
    if (this.#drained > LONGEST_DRAIN) this.#tooLong = true;
    return rest.subarray(taken);
  }

  /** Called when the peer ends the connection. Returns whether the response is complete. */
  end(): boolean {
    return this.#body?.end() ?? false;
  }
}

/** Returns the offset after the empty line, or -1. Bare line feeds are accepted (RFC 9112, section 2.2). */
export function endOfHead(bytes: Buffer): number {
  const strict = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  const bare = bytes.subarray(0, strict === -1 ? bytes.length : strict).indexOf('\n\n', 0, 'latin1');
  if (bare !== -1) return bare + 2;
  return strict === -1 ? -1 : strict + 4;
}

/** Skips the line breaks that some servers send before the status line. */
export function afterBlankLines(bytes: Buffer): Buffer {
  let at = 0;
  while (at < MAX_BLANK && (bytes[at] === CR || bytes[at] === LF)) at += 1;
  return at === 0 ? bytes : bytes.subarray(at);
}

const CR = 13;
const LF = 10;
const MAX_BLANK = 8;
const VERSION = Buffer.from('HTTP/1.');
/** The offset of the status in "HTTP/1.1 200". */
const STATUS_AT = 9;
const STATUS_END = 12;
const ZERO = 48;

/**
 * Returns the status of the response that starts with these bytes: 'unknown' if there are too few, 'none' if it is not HTTP. It
 * runs for every response, so it does not create strings.
 */
export function statusOf(bytes: Buffer): number | 'unknown' | 'none' {
  for (let at = 0; at < Math.min(bytes.length, VERSION.length); at += 1) {
    if (bytes[at] !== VERSION[at]) return 'none';
  }
  if (bytes.length < STATUS_END) return 'unknown';
  let status = 0;
  for (let at = STATUS_AT; at < STATUS_END; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return 'none';
    status = status * 10 + digit;
  }
  return status >= 100 ? status : 'none';
}

/** Adds Set-Cookie fields to a response that starts with its complete head. */
export function withSetCookies(bytes: Buffer, cookies: readonly string[]): Buffer {
  const end = endOfHead(bytes);
  if (end === -1) return bytes;
  const lines = cookies.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join('');
  const head = bytes.toString('latin1', 0, end).replace(/\r?\n\r?\n$/, '\r\n');
  return Buffer.concat([Buffer.from(`${head}${lines}\r\n`, 'latin1'), bytes.subarray(end)]);
}
