// Ways through a tree of nodes.

import type { DecodedNode } from 'ntlm-wasm';

/** The nodes from the root, left out, down to the one with an id; empty if there is none. */
export function pathTo(tree: DecodedNode, id: string | undefined): DecodedNode[] {
  if (id === undefined) return [];
  for (const child of tree.children) {
    if (child.id === id) return [child];
    const rest = id.startsWith(`${child.id}.`) ? pathTo(child, id) : [];
    if (rest.length > 0) return [child, ...rest];
  }
  return [];
}

/** The smallest node that a byte belongs to. */
export function nodeAt(tree: DecodedNode, at: number): DecodedNode {
  const child = tree.children.find(({ start, end }) => start <= at && at < end);
  return child === undefined ? tree : nodeAt(child, at);
}

/** The nodes that can be seen, from top to bottom. */
export function visible(tree: DecodedNode, open: ReadonlySet<string>): DecodedNode[] {
  return tree.children.flatMap((child) => [child, ...(open.has(child.id) ? visible(child, open) : [])]);
}

const OPEN: ReadonlySet<string> = new Set(['targetInfo', 'ntChallengeResponse', 'avPairs']);

/** What is open at first: what holds names and attributes, down to the message within SPNEGO. */
export function openAtFirst(tree: DecodedNode): Set<string> {
  const open = new Set<string>();
  const visit = (node: DecodedNode) => {
    for (const child of node.children) {
      const name = child.id.slice(child.id.lastIndexOf('.') + 1);
      const frame =
        child.value === null && !name.endsWith('Fields') && child.children.some((inner) => inner.value === null);
      if (frame || OPEN.has(name)) open.add(child.id);
      visit(child);
    }
  };
  visit(tree);
  return open;
}
