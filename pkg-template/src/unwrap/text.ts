// Finds tokens in text, regardless of its wrapping.

import type { FoundToken } from '../decoded.js';
import { dumped, fromBase64, fromLatin1, spelledOut } from './binary.js';
import { type Packet, segmentOf } from './capture.js';
import { around, type Context, introduction } from './context.js';
import { hashLines } from './hashcat.js';
import { isHttpMessage } from './http.js';
import { isToken, isWhole, tokenLength, tokensAmong } from './token.js';
import { plainView, TRANSFORMATIONS, type View } from './view.js';

/** A token and its context. Positions are relative to the text. */
export type Candidate = FoundToken;

/** Reads bytes that are written as text. */
export interface Reader {
  read(bytes: Uint8Array, context: Context): Candidate[];
  packets(packets: readonly Packet[], context: Context): Candidate[];
}

/** The length of the shortest base64 that contains a signature. */
const SHORTEST = 11;
/** Fewer transformations are tried on texts longer than this, because each one scans the whole text. */
const LONG = 4 << 20;

interface State {
  view: View;
  wrapping: readonly string[];
  strict: boolean;
}

/**
 * Returns the tokens of a text. If some are truncated or none is found, escapes and line breaks are removed step by step until
 * all tokens are complete. The reading with the most complete tokens is used, and among those the one with the fewest steps.
 */
export function tokensInText(text: string, context: Context, reader: Reader): Candidate[] {
  let best: { score: number; found: Candidate[] } | undefined;
  const states: State[] = [{ view: plainView(text), wrapping: context.wrapping, strict: false }];
  const seen = new Set([text]);
  const steps = text.length > LONG ? 2 : 5;
  for (const state of states) {
    const found = search(state, { ...context, wrapping: state.wrapping }, reader);
    const whole = found.filter(({ bytes }) => isComplete(bytes, state.strict)).length;
    const score = whole - found.filter(({ bytes }) => doubtful.has(bytes)).length / 2 - (found.length - whole) / 1_000;
    if (found.length > 0 && (best === undefined || score > best.score)) best = { score, found };
    if (found.length > 0 && score === found.length) break;
    if (state.wrapping.length - context.wrapping.length >= steps || states.length > 200) continue;
    for (const { name, strict, apply } of TRANSFORMATIONS) {
      const view = apply(state.view);
      if (view === undefined || seen.has(view.text)) continue;
      seen.add(view.text);
      states.push({ view, wrapping: [...state.wrapping, name], strict: state.strict || strict === true });
    }
  }
  return best?.found ?? [];
}

/**
 * Tokens whose bytes or surroundings still look escaped. One token in a hundred looks like that by chance; otherwise another
 * step is necessary.
 */
const doubtful = new WeakSet<Uint8Array>();
const PENDING =
  /%[0-9a-f]{2}|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});|=[ \t]*\r?\n|=[0-9A-F]{2}|\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|\/)/i;

function doubt(token: Candidate, text: string): Candidate {
  if (PENDING.test(text)) doubtful.add(token.bytes);
  return token;
}

/** If lines were joined regardless of their content, only a token of exactly the right length is complete. */
function isComplete(bytes: Uint8Array, strict: boolean): boolean {
  return strict ? tokenLength(bytes) === bytes.length : isWhole(bytes);
}

function search({ view, strict }: State, context: Context, reader: Reader): Candidate[] {
  const { text } = view;
  const hashes = hashLines(text);
  if (hashes.length > 0) return hashes.flatMap((line) => ofHash(line, context));
  // Dumps are checked before the text itself: their text column may look like the start of a token.
  const dump = dumped(text);
  if (dump.length > 0) {
    const found = ofDump(dump, context, reader);
    if (found.length > 0)
      return found.map((token) => ({ ...token, start: view.origin(0), end: view.origin(text.length) }));
  }
  const found = [...ofBase64(text, strict, context, reader), ...ofSpelled(text, context, reader)];
  if (found.length === 0 && text.includes('NTLMSSP\0')) found.push(...ofBytes(text, context));
  const apart = withoutOverlaps(found);
  return apart.map((token, index) => {
    const introduced = token.header === '' && token.scheme === '' ? introduction(text, token.start) : token;
    const [from, until] = [apart[index - 1]?.end ?? 0, apart[index + 1]?.start ?? text.length];
    const known = around(text, token.start, token.end, from, until, introduced.header);
    return {
      ...token,
      ...known,
      // The token's own wrapping has precedence.
      ...Object.fromEntries(Object.entries(token).filter(([, value]) => value !== undefined)),
      ...(known.sender === undefined ? {} : { sender: known.sender }),
      header: introduced.header,
      scheme: introduced.scheme,
      start: view.origin(token.start),
      end: view.origin(token.end),
    };
  });
}

function withoutOverlaps(found: Candidate[]): Candidate[] {
  const sorted = found
    .map((token, order) => ({ token, order }))
    .sort((one, other) => one.token.start - other.token.start || one.order - other.order);
  const kept: Candidate[] = [];
  for (const { token } of sorted) {
    const last = kept.at(-1);
    const overlaps = last !== undefined && token.start < last.end && !sameSpan(last, token);
    if (!overlaps) kept.push(token);
    else if (!isWhole(last.bytes) && isWhole(token.bytes)) kept[kept.length - 1] = token;
  }
  return kept;
}

/** Tokens of the same wrapping share its position. */
const sameSpan = (one: Candidate, other: Candidate) =>
  one.start === other.start && one.end === other.end && one.bytes !== other.bytes;

function ofHash(line: ReturnType<typeof hashLines>[number], context: Context): Candidate[] {
  const { start, end } = line;
  const common = { ...context, form: 'hashcat' as const, header: '', scheme: '', start, end };
  return [
    { ...common, sender: 'server' as const, bytes: line.challenge },
    { ...common, sender: 'client' as const, bytes: line.authenticate },
  ];
}

function ofDump(pieces: readonly Uint8Array[], context: Context, reader: Reader): Candidate[] {
  const inner = { ...context, wrapping: [...context.wrapping, 'hexadecimal dump'] };
  const packets = pieces.map((data) => ({ data, link: undefined, time: 0 }));
  const found = packets.some((packet) => segmentOf(packet) !== undefined)
    ? reader.packets(packets, inner)
    : pieces.flatMap((piece) => reader.read(piece, inner));
  return found.map(asHex);
}

const asHex = (token: Candidate): Candidate => (token.form === 'bytes' ? { ...token, form: 'hex' } : token);

function ofBytes(text: string, context: Context): Candidate[] {
  const bytes = fromLatin1(text);
  return tokensAmong(bytes).map(({ start, end }) => {
    const token: Candidate = {
      ...context,
      bytes: bytes.slice(start, end),
      form: 'bytes',
      header: '',
      scheme: '',
      start,
      end,
    };
    return doubt(token, text.slice(Math.max(0, start - 60), end + 8));
  });
}

function ofSpelled(text: string, context: Context, reader: Reader): Candidate[] {
  return spelledOut(text).flatMap(({ bytes, start, end, name }) => {
    if (isToken(bytes)) return [{ ...context, bytes, form: 'hex' as const, header: '', scheme: '', start, end }];
    if (!mayHold(bytes)) return [];
    const inner = reader.read(bytes, { ...context, wrapping: [...context.wrapping, name] });
    return inner.map((token) => ({ ...asHex(token), start, end }));
  });
}

const RUN = /[A-Za-z0-9+/_-]{11,}={0,2}/g;
/** The start of a token in base64: the NTLMSSP signature, or the SPNEGO tags. */
const BEGINS = /^(?:TlRMTVNTUA|Y[A-P]|o[A-f])/;
const SIGNATURE = 'TlRMTVNTUA';

function ofBase64(text: string, strict: boolean, context: Context, reader: Reader): Candidate[] {
  const found: Candidate[] = [];
  RUN.lastIndex = 0;
  let end = 0;
  for (const match of text.matchAll(RUN)) {
    if (match.index + match[0].length <= end) continue;
    const start = match.index + beginning(match[0], text.slice(Math.max(0, match.index - 1), match.index));
    const token = BEGINS.test(text.slice(start, start + 10)) ? tokenAt(text, start, strict) : undefined;
    if (token !== undefined) {
      ({ end } = token);
      found.push({ ...context, ...token, form: 'base64', header: '', scheme: '' });
      continue;
    }
    const blob = match[0].length < 44 ? undefined : blobAt(text, start);
    if (blob === undefined || !mayHold(blob.bytes)) continue;
    const inner = reader.read(blob.bytes, { ...context, wrapping: [...context.wrapping, 'base64'] });
    if (inner.length === 0) continue;
    ({ end } = blob);
    const near = text.slice(Math.max(0, start - 100), start) + text.slice(blob.end, blob.end + 100);
    found.push(...inner.map((one) => doubt({ ...one, start, end: blob.end }, near)));
  }
  return found;
}

/** Returns the start of a token in a run: after the digits of an escaped space, or at the signature. */
function beginning(run: string, before: string): number {
  if (BEGINS.test(run)) return 0;
  const escape = { '%': 2, '=': 2, '\\': run.startsWith('u') ? 5 : 3 }[before] ?? 0;
  if (escape !== 0 && BEGINS.test(run.slice(escape))) return escape;
  return Math.max(run.indexOf(SIGNATURE), 0);
}

/** Returns the base64 at a position, and its end. */
function runAt(text: string, start: number): { symbols: string; end: number } {
  const symbols = /^[A-Za-z0-9+/_-]*={0,2}/.exec(text.slice(start, start + 400_000))![0];
  return { symbols, end: start + symbols.length };
}

/** The text between two lines of one token: a line break, and the prefixes that mail programs and consoles add. */
const BETWEEN = /^(?:\\|["'] *[+&.,]?|`)?[ \t]*\r?\n[ \t]*(?:[>|#*<][ \t]?)*[ \t]*["']?(?=[A-Za-z0-9+/_=-])/;

/** Returns the token whose base64 starts at a position. Following base64 lines are added until the token is complete. */
function tokenAt(
  text: string,
  start: number,
  strict: boolean,
): { bytes: Uint8Array; start: number; end: number } | undefined {
  let { symbols, end } = runAt(text, start);
  let bytes = fromBase64(symbols);
  if (symbols.length < SHORTEST || bytes === undefined || !isToken(bytes)) return undefined;
  while (!strict && !isWhole(bytes) && !symbols.endsWith('=')) {
    const between = BETWEEN.exec(text.slice(end, end + 200));
    if (between === null) break;
    const next = runAt(text, end + between[0].length);
    // Other lines do not belong to the token: base64 must end at the end of the line or at a closing quote.
    if (!/^(?:[ \t]*(?:\r|\n|$)|["'`\\<>,;})\]])/.test(text.slice(next.end, next.end + 40)) || next.symbols === '')
      break;
    const joined = fromBase64(symbols + next.symbols);
    if (joined === undefined) break;
    [symbols, end, bytes] = [symbols + next.symbols, next.end, joined];
  }
  return { bytes, start, end };
}

/** Reads base64 on lines of equal length; the last line may be shorter. */
function blobAt(text: string, start: number): { bytes: Uint8Array; end: number } | undefined {
  let { symbols, end } = runAt(text, start);
  const width = symbols.length;
  const parts = [symbols];
  for (let last = width; last === width && !parts.at(-1)!.endsWith('=');) {
    const between = BETWEEN.exec(text.slice(end, end + 200));
    if (between === null) break;
    const next = runAt(text, end + between[0].length);
    if (next.symbols === '' || next.symbols.length > width) break;
    parts.push(next.symbols);
    last = next.symbols.length;
    ({ end } = next);
  }
  const bytes = fromBase64(parts.join(''));
  return bytes === undefined ? undefined : { bytes, end };
}

/** Whether bytes may contain a token: they are text, an archive or a capture, or contain a signature. */
function mayHold(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  if (tokensAmong(bytes).length > 0 || isHttpMessage(bytes)) return true;
  const [first, second] = bytes;
  if ((first === 0x1f && second === 0x8b) || (first === 0x50 && second === 0x4b)) return true;
  if (first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second!)) return true;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if ([0xd4, 0xa1, 0x0a, 0x4d].includes(first!) && [0xc3, 0xb2, 0x0d, 0x3c].includes(second!)) return true;
  const looked = bytes.subarray(first === 0xef && second === 0xbb ? 3 : 0, 400);
  const printable = looked.filter(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10 || byte === 13 || byte === 9 || byte === 0,
  );
  return (
    printable.length >= 0.95 * looked.length &&
    /[\w+/]{2}/.test(String.fromCharCode(...looked.filter((byte) => byte !== 0)))
  );
}
