/** What every copy of this package in one process shares: the ES module, the CommonJS build, several versions. */
export interface SharedState {
  [name: string]: unknown;
}

/** The number changes with the meaning of what is stored. */
const KEY = Symbol.for('ntlm-wasm.state.1');

/** One object for the whole process, whichever copy of the package asks for it. */
export function sharedState(): SharedState {
  const globals = globalThis as { [KEY]?: SharedState };
  return (globals[KEY] ??= {});
}
