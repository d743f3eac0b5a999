import { ntHash } from './generated/tokens.js';
import { load } from './load.js';

/** Computes the NT hash of any password, including those with lone surrogates, which generated passwords can contain. */
export function ntHashOf(password: string): Uint8Array {
  const units = Uint16Array.from({ length: password.length }, (_, i) => password.charCodeAt(i));
  load();
  const hash = ntHash(units);
  units.fill(0);
  return hash;
}
