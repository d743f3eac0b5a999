import { decodeHex } from './core/hex.js';
import { loadDecoder } from './core/load-decoder.js';
import type {
  Decoded,
  DecodedNode,
  DecodeOptions,
  Explained,
  FoundToken,
  MessageFields,
  TargetInfo,
} from './decoded.js';
import { NtlmError } from './errors.js';

/**
 * Explains a token: base64, hexadecimal, bytes, a header line, a log or dump that holds one; SPNEGO or raw. Damaged tokens are
 * explained as far as they go. Only what holds no token at all is an error: `ERR_NTLM_NOT_NTLM`.
 *
 * Responses in message 3 can be used to search for the password: do not show what it returns to everyone.
 */
export function decode(token: string | Uint8Array, options: DecodeOptions = {}): Decoded {
  const { explain, find } = loadDecoder();
  const [found] = find(bytesOf(token));
  const earlier = (given: string | Uint8Array | undefined) => (given === undefined ? NOTHING : first(given));
  const explanation =
    found &&
    explain(decodeHex(found.bytes), earlier(options.negotiate), earlier(options.challenge), options.now?.getTime());
  if (found === undefined || explanation === undefined) {
    const advice = 'pass base64, hexadecimal, bytes or a header line, with the whole token';
    throw new NtlmError('ERR_NTLM_NOT_NTLM', 'there is no NTLM or Negotiate token in this', { advice });
  }
  const { bytes, ...source } = found;
  const { type, findings, tree } = explanation;
  const explained: Explained = { source, bytes, findings, tree };
  if (type !== 'spnego') return { ...explained, type, ...fieldsOf(tree, explained.bytes) };
  const message = innerMessage(tree);
  return {
    ...explained,
    type,
    ...spnegoFields(tree),
    ...(message === undefined ? {} : fieldsOf(message.node, explained.bytes)),
    messageType: message?.type,
  };
}

/** All tokens of a text, a log, an archive of requests, a capture, in their order. */
export function findTokens(input: string | Uint8Array): FoundToken[] {
  const found = loadDecoder().find(bytesOf(input));
  return found.map((token) => ({ ...token, bytes: decodeHex(token.bytes) }));
}

const NOTHING = new Uint8Array();
const STATES = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'] as const;

function first(input: string | Uint8Array): Uint8Array {
  return findTokens(input)[0]?.bytes ?? NOTHING;
}

function bytesOf(input: string | Uint8Array): Uint8Array {
  if (typeof input === 'string') return new TextEncoder().encode(input);
  if (input instanceof Uint8Array) return input;
  const advice = 'see the documentation of decode';
  throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'the token must be a string or a Uint8Array', { advice });
}

function spnegoFields(tree: DecodedNode) {
  let node: DecodedNode | undefined = tree;
  for (const name of ['initialContextToken', 'negTokenInit', 'negTokenResp']) node = child(node, name) ?? node;
  const fields = child(node, 'fields');
  const text = (name: string) => {
    const value = child(fields, name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const state = child(fields, 'negState')?.value;
  const code = child(child(child(fields, 'mechListMIC'), 'octets'), 'content')?.value;
  const mechanisms = child(child(fields, 'mechTypes'), 'list')?.children.slice(1);
  return {
    mechTypes: mechanisms?.map(({ value }) => String(value)),
    negState: typeof state === 'number' ? STATES[state] : undefined,
    supportedMech: text('supportedMech'),
    mechListMIC: code === undefined ? undefined : String(code),
  };
}

function child(node: DecodedNode | undefined, name: string): DecodedNode | undefined {
  return node?.children.find((inner) => nameOf(inner) === name);
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
function innerMessage(tree: DecodedNode): { node: DecodedNode; type: 1 | 2 | 3 | null } | undefined {
  for (const node of tree.children) {
    const name = nameOf(node);
    if (name in MESSAGES) return { node, type: MESSAGES[name as keyof typeof MESSAGES] };
    const deeper = innerMessage(node);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** The fields of a message, read off its tree. `bytes` is the token in hexadecimal. */
function fieldsOf(message: DecodedNode, bytes: string): MessageFields {
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

/** The last part of an id: the name among siblings. */
function nameOf({ id }: DecodedNode): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
