// Values from which the password can be guessed or a session read. They are hidden until requested.

import type { DecodedNode } from 'ntlm-wasm';

/** Replaces a hidden value. */
export const HIDDEN = 'hidden';

/** Returns which bytes are hidden: those of sensitive nodes without children. */
export function hiddenBytes(tree: DecodedNode): (at: number) => boolean {
  const ranges: [number, number][] = [];
  const visit = (node: DecodedNode) => {
    if (node.sensitive === true && node.children.length === 0) ranges.push([node.start, node.end]);
    node.children.forEach(visit);
  };
  visit(tree);
  return (at) => ranges.some(([start, end]) => start <= at && at < end);
}

export function hasSecrets(tree: DecodedNode): boolean {
  return tree.sensitive === true || tree.children.some(hasSecrets);
}
