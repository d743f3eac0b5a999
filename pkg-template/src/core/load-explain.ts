import { explain, find, initSync } from './generated/explain.js';
import { wasm } from './generated/explain-wasm.js';
import { bytesOf } from './bytes.js';
import { writeOut } from './words.js';

/** What the explaining decoder can do; its answers are JSON, in words. */
export interface Explainer {
  explain: typeof explain;
  find: typeof find;
}

let loaded: Explainer | undefined;

/** The explaining decoder: a module of its own, compiled at the first call. Who never decodes never pays for it. */
export function loadExplainer(): Explainer {
  if (loaded === undefined) {
    initSync({ module: bytesOf(wasm) });
    loaded = { explain: (...given) => writeOut(explain(...given)), find: (input) => writeOut(find(input)) };
  }
  return loaded;
}
