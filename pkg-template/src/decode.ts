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
import { fromBase64, toHex } from './unwrap/binary.js';
import { NO_CONTEXT } from './unwrap/context.js';
import { unwrap } from './unwrap/index.js';
import { isToken, isWhole } from './unwrap/token.js';

/**
 * Decodes and explains an NTLM or SPNEGO token.
 *
 * The input is the token as bytes or text, or something that contains it: a header line, `curl -v` output, a HAR file or a
 * packet capture. The first token is used. Damaged tokens are decoded up to the damage.
 *
 * The password can be guessed offline from a response in message 3, so treat the result as sensitive.
 *
 * @throws {NtlmError} `ERR_NTLM_NOT_NTLM` if the input contains no token.
 * @example
 * const { type, userName, findings } = decode('Authorization: NTLM TlRMTVNTUAADAAAAGAAYAHgAAAAYABgA…');
 */
export function decode(token: string | Uint8Array, options: DecodeOptions = {}): Decoded {
  const found = first(token);
  if (found === undefined) {
    const advice = 'pass base64, hexadecimal, bytes or a header line, with the whole token';
    throw new NtlmError('ERR_NTLM_NOT_NTLM', 'there is no NTLM or Negotiate token in this', { advice });
  }
  return explained(found, options);
}

/** Explains a token that was found in the input. */
export function explained(found: FoundToken, options: DecodeOptions = {}): Decoded {
  const earlier = (given: string | Uint8Array | undefined) =>
    given === undefined ? NOTHING : (first(given)?.bytes ?? NOTHING);
  const { bytes: token, ...source } = found;
  const { type, findings, tree } = loadDecoder().explain(
    token,
    earlier(options.negotiate),
    earlier(options.challenge),
    options.now?.getTime(),
  )!;
  const bytes = toHex(token);
  const sure = found.form === 'hashcat' ? findings.filter(({ id }) => OF_RESPONSES.has(id)) : findings;
  const common: Explained = { source, bytes, findings: sure, tree };
  if (type !== 'spnego') return { ...common, type, ...fieldsOf(tree, bytes) };
  const message = innerMessage(tree);
  return {
    ...common,
    type,
    ...spnegoFields(tree),
    ...(message === undefined ? {} : fieldsOf(message.node, bytes)),
    messageType: message?.type,
  };
}

/**
 * Finds all tokens in the input, in order, with their context: header, sender, connection, status and time.
 *
 * The input is text, a log, a HAR file, a Fiddler archive or a packet capture. Escapes, line breaks, encodings and archives
 * are decoded.
 *
 * @example
 * for (const { scheme, sender, bytes } of findTokens(await readFile('proxy.log'))) console.log(scheme, sender, bytes.length);
 */
export function findTokens(input: string | Uint8Array): FoundToken[] {
  return unwrap(bytesOf(input)).tokens;
}

/** The findings that apply to a hashcat line: it has the responses, but neither flags nor a message integrity code. */
const OF_RESPONSES = new Set([
  'ntlmv1',
  'ntlm2-session',
  'lm-response',
  'lmv2-response',
  'known-challenge',
  'clock-skew',
]);

const NOTHING = new Uint8Array();
const STATES = ['accept-completed', 'accept-incomplete', 'reject', 'request-mic'] as const;

function first(input: string | Uint8Array): FoundToken | undefined {
  // The usual case needs no search.
  if (typeof input === 'string' && input.startsWith('TlRMTVNTUA')) {
    const bytes = fromBase64(input);
    if (bytes !== undefined && isToken(bytes) && isWhole(bytes)) return { ...PLAIN, bytes, end: input.length };
  }
  return findTokens(input)[0];
}

const PLAIN = { ...NO_CONTEXT, form: 'base64', header: '', scheme: '', start: 0 } as const;

export function bytesOf(input: string | Uint8Array): Uint8Array {
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

/** Returns the NTLM message in a tree, and its type. */
function innerMessage(tree: DecodedNode): { node: DecodedNode; type: 1 | 2 | 3 | null } | undefined {
  for (const node of tree.children) {
    const name = nameOf(node);
    if (name in MESSAGES) return { node, type: MESSAGES[name as keyof typeof MESSAGES] };
    const deeper = innerMessage(node);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** Returns the fields of a message from its tree. `bytes` is the token in hexadecimal. */
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
  const version = responseVersion((fields.ntChallengeResponse?.length ?? 0) / 2, fields.negotiateFlags ?? 0);
  if (version !== undefined) fields.ntlmVersion = version;
  return fields;
}

const EXTENDED_SESSION_SECURITY = 0x8_0000;

/** Returns the response version for a response length (MS-NLMP 2.2.2). */
function responseVersion(length: number, flags: number): MessageFields['ntlmVersion'] {
  if (length > 24) return 'NTLMv2';
  if (length < 24) return undefined;
  return flags & EXTENDED_SESSION_SECURITY ? 'NTLM2 session' : 'NTLMv1';
}

function targetInfo(pairs: DecodedNode, hex: (node: DecodedNode) => string): TargetInfo {
  const info: Record<string, string | number> = {};
  for (const pair of pairs.children) {
    const name = nameOf(pair);
    const value = pair.children[2];
    if (name === 'eol' || name.includes('@')) continue;
    // An attribute without a text value is reported as bytes.
    info[name] = pair.value ?? (value === undefined ? '' : hex(value));
  }
  return info as TargetInfo;
}

/** Returns the last part of an id: the name among its siblings. */
function nameOf({ id }: DecodedNode): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
