/** A source of random bytes given by the caller, for tests that must repeat. */
export type RandomSource = ((length: number) => Uint8Array) | undefined;

/** The memory of the module, whose buffer is another one after it has grown. */
let memory: { readonly buffer: ArrayBuffer };
/** All of it: to make a view of each stretch would take longer than to fill it. */
let view = new Uint8Array();

/** Fetched ahead, as each call for randomness costs as much as half a handshake. */
const pool = new Uint8Array(4096);
let left = 0;
let source: RandomSource;

/** Says where the next call into the core takes its randomness from. */
export function drawFrom(given: RandomSource): void {
  source = given;
}

/** Says whose memory is to be filled. */
export function fillMemoryOf(module: { readonly buffer: ArrayBuffer }): void {
  memory = module;
}

/** What the core calls for random bytes. Fills a stretch of its memory, says whether it could, and never throws. */
export function fillRandomly(start: number, length: number): boolean {
  try {
    if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
    if (source === undefined) fromPool(start, length);
    else view.set(fromCaller(length, source), start);
    return true;
  } catch {
    return false;
  }
}

function fromPool(start: number, length: number): void {
  if (left < length) {
    globalThis.crypto.getRandomValues(pool);
    left = pool.length;
  }
  // Taken bytes are wiped: some of them are session keys.
  left -= length;
  for (let i = 0; i < length; i++) {
    view[start + i] = pool[left + i]!;
    pool[left + i] = 0;
  }
}

function fromCaller(length: number, given: (length: number) => Uint8Array): Uint8Array {
  const fresh = given(length);
  if (!(fresh instanceof Uint8Array) || fresh.length !== length) throw new TypeError('not so many bytes');
  return fresh;
}
