import { initSync } from './generated/tokens.js';
import { wasm } from './generated/tokens-wasm.js';

let loaded = false;

/** Instantiates the protocol core. It is part of the import and compiled synchronously at the first call. */
export function load(): void {
  if (loaded) return;
  initSync({ module: wasm() });
  loaded = true;
}
