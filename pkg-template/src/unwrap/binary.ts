// Bytes written as text: hexadecimal, dumps and array literals of programming languages.

const HEX = '0123456789abcdef';

/** Decodes hexadecimal digits; an odd last digit is ignored. */
export function fromHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Encodes bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte >> 4]! + HEX[byte & 15]!;
  return text;
}

/** Joins pieces. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Encodes text with characters up to U+00FF, one byte each. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Decodes each byte as one character. */
export function toLatin1(bytes: Uint8Array): string {
  if (globalThis.Buffer !== undefined) {
    return globalThis.Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** Decodes base64 or base64url; undefined if the text is neither. A single last character of a group is ignored. */
export function fromBase64(text: string): Uint8Array | undefined {
  const symbols = text.replace(/[-_\s]/g, (c) => (c === '-' ? '+' : c === '_' ? '/' : '')).replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(symbols)) return undefined;
  const whole = symbols.length % 4 === 1 ? symbols.slice(0, -1) : symbols;
  if (globalThis.Buffer !== undefined) return new Uint8Array(globalThis.Buffer.from(whole, 'base64'));
  return fromLatin1(atob(whole));
}

export interface Spelled {
  bytes: Uint8Array;
  start: number;
  end: number;
  name: string;
}

const ARRAYS: readonly { name: string; pattern: RegExp; item: RegExp; base: 10 | 16 }[] = [
  {
    name: 'array of bytes',
    pattern: /(?:0x[0-9a-f]{1,2}[\s,;]*(?:\/\*[^*]*\*\/\s*)?){8,}/gi,
    item: /0x([0-9a-f]{1,2})/gi,
    base: 16,
  },
  {
    name: 'array of bytes',
    pattern:
      /\b\d{1,3}\b(?:\s*,\s*\d{1,3}\b){7,}|\b\d{1,3}\b(?:[ \t]+\d{1,3}\b){7,}|\b\d{1,3}(?:[ \t]*\r?\n[ \t]*\d{1,3}(?=[ \t]*(?:[\r\n"'\])]|$))){7,}/gm,
    item: /(\d+)/g,
    base: 10,
  },
  {
    name: 'hexadecimal',
    pattern: /(?<![0-9a-z])[0-9a-f]{2}(?:[ :,\r\n\t-]{1,4}[0-9a-f]{2}){7,}(?![0-9a-z])/gi,
    item: /([0-9a-f]{2})/gi,
    base: 16,
  },
  {
    name: 'hexadecimal',
    // Lines of the same text, with or without "0x" before.
    pattern: /(?<![0-9a-z])(?:0x)?[0-9a-f]{16,}(?:[ \t]*\r?\n[ \t>]*[0-9a-f]{2,}(?=[ \t]*(?:\r|\n|$)))*/gi,
    item: /(?<!0)([0-9a-f]{2})|(0[0-9a-f])/gi,
    base: 16,
  },
];

/** Finds array literals and hexadecimal in a text, in any order. */
export function spelledOut(text: string): Spelled[] {
  return ARRAYS.flatMap(({ name, pattern, item, base }, index) =>
    [...text.matchAll(pattern)].flatMap(({ 0: found, index: start }) => {
      const end = start + found.length;
      if (index === ARRAYS.length - 1) {
        return [{ bytes: fromHex(found.replace(/0x(?=[0-9a-f]{2})|[^0-9a-f]/gi, '')), start, end, name }];
      }
      const numbers = [...found.matchAll(item)].map(([, digits]) => parseInt(digits!, base));
      return numbers.every((number) => number < 256) ? [{ bytes: Uint8Array.from(numbers), start, end, name }] : [];
    }),
  );
}

/**
 * Reads a hexadecimal dump (`xxd`, `hexdump -C`, `tcpdump -X`, `tshark -x`, `Format-Hex`, Wireshark's "Follow stream"). Each restart
 * of the offsets begins a new piece.
 */
export function dumped(text: string): Uint8Array[] {
  const pieces: number[][] = [];
  for (const [, offset, columns] of text.matchAll(
    /(?:^|["'])[ \t>|]*(?:0x)?([0-9a-f]{4,8})(?::|(?=[ \t]))[ \t]*(.*)$/gim,
  )) {
    const at = parseInt(offset!, 16);
    if (at === 0) pieces.push([]);
    // Ignore the line unless its offset continues a piece. The two directions of a stream may alternate.
    pieces.findLast(({ length }) => length === at)?.push(...lineOfDump(columns!));
  }
  return pieces.filter(({ length }) => length > 0).map((piece) => Uint8Array.from(piece));
}

/** Returns the bytes of a dump line, up to its text column. */
function lineOfDump(columns: string): number[] {
  // Columns of single bytes may have a gap in the middle; after larger groups, a gap is the end.
  const widest = /^[0-9a-f]{3}/i.test(columns) ? 1 : 2;
  const bytes: number[] = [];
  let rest = columns;
  for (let count = 0; count < 16; count++) {
    const [, group, gap] = /^([0-9a-f]+)([ \t]*)/i.exec(rest) ?? [];
    if (group === undefined || ![2, 4, 8].includes(group.length)) break;
    const after = rest[group.length];
    if (after !== undefined && after !== ' ' && after !== '|' && after !== '\t') break;
    bytes.push(...fromHex(group));
    if (gap!.length < 1 || gap!.length > widest) break;
    rest = rest.slice(group.length + gap!.length);
  }
  return bytes.slice(0, 16);
}
