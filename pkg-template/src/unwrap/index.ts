/**
 * Finds tokens in arbitrary input. Containers (archives, captures, nested texts) are opened recursively, and each token is returned
 * with its context. `decode()`, the command and the web page use this module.
 */

import { unpack } from './archive.js';
import { fromLatin1, toLatin1 } from './binary.js';
import { packetsOf, type Packet, type Stream, streamsOf } from './capture.js';
import { type Context, NO_CONTEXT } from './context.js';
import { tokensInDissection } from './dissection.js';
import { readHar, tokensOfEntries } from './har.js';
import { decodedBodies, isHttpMessage } from './http.js';
import { mitmproxyFlows } from './mitmproxy.js';
import { type Candidate, type Reader, tokensInText } from './text.js';
import { isToken, tokensAmong } from './token.js';

export type { Candidate } from './text.js';

export interface Unwrapped {
  tokens: Candidate[];
  /** One sentence for each part that was left out. */
  leftOut: string[];
}

/** The maximum nesting depth of containers. */
const DEEPEST = 10;
const LINE_FEED = 10;

/** Returns the tokens of the input in order. Positions are those of the token, or of the container around it. */
export function unwrap(input: Uint8Array): Unwrapped {
  const leftOut: string[] = [];
  return { tokens: new Unwrapping(leftOut).read(input, NO_CONTEXT), leftOut };
}

class Unwrapping implements Reader {
  private readonly leftOut: string[];

  constructor(leftOut: string[]) {
    this.leftOut = leftOut;
  }

  read(input: Uint8Array, context: Context): Candidate[] {
    if (isToken(input)) return [token(input, context)];
    if (context.wrapping.length > DEEPEST) return [];
    return this.archive(input, context) ?? this.capture(input, context) ?? this.text(input, context);
  }

  private archive(input: Uint8Array, context: Context): Candidate[] | undefined {
    const unpacked = unpack(input);
    if (unpacked === undefined) return undefined;
    if (unpacked.leftOut !== undefined) this.leftOut.push(unpacked.leftOut);
    const whole = (found: Candidate) => ({ ...found, start: 0, end: input.length });
    const fiddler = unpacked.members.filter(({ name }) => /(?:^|\/)raw\/\d+_[cs]\.txt$/.test(name));
    if (fiddler.length > 0) {
      // Read request and response together: each is context for the other.
      const numbers = new Set(fiddler.map(({ name }) => name.slice(0, -6)));
      return [...numbers].flatMap((number) => {
        const parts = fiddler.filter(({ name }) => name.slice(0, -6) === number);
        const text = parts.map(({ bytes }) => toLatin1(bytes)).join('\r\n');
        return this.text(fromLatin1(text), within(context, 'Fiddler archive')).map(whole);
      });
    }
    return unpacked.members.flatMap(({ bytes }) => this.read(bytes, within(context, unpacked.kind)).map(whole));
  }

  private capture(input: Uint8Array, context: Context): Candidate[] | undefined {
    const packets = packetsOf(input);
    if (packets === undefined) return undefined;
    const inner = within(context, 'packet capture');
    return this.packets(packets, inner).map((found) => ({ ...found, start: 0, end: input.length }));
  }

  packets(packets: readonly Packet[], context: Context): Candidate[] {
    const streams = streamsOf(packets);
    const found = streams.flatMap((stream) => this.stream(stream, streams, context));
    found.sort((one, other) => one.at - other.at);
    if (found.length > 0) return found.map(({ candidate }) => candidate);
    // No readable TCP: search the packets themselves for tokens of other protocols.
    return packets.flatMap(({ data }) => among(data, context));
  }

  private stream(stream: Stream, all: readonly Stream[], context: Context): { at: number; candidate: Candidate }[] {
    const { from, to, data, isServer } = stream;
    const inner: Context = {
      ...context,
      connection: (isServer ? [to, from] : [from, to]).join(' → '),
      sender: isServer ? 'server' : 'client',
      protocol: protocolOf(isServer ? from : to, data),
      url: isServer ? from : to,
    };
    const raw = among(data, inner);
    const read = raw.length > 0 ? raw : this.read(data, inner);
    const answers = all.find((other) => other.from === to && other.to === from);
    return read.map((candidate) => {
      const at = stream.timeAt(candidate.start);
      // Damaged captures have times that no calendar has.
      const date = new Date(at);
      const time = at === 0 || Number.isNaN(date.getTime()) ? candidate.time : date.toISOString();
      const status = candidate.status ?? (isServer || answers === undefined ? undefined : statusAfter(answers, at));
      return { at, candidate: { ...candidate, time, status, ...senderOf(candidate, inner) } };
    });
  }

  private text(input: Uint8Array, context: Context): Candidate[] {
    const http = decodedBodies(input);
    if (http === undefined) return this.plainText(input, context);
    for (const coding of http.unknown) {
      const line = `HTTP bodies with the coding ${coding} were not read: this runtime cannot decode it`;
      if (!this.leftOut.includes(line)) this.leftOut.push(line);
    }
    const outer = context.wrapping.length;
    const files: Candidate[] = [];
    // Without the bodies that are files, so that no token is found twice.
    const rest = http.data.slice();
    for (const { data, at, start, end, codings } of http.bodies) {
      const inner = { ...context, wrapping: [...context.wrapping, ...codings] };
      const file = this.archive(data, inner) ?? this.capture(data, inner) ?? this.utf16(data, inner);
      const tokens = file ?? (isHttpMessage(data) ? this.text(data, inner) : undefined);
      if (tokens === undefined) continue;
      rest.fill(LINE_FEED, at, at + data.length);
      files.push(...tokens.map((one) => ({ ...one, start, end })));
    }
    const text = this.plainText(rest, context).map((one) => {
      const { start, end, codings } = http.origin(one.start, one.end);
      const wrapping = [...context.wrapping, ...codings, ...one.wrapping.slice(outer)];
      return { ...one, start, end, wrapping };
    });
    return [...text, ...files].sort((one, other) => one.start - other.start);
  }

  private utf16(input: Uint8Array, context: Context): Candidate[] | undefined {
    const decoded = utf16(input);
    if (decoded === undefined) return undefined;
    const found = this.plainText(decoded, within(context, 'UTF-16'));
    return found.map((one) => ({ ...one, start: 0, end: input.length }));
  }

  private plainText(input: Uint8Array, context: Context): Candidate[] {
    const decoded = this.utf16(input, context);
    if (decoded !== undefined) return decoded;
    // The mark of UTF-8 is at the beginning of the text, or of a body in it. Spaces keep the positions.
    const text = toLatin1(input).replace(/(^|\n)\u00ef\u00bb\u00bf/g, '$1   ');
    const flows = mitmproxyFlows(text);
    if (flows !== undefined) return tokensOfEntries(flows, 'mitmproxy flows', text, context, this);
    return readHar(text, context, this) ?? tokensInDissection(text, context, this) ?? tokensInText(text, context, this);
  }
}

function within(context: Context, wrapping: string): Context {
  return { ...context, wrapping: [...context.wrapping, wrapping] };
}

function token(bytes: Uint8Array, context: Context): Candidate {
  return { ...context, bytes, form: 'bytes', header: '', scheme: '', start: 0, end: bytes.length };
}

function among(bytes: Uint8Array, context: Context): Candidate[] {
  return tokensAmong(bytes).map(({ start, end }) => ({ ...token(bytes.slice(start, end), context), start, end }));
}

/** Derives the sender from the direction, unless a header contradicts it. */
function senderOf(candidate: Candidate, context: Context): Pick<Context, 'sender'> {
  return { sender: candidate.header === '' ? context.sender : candidate.sender };
}

const PORTS: Record<string, string> = {
  25: 'SMTP',
  80: 'HTTP',
  110: 'POP3',
  135: 'MS-RPC',
  139: 'SMB',
  143: 'IMAP',
  389: 'LDAP',
  445: 'SMB',
  587: 'SMTP',
  1433: 'TDS',
  3268: 'LDAP',
  5985: 'HTTP',
};

function protocolOf(server: string, data: Uint8Array): string | undefined {
  if (data[5] === 0x53 && data[6] === 0x4d && data[7] === 0x42) return 'SMB';
  if (/^(?:[A-Z]{3,8} \S+ HTTP\/|HTTP\/1)/.test(toLatin1(data.subarray(0, 2_000)))) return 'HTTP';
  if (data[0] === 5 && data[1] === 0 && data[3] !== undefined && data[3] < 4) return 'MS-RPC';
  return PORTS[server.slice(server.lastIndexOf(':') + 1)];
}

/** Returns the status of the first response that the other side sent after a time. */
function statusAfter(stream: Stream, time: number): number | undefined {
  for (const { 1: status, index } of toLatin1(stream.data).matchAll(/(?:^|\n)HTTP\/[\d.]+ (\d{3})/g)) {
    if (stream.timeAt(index + 1) >= time) return Number(status);
  }
  return undefined;
}

/** Converts UTF-16, with or without a byte order mark, to UTF-8; undefined for anything else. */
function utf16(input: Uint8Array): Uint8Array | undefined {
  const [first, second] = input;
  const marked =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  const encoding = marked ?? guessed(input);
  if (encoding === undefined) return undefined;
  const decoded = new TextDecoder(encoding).decode(input);
  return new TextEncoder().encode(decoded);
}

/** Detects UTF-16 by its zero bytes: nearly every other byte of Latin text is zero. */
function guessed(input: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const looked = Math.min(input.length & ~1, 2_000);
  if (looked < 16) return undefined;
  const zeros = [0, 0];
  for (let i = 0; i < looked; i++) if (input[i] === 0) zeros[i & 1]!++;
  const [even, odd] = zeros.map((count) => count / (looked / 2));
  if (odd! > 0.9 && even! < 0.05) return 'utf-16le';
  return even! > 0.9 && odd! < 0.05 ? 'utf-16be' : undefined;
}
