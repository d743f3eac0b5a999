import { type Conversation, type ConversationFinding, messageType } from '../../conversations.js';
import type { Decoded, Finding, Severity } from '../../decoded.js';
import { wrapped } from './arguments.js';
import { type Dress, printable } from './terminal.js';

type Node = Decoded['tree'];

export interface PrintOptions {
  readonly dress: Dress;
  /** Hide what could be used to search for the password. */
  readonly masked: boolean;
  /** Print offsets, lengths, padding and every flag too. */
  readonly all: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const NAMES: Readonly<Record<number, string>> = {
  0: 'NTLM message of unknown type',
  1: 'NEGOTIATE_MESSAGE',
  2: 'CHALLENGE_MESSAGE',
  3: 'AUTHENTICATE_MESSAGE',
};
const COLOURS = { broken: 'red', dangerous: 'red', weak: 'yellow', note: 'cyan' } as const;
/** Positions, lengths and constants, which matter only if something is wrong with them. */
const BOOKKEEPING =
  /^(?:Len|MaxLen|BufferOffset|AvId|AvLen|Value|Signature|MessageType|\w+Fields|Reserved.*|RespType|HiRespType|Product\w+|NTLMRevisionCurrent|Size|Z4|MsvAvEOL|padding|tag and length)$/;
/** Longer values are cut; the JSON has them in full. */
const LONGEST_VALUE = 64;
/** So many conversations are listed first. */
const FEW = 3;

/** What an input holds: one sentence a conversation, then its findings, then its tokens. */
export function conversationsText(conversations: readonly Conversation[], options: PrintOptions): string {
  const { dress, width } = options;
  const many = conversations.length > FEW;
  const numbered = conversations.map(({ summary }, index) => {
    const number = many ? `${index + 1}. ` : '';
    return `${number}${dress('bold', wrapped(printable(summary), number.length, width).trimStart())}`;
  });
  const overview = many ? [`${conversations.length} conversations\n\n${numbered.join('\n')}\n`] : [];
  const details = conversations.map((conversation, index) => {
    const parts = [
      numbered[index]!,
      ...conversation.findings.map((finding) => findingText(finding, conversation, options)),
    ];
    return [`${parts.join('\n')}\n`, ...conversation.tokens.map((token) => tokenText(token, options))].join('\n');
  });
  return [...overview, ...details].join('\n');
}

/** A severity in its colour. */
export function severityText(severity: Severity, dress: Dress): string {
  return dress(COLOURS[severity], severity);
}

function findingText(finding: ConversationFinding, { tokens }: Conversation, { dress, width }: PrintOptions): string {
  const { severity, text, advice, id, token } = finding;
  const type = tokens.length > 1 ? messageType(tokens[token]!) : undefined;
  const where = type === undefined || type === 0 ? '' : `message ${type}: `;
  const indent = 12;
  const lines = [
    `  ${dress(COLOURS[severity], severity.padEnd(9))} ${wrapped(printable(`${where}${text} (${id})`), indent, width).trimStart()}`,
  ];
  if (advice !== 'nothing to do') lines.push(dress('dim', wrapped(printable(`→ ${advice}`), indent, width)));
  return lines.join('\n');
}

function tokenText(token: Decoded, options: PrintOptions): string {
  const { dress, width } = options;
  const { source, tree, type } = token;
  const kind = messageType(token);
  const name = kind === undefined ? 'SPNEGO token' : `${NAMES[kind]}${type === 'spnego' ? ' in SPNEGO' : ''}`;
  const size = source.form === 'hashcat' ? 'from a hashcat line' : `${tree.end - tree.start} bytes`;
  const { header, scheme, wrapping, protocol, status, time, url } = source;
  const context = [
    [header, scheme].filter((part) => part !== '').join(': '),
    protocol ?? '',
    status === undefined ? '' : `status ${status}`,
    time === undefined ? '' : time,
    url ?? '',
    wrapping.length === 0 ? '' : `unwrapped: ${wrapping.join(', ')}`,
  ].filter((part) => part !== '');
  const lines = [`${dress('bold', name)}, ${size}`];
  if (context.length > 0) lines.push(dress('dim', wrapped(printable(context.join('; ')), 2, width)));
  for (const child of tree.children) addNode(lines, child, 0, options);
  return `${lines.join('\n')}\n`;
}

function isFolded(node: Node): boolean {
  if (node.problem !== undefined) return false;
  return BOOKKEEPING.test(node.label);
}

function addNode(lines: string[], node: Node, depth: number, options: PrintOptions): void {
  const { dress, masked, all, width } = options;
  if (!all && isFolded(node)) return;
  const front = all ? `${offset(node.start)}-${offset(node.end)}  ` : '';
  const indent = 2 + front.length + 2 * depth;
  const hidden = masked && node.sensitive === true;
  const isFlags = node.bits !== undefined;
  const value = hidden
    ? '(hidden)'
    : node.value === null || (isFlags && !all)
      ? ''
      : shortened(printable(String(node.value)));
  const about = all ? node.meaning : node.meaning.replace(/^\d+ ticks of 100 ns since 1601(?:; )?/, '');
  const meaning = about === value ? '' : printable(about);
  const text = [value, meaning === '' ? '' : value === '' ? meaning : `(${meaning})`]
    .filter((part) => part !== '')
    .join(' ');
  const problem = node.problem === undefined ? '' : ` ${printable(node.problem)}`;
  // Hanging, so that labels stand out.
  const body = wrapped(`${node.label}${text === '' ? '' : `: ${text}`}`, indent + 4, width).trimStart();
  lines.push(`  ${dress('dim', front)}${'  '.repeat(depth)}${body}${dress('red', problem)}`);
  if (all) {
    for (const { set, name, meaning: flag } of node.bits ?? []) {
      const line = wrapped(`${set ? '+' : '-'} ${name}: ${printable(flag)}`, indent + 4, width).trimStart();
      lines.push(`${' '.repeat(indent + 2)}${set ? line : dress('dim', line)}`);
    }
  }
  // Only the proof of an NTLMv2 response is secret: the rest is the server's names and times.
  for (const child of node.children) addNode(lines, child, depth + 1, options);
}

function offset(position: number): string {
  return position.toString(16).padStart(4, '0');
}

function shortened(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}

/** A finding in one line, for logs. */
export function findingLine({ severity, text, id }: Finding): string {
  return `${severity}: ${text} (${id})`;
}
