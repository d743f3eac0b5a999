/** The CHALLENGE_MESSAGE that all implementations answer: 226 bytes, with four names and a timestamp, as a domain member sends it. */

const FLAGS = 0xa2898205; // Unicode, REQUEST_TARGET, NTLM, ALWAYS_SIGN, TARGET_TYPE_DOMAIN, ESS, TARGET_INFO, VERSION, 128, 56
const AV_PAIRS = [
  [2, utf16('CORPLAB')],
  [1, utf16('PROXY01')],
  [4, utf16('corplab.example')],
  [3, utf16('proxy01.corplab.example')],
  [7, now()],
  [0, Buffer.alloc(0)],
];

/** FILETIME: gss-ntlmssp answers no challenge that is more than minutes old. */
function now() {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Date.now()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

/** The message in base64. */
export function challenge() {
  const name = utf16('CORPLAB');
  const info = Buffer.concat(AV_PAIRS.flatMap(([id, value]) => [u16(id), u16(value.length), value]));
  const header = Buffer.alloc(56);
  header.write('NTLMSSP\0', 'latin1');
  header.writeUInt32LE(2, 8);
  field(header, 12, name.length, header.length);
  header.writeUInt32LE(FLAGS, 20);
  header.write('0123456789abcdef', 24, 'hex');
  field(header, 40, info.length, header.length + name.length);
  header.write('0a00614a0000000f', 48, 'hex');
  return Buffer.concat([header, name, info]).toString('base64');
}

function utf16(text) {
  return Buffer.from(text, 'utf16le');
}

function u16(value) {
  return Buffer.from([value & 0xff, value >> 8]);
}

function field(header, at, length, offset) {
  header.writeUInt16LE(length, at);
  header.writeUInt16LE(length, at + 2);
  header.writeUInt32LE(offset, at + 4);
}
