import { checkPassword, type PasswordCheck } from '../../check-password.js';
import type { Decoded } from '../../decoded.js';
import type { PrintOptions } from './decode-printer.js';
import { askPassword } from './terminal.js';
import { UsageError } from './command.js';

/** The verdict on one message 3; keys in hexadecimal. */
export interface Verdict extends Omit<PasswordCheck, 'exportedSessionKey'> {
  readonly userName: string;
  readonly exportedSessionKey?: string;
}

/** Checks one password against every handshake among the tokens. */
export async function checkHandshakes(tokens: readonly Decoded[]): Promise<Verdict[]> {
  const handshakes = handshakesOf(tokens);
  if (handshakes.length === 0) {
    throw new UsageError(
      'there is no handshake to check the password against',
      'message 3 is required, and the message 2 that it answers; message 1 too to check the integrity code',
    );
  }
  const proof = await proofOf();
  return handshakes.map(({ userName, ...messages }) => {
    const { exportedSessionKey: key, ...verdict } = checkPassword({ ...messages, ...proof });
    return {
      userName,
      ...verdict,
      ...(key === undefined ? {} : { exportedSessionKey: Buffer.from(key).toString('hex') }),
    };
  });
}

/** The verdict for a person; the session key only where secrets are shown. */
export function verdictText(verdict: Verdict, { dress, masked }: PrintOptions): string {
  const { matches, ntlmVersion, mic, exportedSessionKey } = verdict;
  if (!matches) return `${dress('red', 'no:')} message 3 was made with another password\n`;
  const lines = [`${dress('green', 'yes:')} message 3 was made with this password (${ntlmVersion})`];
  if (mic !== undefined) lines.push(`  ${MICS[mic]}`);
  if (!masked && exportedSessionKey !== undefined) lines.push(`  exported session key: ${exportedSessionKey}`);
  return `${lines.join('\n')}\n`;
}

const MICS: Readonly<Record<NonNullable<PasswordCheck['mic']>, string>> = {
  absent: 'there is no message integrity code',
  right: 'the message integrity code is correct: the three messages are unchanged',
  wrong: 'the message integrity code is wrong: a message was changed, or is not the one that was sent',
  unchecked: 'the message integrity code cannot be checked without message 1',
};

interface Messages {
  readonly userName: string;
  readonly negotiate: Uint8Array | undefined;
  readonly challenge: Uint8Array;
  readonly authenticate: Uint8Array;
}

function handshakesOf(tokens: readonly Decoded[]): Messages[] {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  return tokens.flatMap((token) => {
    const bytes = Buffer.from(token.bytes, 'hex');
    const type = token.type === 'spnego' ? token.messageType : token.type;
    if (type === 1) [negotiate, challenge] = [bytes, undefined];
    else if (type === 2) challenge = bytes;
    else if (type === 3 && challenge !== undefined) {
      return [{ userName: token.userName ?? '', negotiate, challenge, authenticate: bytes }];
    }
    return [];
  });
}

async function proofOf(): Promise<{ password: string } | { ntHash: string }> {
  const { NTLM_HASH: ntHash, NTLM_PASSWORD: password } = process.env;
  if (ntHash) return { ntHash };
  return { password: password ?? (await askPassword('Password to check: ')) };
}
