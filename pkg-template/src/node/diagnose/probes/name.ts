import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { firstHop, type Observations, troubleOf } from '../observations.js';
import { Failed, inTime, Skipped } from '../probe.js';

/** The addresses of the first hop. */
export async function name(seen: Observations, signal: AbortSignal): Promise<string> {
  const hop = firstHop(seen);
  if (hop === undefined) throw new Skipped('there is no way to go');
  if (isIP(hop.host) !== 0) throw new Skipped(`${hop.host} is an address already`);
  try {
    const start = performance.now();
    const found = await inTime(lookup(hop.host, { all: true }), signal);
    const addresses = found.map(({ address }) => address).join(', ');
    return `${hop.host} is ${addresses} (${Math.round(performance.now() - start)} ms)`;
  } catch (error) {
    seen.nameTrouble = troubleOf(error);
    throw new Failed(`${hop.host}: ${seen.nameTrouble.code}`);
  }
}
