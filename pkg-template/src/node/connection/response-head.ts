import { type Fields, isFieldName, listOf, speakable, valuesOf } from '../http1/fields.js';
import { type Framing, NO_BODY } from './body-meter.js';

/** Status line and header fields (RFC 9112, sections 4 and 5). */
export interface ResponseHead {
  readonly version: '1.0' | '1.1';
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;

/**
 * Reads a head as clients do: strict about the status line, generous with the rest, because what stands behind a 407 is
 * often an appliance of great age. Bare line feeds and folded lines pass; a line that does not begin with a name is left out.
 */
export function parseResponseHead(text: string): ResponseHead {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const match = STATUS_LINE.exec(first);
  if (match === null) throw new SyntaxError('the answer does not begin with an HTTP/1.1 status line');
  const fields: Fields = [];
  for (const line of lines) {
    const previous = fields.at(-1);
    if (previous !== undefined && (line.startsWith(' ') || line.startsWith('\t'))) {
      previous[1] = `${previous[1]} ${speakable(line.trim())}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim();
    if (isFieldName(name)) fields.push([name, speakable(line.slice(colon + 1).trim())]);
  }
  return { version: `1.${match[1] as '0' | '1'}`, status: Number(match[2]), reason: speakable(match[3] ?? ''), fields };
}

/** RFC 9112, section 6.3, from the client's side. */
export function responseFraming(head: ResponseHead, method: string): Framing {
  if (method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304) return NO_BODY;
  if (method === 'CONNECT' && head.status < 300) return NO_BODY;
  const codings = listOf(head.fields, 'transfer-encoding');
  if (codings.length > 0) return { kind: codings.at(-1) === 'chunked' ? 'chunked' : 'until-close' };
  const lengths = new Set(
    valuesOf(head.fields, 'content-length').flatMap((value) => value.split(',').map((length) => length.trim())),
  );
  if (lengths.size === 0) return { kind: 'until-close' };
  const [length = ''] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) throw new SyntaxError('Content-Length is not one number');
  return { kind: 'length', bytes: Number(length) };
}

/** Whether another request may follow on this connection (RFC 9112, section 9.3). */
export function keepsAlive(head: ResponseHead): boolean {
  // HTTP/1.0 proxies say Proxy-Connection, which is no standard.
  const options = [...listOf(head.fields, 'connection'), ...listOf(head.fields, 'proxy-connection')];
  if (options.includes('close')) return false;
  return head.version === '1.1' || options.includes('keep-alive');
}
