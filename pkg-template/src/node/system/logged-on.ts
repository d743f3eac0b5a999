import { findAddon } from './load-addon.js';

/** What the system has may come and go (`kinit`), but not between the connections of one page. */
const MEMORY = 5_000;

/**
 * 'system', if the addon is installed and the user who is logged on could sign on somewhere; otherwise undefined. Asks
 * when it is called, since most programs never need to know. An answer counts for a few seconds.
 */
export function whoeverIsLoggedOn(): () => Promise<'system' | undefined> {
  let answer: { value: Promise<'system' | undefined>; time: number } | undefined;
  return () => {
    if (answer === undefined || Date.now() - answer.time > MEMORY) answer = { value: ask(), time: Date.now() };
    return answer.value;
  };
}

async function ask(): Promise<'system' | undefined> {
  const found = findAddon();
  if (!('addon' in found)) return undefined;
  const ways = await found.addon.survey().catch(() => []);
  return ways.some(({ available }) => available) ? 'system' : undefined;
}
