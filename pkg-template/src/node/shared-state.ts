/** The state shared by all copies of this package in one process: ES module, CommonJS build and other versions. */
export interface SharedState {
  [name: string]: unknown;
}

/** The number changes when the stored structure changes. */
const KEY = Symbol.for('ntlm-wasm.state.1');

/** Returns the one state object of the process. */
export function sharedState(): SharedState {
  const globals = globalThis as { [KEY]?: SharedState };
  return (globals[KEY] ??= {});
}
