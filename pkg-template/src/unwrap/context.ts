// The context of a token, from the surrounding text: header, sender, status, time and server.

import type { TokenSource } from '../decoded.js';

/** What is known about a token, apart from how and where it is written. */
export type Context = Omit<TokenSource, 'form' | 'start' | 'end' | 'header' | 'scheme'>;

export const NO_CONTEXT: Context = {
  wrapping: [],
  connection: '',
  sender: undefined,
  protocol: undefined,
  status: undefined,
  time: undefined,
  url: undefined,
};

/** Returns the header and the scheme before a token, as written in the text. */
export function introduction(text: string, at: number): { header: string; scheme: string } {
  // Folded and indented lines continue the line before.
  const before = text.slice(Math.max(0, at - 300), at).replace(/\r?\n[ \t]+(?=\S*[ \t]*$)/g, ' ');
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const [found, scheme] = /(?<![\w-])(NTLM|Negotiate)[\s"']*$/i.exec(line) ?? [];
  if (scheme === undefined) return { header: '', scheme: '' };
  const value = line.slice(0, line.length - found!.length);
  let header = /([\w-]+)["']?\s*:[^:]*$/.exec(value)?.[1] ?? '';
  if (header === '' || /^(?:value|show|showname|v)$/i.test(header)) header = archiveName(text, at) ?? header;
  return { header: utf8(header), scheme };
}

/** Returns the name of the header whose value follows, in HAR files, Postman collections and similar formats. */
function archiveName(text: string, at: number): string | undefined {
  const near = text.slice(Math.max(0, at - 160), at);
  return [...near.matchAll(/"(?:name|key)"\s*:\s*"([^"]*)"/g)].at(-1)?.[1];
}

function utf8(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0)));
}

const REACH = 6_000;
const STATUS = /\bHTTP\/[\d.]+"?[ \t]+(\d{3})\b|<status>(\d{3})<\/status>/g;
const REQUEST =
  /\b(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|CONNECT|PROPFIND|RPC_(?:IN|OUT)_DATA)[ \t]+([^\s"]+)[ \t]+HTTP\//g;
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)/;

/** Reads the context from the lines around an HTTP token. `from` and `until` are the positions of the neighbouring tokens. */
export function around(
  text: string,
  start: number,
  end: number,
  from: number,
  until: number,
  header: string,
): Partial<Context> {
  const before = text.slice(Math.max(from, start - REACH), start);
  const after = text.slice(end, Math.min(until, end + REACH));
  const sender = /authenticate$/i.test(header) ? 'server' : /authorization$/i.test(header) ? 'client' : undefined;
  const statusIn = (part: string, last: boolean) => {
    const [, status, other] = (last ? [...part.matchAll(STATUS)].at(-1) : [...part.matchAll(STATUS)][0]) ?? [];
    return status === undefined && other === undefined ? undefined : Number(status ?? other);
  };
  const status = sender === undefined ? undefined : statusIn(sender === 'server' ? before : after, sender === 'server');
  const target = [...before.matchAll(REQUEST)].at(-1)?.[1];
  const near = before + after.slice(0, 2_000);
  const host = [...near.matchAll(/\bHost:[ \t]*([^\s"\\]+)/gi)].at(-1)?.[1];
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const date =
    sender === 'server' ? /\bDate:[ \t]*(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT)/i.exec(near)?.[1] : undefined;
  const time = TIME.exec(line)?.[0] ?? date;
  const url = target === undefined ? host : target.startsWith('/') ? (host ?? '') + target : target;
  return {
    ...(sender === undefined ? {} : { sender }),
    ...(status === undefined ? {} : { status }),
    ...(url === undefined ? {} : { url: utf8(url) }),
    ...(time === undefined || Number.isNaN(Date.parse(time)) ? {} : { time: new Date(time).toISOString() }),
  };
}
