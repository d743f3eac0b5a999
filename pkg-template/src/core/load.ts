import { Exchange } from './exchange.js';
import { Core, instantiate } from './generated/tokens.js';
import { hex } from './generated/tokens-wasm.js';

/** The protocol core, what passes its border, and what gives up things in it that nobody can reach any more. */
export interface Loaded {
  core: Core;
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
  const memory = instantiate(decodeHex(hex));
  const core = new Core();
  const registry = new FinalizationRegistry<number>((handle) => core.close(handle));
  const own = (owner: object, handle: number) => {
    registry.register(owner, handle);
    return handle;
  };
  return { core, exchange: new Exchange(core, memory), own };
}

/** Node, Deno and Bun have a decoder that takes a tenth of the loop's time, which counts at the start of a program. */
function decodeHex(text: string): Uint8Array {
  if (globalThis.Buffer !== undefined) return globalThis.Buffer.from(text, 'hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

/** The value of a lower-case hexadecimal digit. */
function digit(code: number): number {
  return code < 0x60 ? code - 0x30 : code - 0x57;
}
