/** Key schedules: anyone who finds one of these has the key, or its equivalent. */

/** The 256 bytes of RC4's permutation as a key sets it up, before the first byte of the stream. */
export function rc4Permutation(key) {
  const state = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i] + key[i % key.length]) & 0xff;
    [state[i], state[j]] = [state[j], state[i]];
  }
  return state;
}

/** HMAC-MD5 keeps the state of MD5 after the first block, which is the key with 0x36 or 0x5c on each byte (RFC 2104). */
export function hmacMd5States(key) {
  return [0x36, 0x5c].map((pad) =>
    md5State(Buffer.concat([key, Buffer.alloc(64 - key.length)]).map((byte) => byte ^ pad)),
  );
}

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const CONSTANTS = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** The state of MD5 behind one block of 64 bytes (RFC 1321 3.4). Node gives out finished digests only. */
export function md5State(block) {
  const start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  const words = Array.from({ length: 16 }, (_, i) => block.readUInt32LE(4 * i));
  let [a, b, c, d] = start;
  for (let i = 0; i < 64; i++) {
    const [mix, word] = [
      [(b & c) | (~b & d), i],
      [(d & b) | (~d & c), 5 * i + 1],
      [b ^ c ^ d, 3 * i + 5],
      [c ^ (b | ~d), 7 * i],
    ][i >> 4];
    const sum = (a + mix + CONSTANTS[i] + words[word % 16]) | 0;
    const shift = SHIFTS[i >> 4][i % 4];
    [a, b, c, d] = [d, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0, b, c];
  }
  const state = Buffer.alloc(16);
  [a, b, c, d].forEach((value, i) => state.writeUInt32LE((value + start[i]) >>> 0, 4 * i));
  return state;
}
