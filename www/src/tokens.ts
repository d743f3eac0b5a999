// The tokens of an input, and what belongs together among them.

import { decode, type Decoded, findTokens, type Handshake, NtlmError } from 'ntlm-wasm';
import { fromHex } from './bytes.js';

/** All tokens of an input, each seen in the light of those before it. `now` only if they were recorded just now. */
export function explained(input: string | Uint8Array, now?: Date): Decoded[] {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  return findTokens(input).flatMap(({ bytes }) => {
    try {
      const decoded = decode(bytes, { negotiate, challenge, now });
      const type = typeOf(decoded);
      if (type === 1) [negotiate, challenge] = [bytes, undefined];
      else if (type === 2) challenge = bytes;
      return [decoded];
    } catch (error) {
      if (error instanceof NtlmError) return [];
      throw error;
    }
  });
}

export function typeOf(decoded: Decoded): 1 | 2 | 3 | null | undefined {
  return decoded.type === 'spnego' ? decoded.messageType : decoded.type;
}

/** Tokens of one sign-on, which end where the messages begin again. `first` is the place of the first among all. */
export interface Conversation {
  first: number;
  tokens: Decoded[];
}

export function conversations(tokens: readonly Decoded[]): Conversation[] {
  const found: Conversation[] = [];
  let last = Infinity;
  tokens.forEach((token, index) => {
    const type = typeOf(token) ?? (token.type === 'spnego' ? 4 : 0);
    const current = found.at(-1);
    if (current === undefined || type <= last) found.push({ first: index, tokens: [token] });
    else current.tokens.push(token);
    last = type;
  });
  return found;
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
