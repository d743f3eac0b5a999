// Compressed input: gzip, zlib and zip archives, such as Fiddler's, and the content codings of HTTP.

import type { Gunzip, Inflate, Unzlib } from 'fflate';
import { fflate } from '../core/generated/fflate-archives.js';
import { concat } from './binary.js';

/** The maximum number of unpacked bytes: small archives can expand to gigabytes. */
const MOST_UNPACKED = 256 << 20;

export interface Member {
  name: string;
  bytes: Uint8Array;
}

export interface Unpacked {
  kind: 'gzip' | 'zlib' | 'zip';
  members: Member[];
  /** A sentence about the parts that were left out; undefined if the content is complete. */
  leftOut?: string | undefined;
}

/** Unpacks an archive or a compressed file; undefined if the input is neither, or cannot be unpacked at all. */
export function unpack(input: Uint8Array): Unpacked | undefined {
  const [first, second] = input;
  if (first === 0x1f && second === 0x8b) return inflated('gzip', new (fflate().Gunzip)(), input);
  if (first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second!)) {
    return inflated('zlib', new (fflate().Unzlib)(), input);
  }
  if (first !== 0x50 || second !== 0x4b || (input[2] !== 3 && input[2] !== 5)) return undefined;
  let room = MOST_UNPACKED;
  let left = 0;
  try {
    const files = fflate().unzipSync(input, {
      filter: ({ name, size, originalSize }) => {
        if (name.endsWith('/')) return false;
        // Deflate cannot do better than 1032 to 1: such a size is a lie that would only cost memory and time.
        const wanted = originalSize <= room && originalSize <= 1_032 * Math.min(size, input.length) + 1_024;
        if (wanted) room -= originalSize;
        else left++;
        return wanted;
      },
    });
    const members = Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
    members.sort((one, other) => (one.name < other.name ? -1 : 1));
    return {
      kind: 'zip',
      members,
      leftOut:
        left === 0
          ? undefined
          : `${left} files of the archive were left out: their sizes are wrong, or more than ${MOST_UNPACKED >> 20} MB unpacked`,
    };
  } catch {
    return { kind: 'zip', members: [], leftOut: 'the zip archive is damaged or cut off' };
  }
}

const tooLarge = (what: string) => `${what} left out: more than ${MOST_UNPACKED >> 20} MB unpacked`;

function inflated(kind: 'gzip' | 'zlib', stream: Gunzip | Inflate | Unzlib, input: Uint8Array): Unpacked | undefined {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let leftOut: string | undefined;
  stream.ondata = (chunk) => {
    length += chunk.length;
    if (length <= MOST_UNPACKED) chunks.push(chunk);
    else leftOut = tooLarge('the rest of the file was');
  };
  try {
    // Input is unpacked piece by piece, so that unpacking stops at the limit.
    const PIECE = 65_536;
    for (let at = 0; at < input.length && leftOut === undefined; at += PIECE) {
      stream.push(input.subarray(at, at + PIECE), at + PIECE >= input.length);
    }
  } catch {
    if (chunks.length === 0) return undefined;
    leftOut = `the ${kind} data is damaged or cut off: what comes before was read`;
  }
  if (chunks.length === 0) return undefined;
  return { kind, members: [{ name: '', bytes: concat(chunks) }], leftOut };
}

/** Undoes an HTTP content coding up to the end of the data; undefined if this runtime cannot. */
export function decompressed(coding: string, input: Uint8Array): Uint8Array | undefined {
  const stream = inflaterOf(coding, input);
  if (stream !== undefined) return inflated('zlib', stream, input)?.members[0]?.bytes ?? input;
  // Node, Deno and Bun contain Brotli. Browsers have no synchronous interface to it.
  const zlib = coding === 'br' ? globalThis.process?.getBuiltinModule?.('node:zlib') : undefined;
  const { BROTLI_OPERATION_FLUSH: finishFlush } = zlib?.constants ?? {};
  try {
    return zlib?.brotliDecompressSync(input, { finishFlush, maxOutputLength: MOST_UNPACKED });
  } catch {
    return input;
  }
}

function inflaterOf(coding: string, [first = 0, second = 0]: Uint8Array): Gunzip | Inflate | Unzlib | undefined {
  if (coding === 'gzip' || coding === 'x-gzip') return new (fflate().Gunzip)();
  if (coding !== 'deflate') return undefined;
  // Some servers omit the header of zlib.
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0 ? new (fflate().Unzlib)() : new (fflate().Inflate)();
}
