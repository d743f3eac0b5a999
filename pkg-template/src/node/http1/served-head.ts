import { BadMessage } from './bad-message.js';
import { type Fields, isFieldName, listOf, valuesOf, withoutBlanks } from './fields.js';

/** Request line and header fields (RFC 9112, sections 3 and 5). */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly fields: Fields;
}

/** How many bytes follow the head (RFC 9112, section 6). */
export type Framing = { kind: 'length'; bytes: number } | { kind: 'chunked' };

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~\x80-\xff]+) HTTP\/(1\.[01])$/;
// eslint-disable-next-line no-control-regex
const FORBIDDEN_IN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Reads a head strictly: two readers that understand the same bytes differently are how requests are smuggled past a
 * proxy (RFC 9112, section 11.2), so what is ambiguous is refused.
 */
export function parseRequestHead(text: string): RequestHead {
  const [first = '', ...lines] = text.split('\r\n');
  const match = REQUEST_LINE.exec(first);
  if (match === null) throw new BadMessage(400, 'the first line is not an HTTP/1.1 request line');
  const [, method, target, version] = match as unknown as [string, string, string, '1.0' | '1.1'];
  const fields = lines.map(parseField);
  if (version === '1.1' && valuesOf(fields, 'host').length !== 1) {
    throw new BadMessage(400, 'a request needs exactly one Host field');
  }
  return { method, target, version, fields };
}

function parseField(line: string): [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  const value = withoutBlanks(line.slice(colon + 1));
  if (!isFieldName(name) || FORBIDDEN_IN_VALUE.test(value)) {
    throw new BadMessage(400, 'a header line is not of the form name: value');
  }
  return [name, value];
}

/** Decides where the body ends; a request without either field has none. */
export function requestFraming(head: RequestHead): Framing {
  const codings = listOf(head.fields, 'transfer-encoding');
  const lengths = new Set(valuesOf(head.fields, 'content-length'));
  if (codings.length > 0) {
    if (lengths.size > 0 || head.version === '1.0') {
      throw new BadMessage(400, 'Transfer-Encoding does not go with Content-Length or HTTP/1.0');
    }
    if (codings.length !== 1 || codings[0] !== 'chunked') {
      throw new BadMessage(501, 'the only transfer coding known here is chunked');
    }
    return { kind: 'chunked' };
  }
  if (lengths.size === 0) return { kind: 'length', bytes: 0 };
  const [length = ''] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) throw new BadMessage(400, 'Content-Length is not one number');
  return { kind: 'length', bytes: Number(length) };
}

/** Whether the client will send another request on this connection (RFC 9112, section 9.3). */
export function wantsKeepAlive(head: RequestHead): boolean {
  // Proxy-Connection is no standard, yet it is what HTTP/1.0 clients of a proxy send.
  const options = [...listOf(head.fields, 'connection'), ...listOf(head.fields, 'proxy-connection')];
  if (options.includes('close')) return false;
  return head.version === '1.1' || options.includes('keep-alive');
}
