// Ways through a tree of nodes.

import type { DecodedNode } from 'ntlm-wasm';

/** The nodes below the root, down to the one with an id; empty if there is none. */
export function pathTo(tree: DecodedNode, id: string | undefined): DecodedNode[] {
  if (id === undefined) return [];
  for (const child of tree.children) {
    if (child.id === id) return [child];
    const rest = id.startsWith(`${child.id}.`) ? pathTo(child, id) : [];
    if (rest.length > 0) return [child, ...rest];
  }
  return [];
}

/** The smallest node that contains a byte. */
export function nodeAt(tree: DecodedNode, at: number): DecodedNode {
  const child = tree.children.find(({ start, end }) => start <= at && at < end);
  return child === undefined ? tree : nodeAt(child, at);
}

/** The visible nodes, from top to bottom. */
export function visible(tree: DecodedNode, open: ReadonlySet<string>): DecodedNode[] {
  return tree.children.flatMap((child) => [child, ...(open.has(child.id) ? visible(child, open) : [])]);
}

/** All nodes, parents first. */
export function flat(tree: DecodedNode): DecodedNode[] {
  return tree.children.flatMap((child) => [child, ...flat(child)]);
}

const OPEN: ReadonlySet<string> = new Set(['targetInfo', 'ntChallengeResponse', 'avPairs']);

/** What is open at first: names and attributes, down to the message within SPNEGO. */
export function openAtFirst(tree: DecodedNode): Set<string> {
  const open = new Set<string>();
  const visit = (node: DecodedNode) => {
    for (const child of node.children) {
      const name = child.id.slice(child.id.lastIndexOf('.') + 1);
      const isFrame =
        child.value === null && !name.endsWith('Fields') && child.children.some((inner) => inner.value === null);
      if (isFrame || OPEN.has(name)) open.add(child.id);
      visit(child);
    }
  };
  visit(tree);
  return open;
}

/** Whether a node only says where another one is. Readers of values do not need it. */
export function isOffset({ id }: DecodedNode): boolean {
  return id.endsWith('Fields');
}

/** The tree with only those nodes that contain a text, and their parents. Without a text, all nodes. */
export function filtered(tree: DecodedNode, text: string): DecodedNode {
  if (text === '') return tree;
  const wanted = text.toLowerCase();
  const matches = ({ label, value, meaning, sensitive }: DecodedNode) =>
    [label, meaning, sensitive === true ? '' : String(value ?? '')].some((part) => part.toLowerCase().includes(wanted));
  const children = tree.children.flatMap((child) => {
    const inner = filtered(child, text);
    return inner.children.length > 0 || matches(child) ? [inner] : [];
  });
  return { ...tree, children };
}
