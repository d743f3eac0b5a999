// As much of ASN.1 BER as LDAP needs (RFC 4511, 5.1): definite lengths, low tag numbers.

export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const ENUMERATED = 0x0a;
export const SEQUENCE = 0x30;

export function tlv(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const head = body.length < 128 ? Buffer.from([tag, body.length]) : Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  if (head.length > 2) head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

export const number = (tag, value) => tlv(tag, Buffer.from([value]));

/** Reads one element: { tag, body, end }, or undefined while it has not arrived whole. */
export function read(bytes, at = 0) {
  if (bytes.length < at + 2) return undefined;
  let [start, length] = [at + 2, bytes[at + 1]];
  if (length & 0x80) {
    const size = length & 0x7f;
    if (bytes.length < start + size) return undefined;
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  const end = start + length;
  return bytes.length < end ? undefined : { tag: bytes[at], body: bytes.subarray(start, end), end };
}

export function children(bytes) {
  const all = [];
  for (let at = 0; at < bytes.length; at = all.at(-1).end) all.push(read(bytes, at));
  return all;
}
