// HAR files. They are the only text format that assigns each token to its request and response.

import { fromLatin1 } from './binary.js';
import type { Context } from './context.js';
import { type Candidate, type Reader, tokensInText } from './text.js';

export interface Header {
  name?: unknown;
  value?: unknown;
}

export interface Entry {
  startedDateTime?: unknown;
  connection?: unknown;
  serverIPAddress?: unknown;
  request?: { url?: unknown; headers?: Header[] };
  response?: { status?: unknown; headers?: Header[] };
}

/** Returns the tokens of a HAR file; undefined if the text is not a HAR file. */
export function readHar(text: string, context: Context, reader: Reader): Candidate[] | undefined {
  if (!/^[\s\u00ef\u00bb\u00bf]*\{/.test(text) || !/"log"\s*:/.test(text) || !/"entries"\s*:/.test(text))
    return undefined;
  let entries: unknown;
  try {
    const parsed = JSON.parse(new TextDecoder().decode(fromLatin1(text))) as { log?: { entries?: unknown } };
    entries = parsed.log?.entries;
  } catch {
    return undefined;
  }
  if (!Array.isArray(entries)) return undefined;
  const found = tokensOfEntries(entries as (Entry | null)[], 'HAR', text, context, reader);
  return found.length === 0 ? undefined : found;
}

/** Returns the tokens in the headers of requests and responses that a file contains. */
export function tokensOfEntries(
  entries: readonly (Entry | null)[],
  format: string,
  text: string,
  context: Context,
  reader: Reader,
): Candidate[] {
  const inner: Context = { ...context, wrapping: [...context.wrapping, format], protocol: 'HTTP' };
  let after = 0;
  return entries.flatMap((entry) =>
    (['request', 'response'] as const).flatMap((side) => {
      const headers = entry?.[side]?.headers;
      return (Array.isArray(headers) ? headers : []).flatMap((header: Header | null) => {
        const [name, value] = [header?.name, header?.value];
        if (typeof name !== 'string' || typeof value !== 'string') return [];
        return tokensInText(value, known(entry!, side, inner), reader).map((token) => {
          // The position in the file, if the token appears there unescaped.
          const symbols = value.slice(token.start, token.end);
          const at = text.indexOf(symbols, after);
          if (at !== -1) after = at + symbols.length;
          const place = at === -1 ? { start: 0, end: text.length } : { start: at, end: at + symbols.length };
          return { ...token, ...place, header: name };
        });
      });
    }),
  );
}

function known(entry: Entry, side: 'request' | 'response', context: Context): Context {
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  const time = new Date(text(entry.startedDateTime));
  const status = Number(entry.response?.status);
  return {
    ...context,
    connection: entry.connection === undefined ? '' : `${text(entry.serverIPAddress)} ${text(entry.connection)}`.trim(),
    sender: side === 'request' ? 'client' : 'server',
    status: status > 0 ? status : undefined,
    time: Number.isNaN(time.getTime()) ? undefined : time.toISOString(),
    url: text(entry.request?.url) || undefined,
  };
}
