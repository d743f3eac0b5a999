import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The long form of these tests is for a quiet evening: `NTLM_SOAK=long node --test tests/js/soak`. */
export const long = process.env.NTLM_SOAK === 'long';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc');

/** What is in use and cannot be freed, in MiB. */
export function memory() {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / (1 << 20);
}

/** Open descriptors of this process, where the system reports them. */
export function descriptors() {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : undefined;
}

/** Numbers that look random and are the same in every run. */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
