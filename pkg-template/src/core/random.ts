/** A source of random bytes given by the caller, for tests that must repeat. */
export type RandomSource = ((length: number) => Uint8Array) | undefined;

/** Fetched ahead, as each call for randomness costs as much as half a handshake. */
const pool = new Uint8Array(4096);
let left = 0;
let source: RandomSource;

/** Says where the next call into the core takes its randomness from. */
export function drawFrom(given: RandomSource): void {
  source = given;
}

/** What the core calls for random bytes. Fills a view of the module's memory, says whether it could, and never throws. */
export function fillRandomly(bytes: Uint8Array): boolean {
  try {
    if (source === undefined) fromPool(bytes);
    else fromCaller(bytes, source);
    return true;
  } catch {
    return false;
  }
}

function fromPool(bytes: Uint8Array): void {
  if (left < bytes.length) {
    globalThis.crypto.getRandomValues(pool);
    left = pool.length;
  }
  // Taken bytes are wiped: some of them are session keys.
  const start = left - bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = pool[start + i] ?? 0;
    pool[start + i] = 0;
  }
  left = start;
}

function fromCaller(bytes: Uint8Array, given: (length: number) => Uint8Array): void {
  const { length } = bytes;
  const fresh = given(length);
  if (!(fresh instanceof Uint8Array) || fresh.length !== length) throw new TypeError('not so many bytes');
  bytes.set(fresh);
}
