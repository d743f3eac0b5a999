import type { Decoded } from 'ntlm-wasm';
import { typeOf } from './tokens.js';

export function sentenceOf(tokens: readonly Decoded[]): string {
  const last = tokens.findLast((token) => typeOf(token) === 3) ?? tokens.at(-1);
  const who = last?.userName ? `${last.domainName}\\${last.userName} from ${last.workstation}` : 'Anonymous';
  return `${who}, ${last?.ntlmVersion ?? ''}, ${last?.mic === undefined ? 'no integrity code' : 'integrity code present'}`;
}
