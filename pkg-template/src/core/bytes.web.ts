const FIRST = 0x20;
/** What stands behind one of these is a rarer byte. */
const ESCAPES = [0x7d, 0x7e];
/** Characters that end texts, templates and scripts. */
const LEFT_OUT = '"$\'<\\`';

/**
 * The bytes of a module as it stands in the package for the web. The most frequent ones are a character each, and the text says
 * first which: so it is hardly longer than the bytes, and hardly longer when it is compressed on its way. (Base64 is by a
 * quarter, hexadecimal by a tenth.)
 */
export function bytesOf(text: string): Uint8Array {
  const alphabet: number[] = [];
  for (let code = FIRST; code < ESCAPES[0]!; code++) {
    if (!LEFT_OUT.includes(String.fromCharCode(code))) alphabet.push(code);
  }
  const frequent = alphabet.map((_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
  const rare = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !frequent.includes(byte));
  // By character, and by character behind an escape, which itself stands for the place where those begin.
  const values = new Uint16Array(3 * 128);
  alphabet.forEach((code, at) => {
    values[code] = frequent[at]!;
    values[128 + code] = rare[at]!;
    values[256 + code] = rare[alphabet.length + at] ?? 0;
  });
  values[ESCAPES[0]!] = 256 + 128;
  values[ESCAPES[1]!] = 256 + 256;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 2 * alphabet.length; at < text.length; at++) {
    let value = values[text.charCodeAt(at)]!;
    if (value > 255) value = values[value - 256 + text.charCodeAt(++at)]!;
    bytes[length++] = value;
  }
  return bytes.subarray(0, length);
}
