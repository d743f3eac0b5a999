// How programs and people wrap tokens: the decoder has to undo each of these, alone and one in another.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { createRequire } from 'node:module';

const { zipSync } = createRequire(new URL('../../../pkg-template/package.json', import.meta.url))('fflate');

const latin1 = (bytes) => Buffer.from(bytes).toString('latin1');
const bytesOf = (text) => new Uint8Array(Buffer.from(text, 'latin1'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const lines = (text, width) => text.match(new RegExp(`[^]{1,${width}}`, 'g')) ?? [''];
const each = (text, pattern, by) => text.replace(pattern, (c) => by(c.charCodeAt(0)));
const two = (code) => code.toString(16).padStart(2, '0');

/** The token as text. */
export const SPELLINGS = {
  base64: (token) => Buffer.from(token).toString('base64'),
  'base64 without padding': (token) => Buffer.from(token).toString('base64').replace(/=+$/, ''),
  base64url: (token) => Buffer.from(token).toString('base64url'),
  'a header': (token) => `Proxy-Authorization: NTLM ${Buffer.from(token).toString('base64')}\r\n`,
  'lines of base64': (token) => lines(Buffer.from(token).toString('base64'), 64).join('\r\n'),
  'a folded header': (token) =>
    `Host: a\r\nAuthorization: NTLM ${lines(Buffer.from(token).toString('base64'), 70).join('\r\n ')}\r\nAccept: */*\r\n`,
  'a mail': (token) =>
    lines(`Proxy-Authorization: NTLM ${Buffer.from(token).toString('base64')}`, 76).join('\n') + '\n\nRegards\n',
  'a quoted mail': (token) =>
    lines(`Authorization: NTLM ${Buffer.from(token).toString('base64')}`, 72)
      .map((line) => `> ${line}`)
      .join('\n'),
  'a list of PowerShell': (token) =>
    `RawContent        : HTTP/1.1 407\n${lines(`Proxy-Authenticate: NTLM ${Buffer.from(token).toString('base64')}`, 98)
      .map((line) => `                    ${line}`)
      .join('\n')}\n                    Content-Length: 0\n`,
  'a YAML block': (token) =>
    `headers:\n  authorization: |\n    NTLM\n    ${lines(Buffer.from(token).toString('base64'), 60).join('\n    ')}\n  host: a\n`,
  hexadecimal: (token) => hex(token),
  'hexadecimal with colons': (token) => lines(hex(token), 2).join(':').toUpperCase(),
  'a string of C': (token) =>
    `"${lines(hex(token), 2)
      .map((pair) => `\\x${pair}`)
      .join('')}"`,
  'bytes of Python': (token) =>
    `b'${each(latin1(token), /[^ -~]|['\\]/g, (code) => (code === 10 ? '\\n' : code === 39 ? "\\'" : code === 92 ? '\\\\' : `\\x${two(code)}`))}'`,
  'a capture of curl': (token) =>
    `> GET http://a.example/ HTTP/1.1\n> Host: a.example\n> Proxy-Authorization: NTLM ${Buffer.from(token).toString('base64')}\n> \n< HTTP/1.1 200 OK\n`,
};

/** Text as other text. */
export const ENCODINGS = {
  'percent-encoding': (text) => encodeURIComponent(text).replace(/%0A/gi, '%0a'),
  HTML: (text) => each(text, /[&<>"'+/=]/g, (code) => (code === 38 ? '&amp;' : `&#${code};`)),
  'HTML in hexadecimal': (text) => each(text, /[&<>"'+/=]/g, (code) => `&#x${two(code)};`),
  JSON: (text) => JSON.stringify({ value: text }).replaceAll('/', '\\/'),
  'JSON in ASCII': (text) =>
    JSON.stringify([text]).replace(/[+/=<>&]/g, (c) => `\\u00${two(c.charCodeAt(0)).toUpperCase()}`),
  'quoted-printable': (text) =>
    text
      .split('\n')
      .map((line) =>
        lines(
          each(line.replace(/\r$/, ''), /[=\t]|[^ -~]/g, (code) => `=${two(code).toUpperCase()}`),
          70,
        )
          .join('=\r\n')
          .replace(/=\r\n([0-9A-F])(?=)/g, '=\r\n$1'),
      )
      .join('\r\n'),
  'a quoted mail': (text) =>
    text
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n'),
};

/** Any bytes as text. */
export const DUMPS = {
  base64: (bytes) => Buffer.from(bytes).toString('base64'),
  'lines of base64': (bytes) => lines(Buffer.from(bytes).toString('base64'), 76).join('\n'),
  'Burp items': (bytes) =>
    `<?xml version="1.0"?><items><item><time>Mon Nov 30 09:30:02 UTC 2026</time><request base64="true"><![CDATA[${Buffer.from(bytes).toString('base64')}]]></request><status>200</status></item></items>`,
  hexadecimal: (bytes) => hex(bytes),
  xxd: (bytes) => dump(bytes, (at) => `${at.toString(16).padStart(8, '0')}: `, 2),
  'hexdump -C': (bytes) => dump(bytes, (at) => `${at.toString(16).padStart(8, '0')}  `, 1),
  'Format-Hex': (bytes) =>
    `           00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\n\n${dump(bytes, (at) => `${at.toString(16).padStart(8, '0').toUpperCase()}   `, 1)}`,
  'an array of C': (bytes) =>
    `char peer0_0[] = { /* Packet 4 */\n${lines(hex(bytes), 16)
      .map((line) =>
        lines(line, 2)
          .map((pair) => `0x${pair}`)
          .join(', '),
      )
      .join(', \n')} };\n`,
  'a Buffer of Node': (bytes) => `<Buffer ${lines(hex(bytes), 2).join(' ')}>`,
  'JSON of a Buffer': (bytes) => JSON.stringify(Buffer.from(bytes)),
  'an array of PowerShell': (bytes) => [...bytes].join('\r\n'),
  'a list of Python': (bytes) => `bytes([${[...bytes].join(', ')}])`,
};

/** Any bytes as other bytes. */
export const CONTAINERS = {
  gzip: (bytes) => new Uint8Array(gzipSync(bytes)),
  zlib: (bytes) => new Uint8Array(deflateSync(bytes)),
  zip: (bytes) => zipSync({ 'folder/a.txt': bytes }),
  pcap: (bytes) => pcap([{ data: bytes }]),
  pcapng: (bytes) => pcapng([{ data: bytes }]),
  'pcap, segments out of order': (bytes) => pcap(segments(bytes)),
  'an HTTP response in chunks': (bytes) => httpResponse('Transfer-Encoding: chunked', chunked(bytes, 100)),
  'an HTTP response in gzip': (bytes) => {
    const body = gzipSync(bytes);
    return httpResponse(`Content-Encoding: gzip\r\nContent-Length: ${body.length}`, body);
  },
  'an HTTP response in br and chunks': (bytes) =>
    httpResponse('Content-Encoding: br\r\nTransfer-Encoding: chunked', chunked(brotliCompressSync(bytes), 64)),
};

/** Text as bytes. */
export const TEXT_ENCODINGS = {
  'UTF-8 with a mark': (text) => new Uint8Array([0xef, 0xbb, 0xbf, ...Buffer.from(text, 'utf8')]),
  'UTF-16LE with a mark': (text) => new Uint8Array([0xff, 0xfe, ...Buffer.from(text, 'utf16le')]),
  'UTF-16LE': (text) => new Uint8Array(Buffer.from(text, 'utf16le')),
  'UTF-16BE with a mark': (text) => new Uint8Array([0xfe, 0xff, ...Buffer.from(text, 'utf16le').swap16()]),
};

function dump(bytes, front, group) {
  return lines(hex(bytes), 32)
    .map((row, index) => {
      const columns = lines(row, 2 * group)
        .join(' ')
        .padEnd(group === 2 ? 39 : 47);
      const shown = Buffer.from(row, 'hex')
        .toString('latin1')
        .replace(/[^ -~]/g, '.');
      return `${front(16 * index)}${columns}  ${group === 1 ? `|${shown}|` : shown}\n`;
    })
    .join('');
}

export const httpResponse = (fields, body) =>
  new Uint8Array(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\nServer: a\r\n\r\n`), body]));

/** Splits bytes into chunks of this size. */
export function chunked(bytes, size) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)};note=1\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

/** In three pieces, the second twice and after the third. */
function segments(bytes) {
  const [first, second] = [Math.ceil(bytes.length / 3), Math.ceil((2 * bytes.length) / 3)];
  const piece = (from, to) => ({ data: bytes.subarray(from, to), sequence: from });
  return [piece(0, first), piece(second, bytes.length), piece(first, second), piece(first, second)];
}

/** An Ethernet frame with a TCP segment. */
export function frame({ data, sequence = 0, from = ['10.0.0.5', 49152], to = ['10.0.0.1', 80], flags = 0x18 }) {
  const bytes = Buffer.alloc(54 + data.length);
  bytes.writeUInt16BE(0x0800, 12);
  bytes[14] = 0x45;
  bytes.writeUInt16BE(40 + data.length, 16);
  bytes[23] = 6;
  Buffer.from(from[0].split('.').map(Number)).copy(bytes, 26);
  Buffer.from(to[0].split('.').map(Number)).copy(bytes, 30);
  bytes.writeUInt16BE(from[1], 34);
  bytes.writeUInt16BE(to[1], 36);
  // Near the end of the sequence numbers, which wrap around.
  bytes.writeUInt32BE((0xffff_ff00 + sequence) >>> 0, 38);
  bytes[46] = 0x50;
  bytes[47] = flags;
  Buffer.from(data).copy(bytes, 54);
  return bytes;
}

export function pcap(packets, { time = 1_796_000_000 } = {}) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = packets.map((packet, index) => {
    const data = frame(packet);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(time + index);
    record.writeUInt32LE(data.length, 8);
    record.writeUInt32LE(data.length, 12);
    return Buffer.concat([record, data]);
  });
  return new Uint8Array(Buffer.concat([header, ...records]));
}

export function pcapng(packets, { time = 1_796_000_000 } = {}) {
  const block = (type, body) => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const whole = Buffer.alloc(12 + padded.length);
    whole.writeUInt32LE(type);
    whole.writeUInt32LE(whole.length, 4);
    padded.copy(whole, 8);
    whole.writeUInt32LE(whole.length, whole.length - 4);
    return whole;
  };
  const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex');
  const device = Buffer.from('0100000000000400', 'hex');
  const records = packets.map((packet, index) => {
    const data = frame(packet);
    const head = Buffer.alloc(20);
    const ticks = BigInt(time + index) * 1_000_000n;
    head.writeUInt32LE(Number(ticks >> 32n), 4);
    head.writeUInt32LE(Number(ticks & 0xffff_ffffn), 8);
    head.writeUInt32LE(data.length, 12);
    head.writeUInt32LE(data.length, 16);
    return block(6, Buffer.concat([head, data]));
  });
  return new Uint8Array(Buffer.concat([block(0x0a0d0d0a, section), block(1, device), ...records]));
}

/** A token in a spelling, and that in other wrappings: `steps` names them, the innermost first. */
export function wrap(token, spelling, steps) {
  let now = SPELLINGS[spelling](token);
  for (const [kind, name] of steps) {
    const bytes = typeof now === 'string' ? bytesOf(now) : now;
    const text = typeof now === 'string' ? now : undefined;
    if (kind === 'encoding') now = ENCODINGS[name](text ?? DUMPS.base64(bytes));
    if (kind === 'dump') now = DUMPS[name](bytes);
    if (kind === 'container') now = CONTAINERS[name](bytes);
    if (kind === 'text') now = TEXT_ENCODINGS[name](text ?? DUMPS.base64(bytes));
  }
  return now;
}

export const KINDS = { encoding: ENCODINGS, dump: DUMPS, container: CONTAINERS, text: TEXT_ENCODINGS };
