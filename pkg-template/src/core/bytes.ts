const { Buffer } = globalThis;

/** Decodes base64. Node, Deno and Bun have a fast decoder. */
export function bytesOf(base64: string): Uint8Array {
  if (Buffer !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'));
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Encodes in base64. */
export function base64Of(bytes: Uint8Array): string {
  if (Buffer !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Returns the UTF-16 code units of a text, including lone surrogates, which generated passwords can contain. */
export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < units.length; i++) units[i] = text.charCodeAt(i);
  return units;
}
