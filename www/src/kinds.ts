import type { DecodedNode } from 'ntlm-wasm';

/** What the bytes of a field are for. The colors of the bytes follow it. */
export type Kind = 'structure' | 'flags' | 'text' | 'time' | 'proof' | 'binding' | 'version';

export const KINDS: readonly (readonly [Kind, string])[] = [
  ['structure', 'structure'],
  ['flags', 'flags'],
  ['text', 'names'],
  ['time', 'time'],
  ['proof', 'challenge, response'],
  ['binding', 'binding'],
  ['version', 'version'],
];

const PATTERNS: readonly (readonly [RegExp, Kind])[] = [
  [/flags/i, 'flags'],
  [/timestamp|timeStamp/, 'time'],
  [/version/i, 'version'],
  [/channelBindings|singleHost/, 'binding'],
  [/challenge|response|proof|mic$|mechListMIC|session|key/i, 'proof'],
  [/name|user|domain|workstation|computer|tree|target/i, 'text'],
];

/** Names of bytes that only frame others, whatever contains them. */
const FRAME =
  /^(?:signature|messageType|length|maxLength|offset|id|avId|avLen|tag|header|padding|reserved\d*|eol|resp.*|hi.*)$/i;

/** The kind of the smallest field that contains a byte. */
export function kindOf(node: DecodedNode): Kind {
  const names = node.id.split('.');
  const last = names.at(-1) ?? '';
  if (FRAME.test(last) || last.endsWith('Fields')) return 'structure';
  for (const name of names.toReversed()) {
    const found = PATTERNS.find(([pattern]) => pattern.test(name));
    if (found !== undefined && !name.endsWith('Fields')) return found[1];
  }
  return 'structure';
}
