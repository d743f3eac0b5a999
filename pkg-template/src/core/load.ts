import * as generated from './generated/tokens.js';
import { base64 } from './generated/tokens-wasm.js';

let loaded = false;

/**
 * The protocol core. Its WebAssembly is part of this file's import and gets compiled at the first call, synchronously:
 * nobody has to wait for an initialisation, and who never makes a token never pays for it.
 */
export function core(): typeof generated {
  if (!loaded) {
    generated.instantiate(decodeBase64(base64));
    loaded = true;
  }
  return generated;
}

function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
