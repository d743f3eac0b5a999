/** The bytes of an inlined module. Node, Deno and Bun have a fast base64 decoder. */
export function bytesOf(base64: string): Uint8Array {
  if (globalThis.Buffer !== undefined) return globalThis.Buffer.from(base64, 'base64');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
