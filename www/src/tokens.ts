// The tokens of an input, grouped into conversations.

import { decode, type Decoded, findTokens, type FoundToken, type Handshake, NtlmError } from 'ntlm-wasm';
import { fromHex } from './bytes.js';

/** The tokens of one handshake. */
export interface Conversation {
  tokens: Decoded[];
}

/** Decodes all tokens of an input, and groups them. `now` is the time of the capture, if it was captured just now. */
export function conversationsOf(input: string | Uint8Array, now?: Date): Conversation[] {
  return group(findTokens(input)).flatMap((found) => {
    let negotiate: Uint8Array | undefined;
    let challenge: Uint8Array | undefined;
    const tokens = found.flatMap((token) => {
      const decoded = explained(token, { negotiate, challenge, now });
      if (decoded === undefined) return [];
      const type = typeOf(decoded);
      if (type === 1) [negotiate, challenge] = [token.bytes, undefined];
      else if (type === 2) challenge = token.bytes;
      return [decoded];
    });
    return tokens.length === 0 ? [] : [{ tokens }];
  });
}

function explained({ bytes, ...source }: FoundToken, options: Parameters<typeof decode>[1]): Decoded | undefined {
  try {
    return { ...decode(bytes, options), source };
  } catch (error) {
    if (error instanceof NtlmError) return undefined;
    throw error;
  }
}

/** Tokens belong together if they are on one connection, up to the next first message. */
function group(tokens: readonly FoundToken[]): FoundToken[][] {
  const groups: FoundToken[][] = [];
  const open = new Map<string, { tokens: FoundToken[]; last: number }>();
  for (const token of tokens) {
    const type = rank(token.bytes);
    let current = open.get(token.connection);
    if (current === undefined || type <= current.last) {
      current = { tokens: [], last: type };
      open.set(token.connection, current);
      groups.push(current.tokens);
    }
    current.tokens.push(token);
    current.last = type;
  }
  return groups;
}

/** The order of a token within a handshake. */
function rank(bytes: Uint8Array): number {
  try {
    const decoded = decode(bytes);
    return typeOf(decoded) ?? (decoded.type === 'spnego' ? 4 : 0);
  } catch {
    return 0;
  }
}

export function typeOf(decoded: Decoded): 1 | 2 | 3 | null | undefined {
  return decoded.type === 'spnego' ? decoded.messageType : decoded.type;
}

/** Whether the client sent a token: as the input says, otherwise by its type. */
export function isFromClient(decoded: Decoded): boolean {
  const { sender } = decoded.source;
  if (sender !== undefined) return sender === 'client';
  const type = typeOf(decoded);
  return type === 1 || type === 3 || (decoded.type === 'spnego' && decoded.mechTypes !== undefined);
}

/** The token that answers most questions: message 3, or the last one. */
export function mostTelling(tokens: readonly Decoded[]): number {
  const index = tokens.findLastIndex((token) => typeOf(token) === 3);
  return index === -1 ? tokens.length - 1 : index;
}

/** The messages of a conversation that a password can be tried on, if it has them. */
export function handshakeOf(tokens: readonly Decoded[]): Handshake | undefined {
  const bytes = (wanted: number) => {
    const token = tokens.find((one) => typeOf(one) === wanted);
    return token === undefined ? undefined : fromHex(token.bytes);
  };
  const [negotiate, challenge, authenticate] = [bytes(1), bytes(2), bytes(3)];
  return challenge === undefined || authenticate === undefined ? undefined : { negotiate, challenge, authenticate };
}
