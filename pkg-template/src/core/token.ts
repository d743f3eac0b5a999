import { bytesArgument, textArgument } from './arguments.js';
import { tokenIn } from './generated/tokens.js';
import { load } from './load.js';

/** Returns the bytes of a token that is given as bytes, in base64, or in a header value. */
export function tokenBytes(token: string | Uint8Array, name: string): Uint8Array {
  if (typeof token !== 'string') return bytesArgument(token, name);
  return bytesOfPlain(textArgument(token, name)) ?? tokenInText(token);
}

/** Looks for the token in the core, which knows headers, and which rejects everything else with a code. */
function tokenInText(text: string): Uint8Array {
  load();
  return tokenIn(text);
}

/**
 * Decodes text that consists of base64 alone, where the runtime has a fast decoder. That decoder skips other ASCII characters,
 * so the length shows whether there were any; it accepts the URL-safe alphabet and takes the low byte of non-ASCII characters.
 */
function bytesOfPlain(text: string): Uint8Array | undefined {
  if (globalThis.Buffer === undefined || Buffer.byteLength(text) !== text.length) return undefined;
  if (text.includes('-') || text.includes('_')) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
}
