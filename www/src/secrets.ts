// What could serve to try passwords or to read a session: not shown to whoever looks over a shoulder, until asked for.

import type { DecodedNode } from 'ntlm-wasm';

/** Stands for what is not shown. */
export const HIDDEN = 'hidden';

/** The bytes that are hidden: those of marked nodes, but of a response only the parts that are marked themselves. */
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
