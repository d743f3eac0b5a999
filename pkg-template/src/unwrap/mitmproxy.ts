// Flow files of mitmproxy: a sequence of tnetstrings (length, colon, data, type).

import type { Entry, Header } from './har.js';

type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

/** Returns the flows of a file as entries of a HAR file; undefined if the text is not a flow file. */
export function mitmproxyFlows(text: string): Entry[] | undefined {
  if (!/^\d{2,9}:\d{1,9}:/.test(text)) return undefined;
  const entries: Entry[] = [];
  for (let at = 0; at < text.length;) {
    const flow = valueAt(text, at, 0);
    if (flow === undefined || !isRecord(flow.value)) break;
    at = flow.end;
    entries.push(entryOf(flow.value));
  }
  return entries.length === 0 ? undefined : entries;
}

function entryOf(flow: { [name: string]: Value }): Entry {
  const [request, response, server] = [flow.request, flow.response, flow.server_conn].map((part) =>
    part !== undefined && isRecord(part) ? part : {},
  );
  const start = Number(request!.timestamp_start);
  const time = new Date(start * 1_000);
  return {
    startedDateTime: start > 0 && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined,
    connection: server!.id,
    request: {
      url: `${text(request!.scheme)}://${text(request!.host)}${text(request!.path)}`,
      headers: headersOf(request!),
    },
    response: { status: response!.status_code, headers: headersOf(response!) },
  };
}

const text = (value: Value | undefined) => (typeof value === 'string' ? value : '');

function headersOf({ headers }: { [name: string]: Value }): Header[] {
  return Array.isArray(headers)
    ? headers.map((pair) => (Array.isArray(pair) ? { name: pair[0], value: pair[1] } : {}))
    : [];
}

const isRecord = (value: Value): value is { [name: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper values than mitmproxy writes are damage. */
const DEEPEST = 20;

function valueAt(text: string, at: number, depth: number): { value: Value; end: number } | undefined {
  const [prefix, digits] = /^(\d{1,9}):/.exec(text.slice(at, at + 10)) ?? [];
  if (prefix === undefined || depth > DEEPEST) return undefined;
  const start = at + prefix.length;
  const end = start + Number(digits);
  const type = text[end];
  if (type === ']' || type === '}') {
    const items: Value[] = [];
    for (let next = start; next < end;) {
      const item = valueAt(text, next, depth + 1);
      if (item === undefined || item.end > end) return undefined;
      items.push(item.value);
      next = item.end;
    }
    return { value: type === ']' ? items : recordOf(items), end: end + 1 };
  }
  const data = text.slice(start, end);
  if (type === '#' || type === '^') return { value: Number(data), end: end + 1 };
  if (type === '!') return { value: data === 'true', end: end + 1 };
  if (type === '~') return { value: null, end: end + 1 };
  return type === ',' || type === ';' ? { value: data, end: end + 1 } : undefined;
}

function recordOf(items: readonly Value[]): { [name: string]: Value } {
  const pairs = items.flatMap((name, index) =>
    index % 2 === 0 && typeof name === 'string' ? [[name, items[index + 1] ?? null] as const] : [],
  );
  return Object.fromEntries(pairs);
}
