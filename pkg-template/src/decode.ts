import { decodeHex } from './core/hex.js';
import { loadExplainer } from './core/load-explain.js';
import { fieldsOf, innerMessage, type MessageFields } from './decoded-fields.js';
import { type DecodedNode, nameOf } from './decoded-node.js';
import { NtlmError } from './errors.js';

export type { DecodedNode } from './decoded-node.js';

/** Something damaged, weak or odd about a token. */
export interface Finding {
  /** Stable, such as `no-mic`. */
  id: string;
  severity: 'error' | 'warning' | 'note';
  text: string;
  /** The id of the node that it is about. */
  node: string;
}

/** Where a token was in what was given. */
export interface TokenSource {
  form: 'bytes' | 'base64' | 'hex';
  /** Where it begins, in bytes of the input (of its UTF-8, if that was text). */
  start: number;
  end: number;
  /** The header that it stands in, such as `WWW-Authenticate`; may be empty. */
  header: string;
  /** The scheme before it, such as `NTLM`; may be empty. */
  scheme: string;
}

interface Explained {
  source: TokenSource;
  /** The token in hexadecimal. */
  bytes: string;
  /** What is damaged, weak or odd, worst first. */
  findings: Finding[];
  tree: DecodedNode;
}

/** A message of NTLM; `type` is null if it says to be none of the three. */
export interface DecodedMessage extends Explained, MessageFields {
  type: 1 | 2 | 3 | null;
}

/** A token of SPNEGO, with the fields of the message of NTLM within it, if it holds one. */
export interface DecodedSpnego extends Explained, MessageFields {
  type: 'spnego';
  /** The type of the message within. */
  messageType: 1 | 2 | 3 | null | undefined;
  /** Object identifiers of the offered mechanisms, best first. */
  mechTypes: string[] | undefined;
  negState: 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic' | undefined;
  /** The object identifier of the chosen mechanism. */
  supportedMech: string | undefined;
  mechListMIC: string | undefined;
}

/** A token explained. Bytes are in hexadecimal, so that they can be printed and compared. */
export type Decoded = DecodedMessage | DecodedSpnego;

/** What else is known. */
export interface DecodeOptions {
  /** What time it is: times that differ from it by more than five minutes become a finding. Default: nobody asks. */
  now?: Date | undefined;
  /** The client's first token, to see what was taken away on the way. */
  negotiate?: string | Uint8Array | undefined;
  /** The server's challenge, likewise. */
  challenge?: string | Uint8Array | undefined;
}

/** A token in some text or bytes. */
export interface FoundToken extends TokenSource {
  bytes: Uint8Array;
}

/**
 * Explains a token: base64, hexadecimal, bytes, a header line, a log or dump that holds one; SPNEGO or raw. Damaged tokens are
 * explained as far as they go. Only what holds no token at all is an error: `ERR_NTLM_NOT_NTLM`.
 *
 * Responses in message 3 can be used to search for the password: do not show what it returns to everyone.
 */
export function decode(token: string | Uint8Array, options: DecodeOptions = {}): Decoded {
  const earlier = (given: string | Uint8Array | undefined) => (given === undefined ? NOTHING : first(given));
  const json = loadExplainer().explain(
    bytesOf(token),
    earlier(options.negotiate),
    earlier(options.challenge),
    options.now?.getTime() ?? NaN,
  );
  if (json === '') {
    const advice = 'pass base64, hexadecimal, bytes or a header line, with the whole token';
    throw new NtlmError('ERR_NTLM_NOT_NTLM', 'there is no NTLM or Negotiate token in this', { advice });
  }
  const explained = JSON.parse(json) as Explained & { type: DecodedMessage['type'] | 'spnego' };
  const { type, tree } = explained;
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
  const found = JSON.parse(loadExplainer().find(bytesOf(input))) as { source: TokenSource; bytes: string }[];
  return found.map(({ source, bytes }) => ({ ...source, bytes: decodeHex(bytes) }));
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
