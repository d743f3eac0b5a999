// What the page needs to know about the tokens of a conversation.

import { type Decoded, type Handshake, messageType } from 'ntlm-wasm';
import { fromHex } from './bytes.js';

/** Whether the client sent a token: as the input says, otherwise by its type. */
export function isFromClient(decoded: Decoded): boolean {
  const { sender } = decoded.source;
  if (sender !== undefined) return sender === 'client';
  const type = messageType(decoded);
  return type === 1 || type === 3 || (decoded.type === 'spnego' && decoded.mechTypes !== undefined);
}

/** The token that answers most questions: message 3, or the last one. */
export function mostTelling(tokens: readonly Decoded[]): number {
  const index = tokens.findLastIndex((token) => messageType(token) === 3);
  return index === -1 ? tokens.length - 1 : index;
}

/** The messages of a conversation that a password can be tried on, if it has them. */
export function handshakeOf(tokens: readonly Decoded[]): Handshake | undefined {
  const bytes = (wanted: number) => {
    const token = tokens.find((one) => messageType(one) === wanted);
    return token === undefined ? undefined : fromHex(token.bytes);
  };
  const [negotiate, challenge, authenticate] = [bytes(1), bytes(2), bytes(3)];
  return challenge === undefined || authenticate === undefined ? undefined : { negotiate, challenge, authenticate };
}
