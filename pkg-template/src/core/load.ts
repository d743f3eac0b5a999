import { Exchange } from './exchange.js';
import { Core, initSync, Operation } from './generated/tokens.js';
import { wasm } from './generated/tokens-wasm.js';
import { bytesOf } from './bytes.js';
import { fillMemoryOf } from './random.js';

/** What passes the border of the protocol core, and what gives up things in it that nobody can reach any more. */
export interface Loaded {
  exchange: Exchange;
  /** Has the core wipe and drop what a number stands for when `owner` is collected. */
  own(owner: object, handle: number): number;
}

let loaded: Loaded | undefined;

/**
 * The protocol core. Its WebAssembly is part of this file's import and gets compiled at the first call, synchronously:
 * nobody has to wait for an initialisation, and who never makes a token never pays for it.
 */
export function load(): Loaded {
  return (loaded ??= start());
}

function start(): Loaded {
  const { memory } = initSync({ module: bytesOf(wasm) });
  fillMemoryOf(memory);
  const core = new Core();
  const registry = new FinalizationRegistry<number>((handle) => core.call(Operation.Close, handle, 0, 0, 0));
  const own = (owner: object, handle: number) => {
    registry.register(owner, handle);
    return handle;
  };
  return { exchange: new Exchange(core, memory), own };
}
