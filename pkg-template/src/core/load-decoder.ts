import type { DecodedNode, Finding } from '../decoded.js';
import { explain, initSync } from './generated/explain.js';
import { wasm } from './generated/explain-wasm.js';

/** The decoder's explanation of a token (`Explanation` in src/explain/mod.rs). */
export interface Explanation {
  type: 1 | 2 | 3 | null | 'spnego';
  findings: Finding[];
  tree: DecodedNode;
}

export interface Decoder {
  /** Explains a token; undefined if the bytes do not start like one. Earlier tokens that are absent are passed as empty. */
  explain(token: Uint8Array, negotiate: Uint8Array, challenge: Uint8Array, now?: number): Explanation | undefined;
}

let started = false;

/** Returns the decoder. It is a separate module, compiled on first use, so programs that only authenticate do not load it. */
export function loadDecoder(): Decoder {
  if (!started) {
    initSync({ module: wasm() });
    started = true;
  }
  return { explain };
}
