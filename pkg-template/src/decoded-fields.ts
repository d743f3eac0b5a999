import { type DecodedNode, nameOf } from './decoded-node.js';

/** The attributes of a server, as it tells them or as a client gives them back (MS-NLMP 2.2.2.1). */
export interface TargetInfo {
  nbComputerName?: string;
  nbDomainName?: string;
  dnsComputerName?: string;
  dnsDomainName?: string;
  dnsTreeName?: string;
  flags?: number;
  /** In ISO 8601. */
  timestamp?: string;
  /** In hexadecimal. */
  singleHost?: string;
  targetName?: string;
  /** In hexadecimal. */
  channelBindings?: string;
}

/** The fields of the messages under their names in MS-NLMP 2.2.1; undefined where a message has none. */
export interface MessageFields {
  negotiateFlags?: number | undefined;
  /** Such as `10.0.26100`. */
  version?: string | undefined;
  targetName?: string | undefined;
  serverChallenge?: string | undefined;
  /** In message 3: what the client gave back within its NTLMv2 response. */
  targetInfo?: TargetInfo | undefined;
  domainName?: string | undefined;
  userName?: string | undefined;
  workstation?: string | undefined;
  lmChallengeResponse?: string | undefined;
  ntChallengeResponse?: string | undefined;
  encryptedRandomSessionKey?: string | undefined;
  mic?: string | undefined;
  /** The kind of the response in message 3; undefined if there is none. */
  ntlmVersion?: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2' | undefined;
}

const MESSAGES = { negotiateMessage: 1, challengeMessage: 2, authenticateMessage: 3, unknownMessage: null } as const;
const TEXTS = ['version', 'targetName', 'domainName', 'userName', 'workstation'] as const;
const BYTES = [
  'serverChallenge',
  'lmChallengeResponse',
  'ntChallengeResponse',
  'encryptedRandomSessionKey',
  'mic',
] as const;

/** The message of NTLM within a tree, and its type. */
export function innerMessage(tree: DecodedNode): { node: DecodedNode; type: 1 | 2 | 3 | null } | undefined {
  for (const node of tree.children) {
    const name = nameOf(node);
    if (name in MESSAGES) return { node, type: MESSAGES[name as keyof typeof MESSAGES] };
    const deeper = innerMessage(node);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** The fields of a message, read off its tree. `bytes` is the token in hexadecimal. */
export function fieldsOf(message: DecodedNode, bytes: string): MessageFields {
  const nodes = new Map(message.children.map((node) => [nameOf(node), node]));
  const hex = ({ start, end }: DecodedNode) => bytes.slice(2 * start, 2 * end);
  const fields: MessageFields = {};
  for (const name of TEXTS) {
    const value = nodes.get(name)?.value;
    if (typeof value === 'string') fields[name] = value;
  }
  for (const name of BYTES) {
    const node = nodes.get(name);
    if (node !== undefined) fields[name] = hex(node);
  }
  const flags = nodes.get('negotiateFlags')?.value;
  if (typeof flags === 'number') fields.negotiateFlags = flags;
  const response = nodes.get('ntChallengeResponse');
  const pairs = nodes.get('targetInfo') ?? response?.children.find((node) => nameOf(node) === 'avPairs');
  if (pairs !== undefined && pairs.start < pairs.end) fields.targetInfo = targetInfo(pairs, hex);
  if (response?.meaning.startsWith('NTLM') === true) {
    fields.ntlmVersion = (['NTLMv1', 'NTLM2 session', 'NTLMv2'] as const).find((name) =>
      response.meaning.startsWith(name),
    );
  }
  return fields;
}

function targetInfo(pairs: DecodedNode, hex: (node: DecodedNode) => string): TargetInfo {
  const info: Record<string, string | number> = {};
  for (const pair of pairs.children) {
    const name = nameOf(pair);
    const value = pair.children[2];
    if (name === 'eol' || name.includes('@')) continue;
    // An attribute without a value of its own is bytes.
    info[name] = pair.value ?? (value === undefined ? '' : hex(value));
  }
  return info as TargetInfo;
}
