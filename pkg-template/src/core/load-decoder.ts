import type { DecodedNode, Finding } from '../decoded.js';
import { explain, initSync } from './generated/explain.js';
import { wasm } from './generated/explain-wasm.js';

/** What the decoder says about a token (`Explanation` in src/explain/mod.rs). */
export interface Explanation {
  type: 1 | 2 | 3 | null | 'spnego';
  findings: Finding[];
  tree: DecodedNode;
}

export interface Decoder {
  /** Explains a token; undefined if the bytes do not begin as one. Empty means absent for the earlier tokens. */
  explain(token: Uint8Array, negotiate: Uint8Array, challenge: Uint8Array, now?: number): Explanation | undefined;
}

let started = false;

/** The decoder: a module of its own, compiled at the first call, so that programs that only authenticate do not load it. */
export function loadDecoder(): Decoder {
  if (!started) {
    initSync({ module: wasm() });
    started = true;
  }
  return { explain };
}
