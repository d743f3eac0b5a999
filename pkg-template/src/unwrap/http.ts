// HTTP messages in a stream: bodies without their chunks and compression.

import { decompressed } from './archive.js';
import { concat, toLatin1 } from './binary.js';

export interface Bodies {
  /** The messages with decoded bodies. */
  data: Uint8Array;
  /** Returns the range in the stream that a range of `data` comes from, and the codings that were undone, outermost first. */
  origin(start: number, end: number): { start: number; end: number; codings: readonly string[] };
  /** The decoded bodies. */
  bodies: readonly Body[];
  /** The codings that this runtime cannot undo. */
  unknown: readonly string[];
}

export interface Body {
  data: Uint8Array;
  /** The position in the messages with decoded bodies. */
  at: number;
  /** The range in the stream. */
  start: number;
  end: number;
  codings: readonly string[];
}

const FIRST_LINE = /^(?:[A-Z][A-Z_]{2,20} \S+ HTTP\/1\.\d|HTTP\/1\.\d \d{3})/;
const HEAD_SIZE = 200_000;

/** Whether bytes begin like an HTTP message. */
export function isHttpMessage(bytes: Uint8Array, at = 0): boolean {
  return FIRST_LINE.test(toLatin1(bytes.subarray(at, at + 4_000)));
}

/** Decodes the bodies of HTTP messages; undefined if the stream is not HTTP, or no body is encoded. */
export function decodedBodies(stream: Uint8Array): Bodies | undefined {
  const parts: Body[] = [];
  const unknown: string[] = [];
  let at = 0;
  let copied = 0;
  let length = 0;
  const add = (part: Omit<Body, 'at'>) => {
    parts.push({ ...part, at: length });
    length += part.data.length;
  };
  for (;;) {
    while (stream[at] === 13 || stream[at] === 10) at++;
    const head = headAt(stream, at);
    if (head === undefined) break;
    const body = bodyOf(stream, head);
    at = Math.max(body.end, head.end);
    if (body.codings.length === 0) continue;
    let { data } = body;
    const codings: string[] = [];
    for (const coding of body.codings) {
      const plain = coding === 'chunked' ? data : decompressed(coding, data);
      if (plain === undefined) {
        unknown.push(coding);
        break;
      }
      data = plain;
      codings.push(coding);
    }
    add({ data: stream.subarray(copied, head.end), start: copied, end: head.end, codings: [] });
    add({ data, start: head.end, end: at, codings });
    copied = at;
  }
  if (parts.length === 0) return undefined;
  add({ data: stream.subarray(copied), start: copied, end: stream.length, codings: [] });
  return { ...joined(parts), bodies: parts.filter(({ codings }) => codings.length > 0), unknown };
}

function joined(parts: readonly Body[]): Pick<Bodies, 'data' | 'origin'> {
  const origin = (start: number, end: number) => {
    const part = parts.findLast(({ at }) => at <= start)!;
    if (part.codings.length > 0) return part;
    return { start: part.start + start - part.at, end: Math.min(part.start + end - part.at, part.end), codings: [] };
  };
  return { data: concat(parts.map(({ data }) => data)), origin };
}

interface Head {
  end: number;
  isResponse: boolean;
  status: number;
  field(name: string): string;
}

function headAt(stream: Uint8Array, at: number): Head | undefined {
  if (!isHttpMessage(stream, at)) return undefined;
  const text = toLatin1(stream.subarray(at, at + HEAD_SIZE));
  const length = text.indexOf('\r\n\r\n') + 4;
  if (length < 4) return undefined;
  const head = text.slice(0, length);
  const isResponse = head.startsWith('HTTP/');
  return {
    end: at + length,
    isResponse,
    status: isResponse ? Number(head.slice(9, 12)) : 0,
    field: (name) => new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)`, 'i').exec(head)?.[1]?.trim() ?? '',
  };
}

/** Returns the body without chunks, its end in the stream, and its codings. */
function bodyOf(stream: Uint8Array, head: Head): { data: Uint8Array; end: number; codings: string[] } {
  const none = { data: new Uint8Array(), end: head.end, codings: [] };
  // The response to a HEAD request announces a body that does not follow.
  const isNext = toLatin1(stream.subarray(head.end, head.end + 7)) === 'HTTP/1.';
  if (isNext || head.status === 204 || head.status === 304 || (head.isResponse && head.status < 200)) return none;
  const compressions = [head.field('Content-Encoding'), head.field('Transfer-Encoding')]
    .flatMap((value) => value.toLowerCase().split(','))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity' && coding !== 'chunked')
    .reverse();
  if (/\bchunked\b/i.test(head.field('Transfer-Encoding'))) {
    const { data, end } = withoutChunks(stream, head.end);
    return { data, end, codings: ['chunked', ...compressions] };
  }
  const length = head.field('Content-Length');
  if (length === '' && !head.isResponse) return none;
  const end = /^\d+$/.test(length) ? Math.min(head.end + Number(length), stream.length) : stream.length;
  const data = stream.subarray(head.end, end);
  return { data, end, codings: data.length === 0 ? [] : compressions };
}

function withoutChunks(stream: Uint8Array, from: number): { data: Uint8Array; end: number } {
  const chunks: Uint8Array[] = [];
  let at = from;
  for (;;) {
    const [line, digits] = /^([0-9a-f]{1,8})[^\r\n]{0,200}\r\n/i.exec(toLatin1(stream.subarray(at, at + 240))) ?? [];
    if (line === undefined) break;
    const size = parseInt(digits!, 16);
    at += line.length;
    if (size === 0) {
      at += 2;
      break;
    }
    chunks.push(stream.subarray(at, at + size));
    at += size + 2;
  }
  return { data: concat(chunks), end: Math.min(at, stream.length) };
}
