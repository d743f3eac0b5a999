import { initSync } from './generated/tokens.js';
import { wasm } from './generated/tokens-wasm.js';

let loaded = false;

/** Instantiates the protocol core. Its bytes are part of the import; the first call compiles them synchronously. */
export function load(): void {
  if (loaded) return;
  initSync({ module: wasm() });
  loaded = true;
}
