// Capture files: reads packets from pcap and pcapng, and reassembles TCP streams.

import { concat } from './binary.js';

export interface Packet {
  data: Uint8Array;
  /** The link type (https://www.tcpdump.org/linktypes.html); undefined if it must be guessed. */
  link: number | undefined;
  /** Milliseconds since 1970; 0 if unknown. */
  time: number;
}

/** One direction of a TCP connection. */
export interface Stream {
  /** The sender's endpoint, such as `10.0.0.5:49152`. */
  from: string;
  to: string;
  /** Whether the other side opened the connection. */
  isServer: boolean;
  data: Uint8Array;
  /** Returns the capture time of the byte at an offset, in milliseconds since 1970; 0 if unknown. */
  timeAt(offset: number): number;
}

const ENHANCED = 6;
const SIMPLE = 3;
const INTERFACE = 1;
const SECTION = 0x0a0d0d0a;

/** Returns the packets of a capture file up to its end or first damage; undefined if the input is not a capture file. */
export function packetsOf(file: Uint8Array): Packet[] | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 24) return undefined;
  const magic = view.getUint32(0, true);
  if (magic === SECTION) return ofPcapng(file, view);
  for (const little of [true, false]) {
    const [kind, nanoseconds] = [view.getUint32(0, little), view.getUint32(0, little) === 0xa1b23c4d];
    if (kind === 0xa1b2c3d4 || nanoseconds) return ofPcap(file, view, little, nanoseconds ? 1e6 : 1e3);
  }
  return undefined;
}

function ofPcap(file: Uint8Array, view: DataView, little: boolean, perMillisecond: number): Packet[] {
  const packets: Packet[] = [];
  const link = view.getUint32(20, little) & 0xffff;
  for (let at = 24; at + 16 <= file.length;) {
    const length = view.getUint32(at + 8, little);
    const time = view.getUint32(at, little) * 1e3 + view.getUint32(at + 4, little) / perMillisecond;
    packets.push({ data: file.subarray(at + 16, at + 16 + length), link, time });
    at += 16 + length;
  }
  return packets;
}

function ofPcapng(file: Uint8Array, view: DataView): Packet[] {
  const packets: Packet[] = [];
  let little = true;
  let interfaces: { link: number; perSecond: number }[] = [];
  for (let at = 0; at + 12 <= file.length;) {
    if (view.getUint32(at, true) === SECTION) {
      little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
      interfaces = [];
    }
    const [kind, size] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
    const end = Math.min(at + size, file.length);
    if (size < 12) break;
    if (kind === INTERFACE && at + 20 <= end) {
      interfaces.push({ link: view.getUint16(at + 8, little), perSecond: resolution(view, at + 16, end - 4, little) });
    } else if (kind === ENHANCED && at + 28 <= end) {
      const { link, perSecond } = interfaces[view.getUint32(at + 8, little)] ?? { link: undefined, perSecond: 1e6 };
      const ticks = view.getUint32(at + 12, little) * 2 ** 32 + view.getUint32(at + 16, little);
      const length = view.getUint32(at + 20, little);
      const data = file.subarray(at + 28, Math.min(at + 28 + length, end));
      packets.push({ data, link, time: (ticks / perSecond) * 1e3 });
    } else if (kind === SIMPLE && at + 12 <= end) {
      const length = view.getUint32(at + 8, little);
      const data = file.subarray(at + 12, Math.min(at + 12 + length, Math.max(end - 4, at + 12)));
      packets.push({ data, link: interfaces[0]?.link, time: 0 });
    }
    at += size;
  }
  return packets;
}

/** Ticks per second of an interface: its option `if_tsresol`, or microseconds. */
function resolution(view: DataView, from: number, end: number, little: boolean): number {
  for (let at = from; at + 4 <= end;) {
    const [option, length] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    if (option === 0) break;
    if (option === 9 && at + 5 <= end) {
      const value = view.getUint8(at + 4);
      return value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return 1e6;
}

interface Segment {
  from: string;
  to: string;
  sequence: number;
  opens: boolean;
  data: Uint8Array;
  time: number;
}

/** Possible offsets of the IP header by link type: loopback, Ethernet, raw, and both versions of Linux's "any" device. */
const BEFORE_IP: Record<number, number> = {
  0: 4,
  1: 14,
  12: 0,
  14: 0,
  101: 0,
  108: 4,
  113: 16,
  228: 0,
  229: 0,
  276: 20,
};
const GUESSES = [0, 14, 16, 20, 4];

/** Returns the TCP segment in a packet; undefined if it is not TCP. */
export function segmentOf({ data, link, time }: Packet): Segment | undefined {
  const known = link === undefined ? undefined : BEFORE_IP[link];
  for (let at of known === undefined ? GUESSES : [known]) {
    // VLAN tags are between the addresses and the payload type.
    while (link === 1 && [0x8100, 0x88a8].includes(((data[at - 2] ?? 0) << 8) | (data[at - 1] ?? 0))) at += 4;
    const segment = ofIp(data.subarray(at), time, known === undefined);
    if (segment !== undefined) return segment;
  }
  return undefined;
}

function ofIp(packet: Uint8Array, time: number, guessed: boolean): Segment | undefined {
  const number = (at: number) => ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
  const version = (packet[0] ?? 0) >> 4;
  let [header, length, protocol] = [40, 40 + number(4), packet[6]];
  let addresses = [8, 24].map((at) => ipv6(packet.subarray(at, at + 16)));
  if (version === 4) {
    // Segmentation offload leaves the length empty. Anonymization tools leave other fields empty too.
    [header, length, protocol] = [((packet[0] ?? 0) & 15) * 4, number(2), packet[9]];
    if (length === 0) length = packet.length;
    if (protocol === 0 && !guessed) protocol = 6;
    addresses = [12, 16].map((at) => packet.subarray(at, at + 4).join('.'));
  } else if (version !== 6) return undefined;
  if (protocol !== 6 || header < 20 || packet.length < header + 20) return undefined;
  const tcp = packet.subarray(header, Math.min(length, packet.length));
  if (tcp.length < 20) return undefined;
  const offset = (tcp[12] ?? 0) >> 4;
  if (offset !== 0 && offset < 5) return undefined;
  const [from, to] = [0, 2].map((at) => String(((tcp[at] ?? 0) << 8) | (tcp[at + 1] ?? 0)));
  const sequence = new DataView(tcp.buffer, tcp.byteOffset, tcp.length).getUint32(4);
  const opens = ((tcp[13] ?? 0) & 0x12) === 2;
  const bracketed = addresses.map((address) => (version === 6 ? `[${address}]` : address));
  return {
    from: `${bracketed[0]}:${from}`,
    to: `${bracketed[1]}:${to}`,
    sequence: sequence + (((tcp[13] ?? 0) & 2) >> 1),
    opens,
    data: tcp.subarray((offset === 0 ? 5 : offset) * 4),
    time,
  };
}

function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}

/** Returns the two directions of each TCP connection, in the order of their first packets. */
export function streamsOf(packets: readonly Packet[]): Stream[] {
  const flows = new Map<string, Segment[]>();
  for (const packet of packets) {
    const segment = segmentOf(packet);
    if (segment === undefined) continue;
    const flow = `${segment.from} ${segment.to}`;
    const segments = flows.get(flow);
    if (segments === undefined) flows.set(flow, [segment]);
    else segments.push(segment);
  }
  return [...flows.values()].map((segments) => {
    const { from, to } = segments[0]!;
    const opened = flows.get(`${to} ${from}`)?.[0]?.opens === true;
    return { from, to, isServer: opened || Number(portOf(from)) < Number(portOf(to)), ...joined(segments) };
  });
}

const portOf = (address: string) => address.slice(address.lastIndexOf(':') + 1);

/**
 * Reassembles one direction without retransmissions. If sequence numbers contradict the data, as in anonymized captures, the
 * capture order is used.
 */
function joined(segments: readonly Segment[]): Pick<Stream, 'data' | 'timeAt'> {
  const filled = segments.filter(({ data }) => data.length > 0);
  const first = segments[0]!.sequence;
  // Sequence numbers are modulo 2^32.
  const offsetOf = ({ sequence }: Segment) => (sequence - first) | 0;
  const sorted = [...filled].sort((one, other) => offsetOf(one) - offsetOf(other));
  const parts: { data: Uint8Array; time: number }[] = [];
  let end = offsetOf(sorted[0] ?? segments[0]!);
  let consistent = true;
  for (const segment of sorted) {
    const overlap = end - offsetOf(segment);
    if (overlap > 0 && !repeats(parts, segment.data, overlap)) {
      consistent = false;
      break;
    }
    const data = segment.data.subarray(Math.max(overlap, 0));
    if (data.length === 0) continue;
    parts.push({ data, time: segment.time });
    end = Math.max(end, offsetOf(segment) + segment.data.length);
  }
  return placed(consistent ? parts : filled);
}

/** Whether the overlapping start of a segment repeats the data received before. */
function repeats(parts: readonly { data: Uint8Array }[], data: Uint8Array, overlap: number): boolean {
  let missing = overlap;
  for (let part = parts.length; missing > 0 && part-- > 0;) {
    const before = parts[part]!.data;
    const shared = Math.min(missing, before.length);
    for (let i = 0; i < shared; i++) {
      const at = missing - shared + i;
      if (at < data.length && before[before.length - shared + i] !== data[at]) return false;
    }
    missing -= shared;
  }
  return true;
}

function placed(parts: readonly { data: Uint8Array; time: number }[]): Pick<Stream, 'data' | 'timeAt'> {
  let at = 0;
  const starts = parts.map(({ data }) => (at += data.length) - data.length);
  const timeAt = (offset: number) => parts[starts.findLastIndex((start) => start <= offset)]?.time ?? 0;
  return { data: concat(parts.map(({ data }) => data)), timeAt };
}
