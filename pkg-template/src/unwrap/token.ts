// Finds the start and the end of a token.

const SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0];
const SPNEGO_OID = [0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];
/** The maximum token size in bytes: NTLM field lengths have 16 bits, and SPNEGO adds little. */
const LARGEST = 200_000;

/** Whether the bytes start like a token. */
export function isToken(bytes: Uint8Array, at = 0): boolean {
  return hasSignature(bytes, at) || isSpnego(bytes, at);
}

function hasSignature(bytes: Uint8Array, at: number): boolean {
  return SIGNATURE.every((byte, index) => bytes[at + index] === byte);
}

function isSpnego(bytes: Uint8Array, at: number): boolean {
  const tag = bytes[at];
  if (tag !== 0x60 && tag !== 0xa0 && tag !== 0xa1) return false;
  const header = derHeader(bytes, at);
  if (header === undefined) return false;
  return tag === 0x60
    ? SPNEGO_OID.every((byte, index) => bytes[header.content + index] === byte)
    : bytes[header.content] === 0x30;
}

function derHeader(bytes: Uint8Array, at: number): { content: number; length: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { content: at + 2, length: first };
  const count = first & 0x7f;
  if (count < 1 || count > 4 || at + 2 + count > bytes.length) return undefined;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  return { content: at + 2 + count, length };
}

/**
 * Returns the token length according to its fields: infinite if the token is too short to determine it; undefined if the fields
 * are invalid, which means that the token is damaged rather than truncated.
 */
export function tokenLength(bytes: Uint8Array, at = 0): number | undefined {
  if (!hasSignature(bytes, at)) {
    const header = derHeader(bytes, at);
    return header === undefined ? Infinity : plausible(header.content - at + header.length);
  }
  const number = (offset: number, size: 2 | 4) => {
    let value = 0;
    for (let i = size; i-- > 0;) value = value * 256 + (bytes[at + offset + i] ?? NaN);
    return value;
  };
  const type = number(8, 4);
  const smallest = { 1: 16, 2: 32, 3: 52 }[type];
  if (Number.isNaN(type)) return Infinity;
  if (smallest === undefined) return undefined;
  if (bytes.length - at < smallest) return Infinity;
  const fields = type === 3 ? [12, 20, 28, 36, 44, 52] : type === 2 ? [12, 40] : [16, 24];
  const flags = number(type === 2 ? 20 : 12, 4);
  // The header of messages 1 and 2 ends with the version, if there is one.
  const versioned = type === 1 ? 40 : type === 2 ? 56 : 0;
  const hasVersion = (flags & 0x200_0000) !== 0;
  let [end, payload] = [smallest, Infinity];
  for (const field of fields) {
    // Old clients leave garbage in fields that the flags do not announce.
    if (type === 1 && (flags & (field === 16 ? 0x1000 : 0x2000)) === 0) continue;
    if (type === 2 && field === 40 && (flags & 0x80_0000) === 0) continue;
    if (field + 8 > payload) break;
    const [length, offset] = [number(field, 2), number(field + 4, 4)];
    if (Number.isNaN(offset)) return Infinity;
    if (length === 0) continue;
    payload = Math.min(payload, offset);
    end = Math.max(end, offset + length);
  }
  if (hasVersion && payload >= versioned) end = Math.max(end, versioned);
  return plausible(end);
}

function plausible(length: number): number | undefined {
  return length <= LARGEST ? length : undefined;
}

/** Whether a token is complete. A damaged token counts as complete, because more bytes would not repair it. */
export function isWhole(bytes: Uint8Array): boolean {
  return bytes.length >= (tokenLength(bytes) ?? 0);
}

/** Finds tokens within other bytes, such as another protocol. Returns the start and end of each. */
export function tokensAmong(bytes: Uint8Array): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let at = 0;
  while ((at = bytes.indexOf(SIGNATURE[0]!, at)) !== -1) {
    if (!hasSignature(bytes, at)) {
      at++;
      continue;
    }
    const start = wrappedFrom(bytes, at, found.at(-1)?.end ?? 0);
    const length = tokenLength(bytes, start);
    const end = Math.min(bytes.length, start + Math.max(length ?? 32, 12));
    found.push({ start, end });
    at = Math.max(end, at + SIGNATURE.length);
  }
  return found;
}

/** Returns the start of the SPNEGO token around a message, or of the message itself if it is raw. */
function wrappedFrom(bytes: Uint8Array, message: number, after: number): number {
  for (let start = Math.max(after, message - 160); start < message; start++) {
    if (!isSpnego(bytes, start)) continue;
    const length = tokenLength(bytes, start);
    if (length !== undefined && start + length > message + 12) return start;
  }
  return message;
}
