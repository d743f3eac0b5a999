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
