import type { Decoded } from '../../decoded.js';
import { type Dress, printable } from './terminal.js';

type Node = Decoded['tree'];

export interface PrintOptions {
  readonly dress: Dress;
  /** Hide what could be used to search for the password. */
  readonly masked: boolean;
  /** Show lengths and offsets too. */
  readonly full: boolean;
}

const NAMES: Readonly<Record<string, string>> = {
  1: 'NEGOTIATE_MESSAGE',
  2: 'CHALLENGE_MESSAGE',
  3: 'AUTHENTICATE_MESSAGE',
  spnego: 'SPNEGO token',
};
const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan' } as const;
/** Where things lie and how long they are, which matters only when something is wrong with it. */
const BOOKKEEPING = new Set(['Len', 'MaxLen', 'BufferOffset', 'AvId', 'AvLen', 'Value']);
/** Longer values are cut: they are there in full in the JSON. */
const LONGEST_VALUE = 64;

/** A token as a person reads it: where it was, what stands where, and what is odd about it. */
export function decodedText({ type, source, tree, findings }: Decoded, options: PrintOptions): string {
  const { dress } = options;
  const place = [source.header, source.scheme].filter((part) => part !== '').join(': ');
  const name = NAMES[String(type)] ?? 'a message of no known type';
  const lines = [
    `${dress('bold', name)}, ${tree.end - tree.start} bytes${place === '' ? '' : `, in ${printable(place)}`}`,
  ];
  for (const child of tree.children) addNode(lines, child, 0, options);
  for (const { severity, text, id } of findings) {
    lines.push(`  ${dress(COLOURS[severity], `${severity}:`)} ${printable(text)} ${dress('dim', `(${id})`)}`);
  }
  return `${lines.join('\n')}\n`;
}

function addNode(lines: string[], node: Node, depth: number, options: PrintOptions): void {
  const { dress, masked, full } = options;
  if (!full && BOOKKEEPING.has(node.label) && node.problem === undefined && node.children.length === 0) return;
  const hidden = masked && node.sensitive === true;
  const value = hidden ? ': (hidden)' : node.value === null ? '' : `: ${shortened(printable(String(node.value)))}`;
  const meaning = node.meaning === '' ? '' : dress('dim', `  ${printable(node.meaning)}`);
  const problem = node.problem === undefined ? '' : dress('red', `  ${printable(node.problem)}`);
  const range = dress('dim', `${offset(node.start)}-${offset(node.end)}`);
  lines.push(`  ${range}  ${'  '.repeat(depth)}${node.label}${value}${meaning}${problem}`);
  for (const bit of node.bits ?? []) {
    if (bit.set)
      lines.push(`${' '.repeat(13)}${'  '.repeat(depth + 1)}${bit.name}${dress('dim', `  ${printable(bit.meaning)}`)}`);
  }
  // Of an NTLMv2 response only the proof is secret: what it was made over stands below, as the server's names and times.
  for (const child of node.children) addNode(lines, child, depth + 1, options);
}

function offset(position: number): string {
  return position.toString(16).padStart(4, '0');
}

function shortened(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
