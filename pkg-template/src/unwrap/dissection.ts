// Packets dissected by Wireshark and tshark (PDML, JSON, EK): each contains the same bytes several times, and shortens some.

import type { Context } from './context.js';
import { type Candidate, type Reader, tokensInText } from './text.js';
import { isWhole } from './token.js';

/** The start of a packet. */
const PACKET = /<packet>|"_index"\s*:\s*"packets-|\{"timestamp"\s*:\s*"\d+"\s*,\s*"layers"/g;

/** Returns the tokens of a dissection, each once; undefined if the text is not a dissection. */
export function tokensInDissection(text: string, context: Context, reader: Reader): Candidate[] | undefined {
  const starts = [...text.matchAll(PACKET)].map(({ index }) => index);
  if (starts.length === 0) return undefined;
  return starts.flatMap((start, index) => {
    const packet = text.slice(start, starts[index + 1] ?? text.length);
    const known = contextOf(packet);
    const found = unique(tokensInText(packet, context, reader));
    return found.map((one) => ({ ...one, ...known, start: one.start + start, end: one.end + start }));
  });
}

/** Drops tokens that others repeat or complete. A token in a header has precedence. */
function unique(found: readonly Candidate[]): Candidate[] {
  const whole = found.filter(({ bytes }) => isWhole(bytes));
  const sorted = [...(whole.length > 0 ? whole : found)].sort((one, other) => rank(other) - rank(one));
  const kept: Candidate[] = [];
  for (const one of sorted) {
    const isKnown = kept.some(
      ({ bytes }) => bytes.length >= one.bytes.length && one.bytes.every((byte, at) => bytes[at] === byte),
    );
    if (!isKnown) kept.push(one);
  }
  return kept.sort((one, other) => one.start - other.start);
}

const rank = ({ header, bytes }: Candidate) => bytes.length + (/^[\w-]*auth/i.test(header) ? 0.5 : 0);

function contextOf(packet: string): Partial<Context> {
  const field = (name: string) => {
    const spelled = name.replaceAll('.', '[._]');
    const pattern = `name="${spelled}"[^>]*?\\sshow="([^"]*)"|"(?:\\w+_)?${spelled}"\\s*:\\s*\\[?\\s*"([^"]*)"`;
    const [, pdml, json] = new RegExp(pattern).exec(packet) ?? [];
    return pdml ?? json;
  };
  const [stream, epoch, status] = [field('tcp.stream'), field('frame.time_epoch'), field('http.response.code')];
  const time = new Date(/^[\d.]+$/.test(epoch ?? '') ? Number(epoch) * 1_000 : (epoch ?? NaN));
  return {
    ...(stream === undefined ? {} : { connection: `TCP stream ${stream}` }),
    ...(Number.isNaN(time.getTime()) ? {} : { time: time.toISOString() }),
    ...(Number(status) > 0 ? { status: Number(status) } : {}),
  };
}
