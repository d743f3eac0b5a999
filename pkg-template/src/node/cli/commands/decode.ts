import { decode, findTokens } from '../../../decode.js';
import type { Decoded, FoundToken } from '../../../decoded.js';
import { type Command, quoted, UsageError } from '../command.js';
import { decodedText } from '../decode-printer.js';
import { ExitCode } from '../exit-codes.js';
import { readNamedFile } from '../arguments.js';
import { printableJson, readStandardInput, styler } from '../terminal.js';

export const command: Command = {
  name: 'decode',
  synopsis: '[options] [TOKEN | @FILE | -]',
  about:
    'Explains NTLM and SPNEGO tokens, field by field, and says what is weak or odd about them. Takes base64, hexadecimal, bytes, a header line, or a text that holds tokens among other things, such as the output of "curl -v", a HAR file, or a dump of packets. Without an argument, or with "-", standard input is read. Nothing is sent anywhere.',
  options: {
    json: { type: 'boolean', help: 'print JSON: a list with one object for each token, responses included' },
    full: { type: 'boolean', help: 'print lengths and offsets too' },
    'show-responses': {
      type: 'boolean',
      help: 'print the responses and keys in message 3 too, which can be used to search for the password',
    },
    at: {
      type: 'string',
      value: 'TIME',
      help: 'when the tokens were recorded, such as 2026-01-31T09:30Z or "now": clocks that differ from it become findings',
    },
    'check-password': {
      type: 'boolean',
      help: 'tell whether message 3 was made with a password: that of NTLM_PASSWORD or NTLM_HASH, or one that is asked for without echo',
    },
  },
  examples: [
    ['ntlm-wasm decode TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==', 'one token'],
    [
      'curl -v --proxy-ntlm -U alice -x http://proxy:8080 http://a.example/ 2>&1 | ntlm-wasm decode',
      'a whole handshake',
    ],
    ['ntlm-wasm decode --json @capture.har', 'all tokens of a capture, for another program'],
    ['ntlm-wasm decode --check-password @handshake.txt', 'is it the password? status 3 if it is not'],
  ],
  async run({ options, operands }) {
    if (operands.length > 1)
      throw new UsageError(`unexpected ${quoted(operands[1])}`, 'put a token with blanks in it in quotes');
    const tokens = findTokens(await inputOf(operands[0] ?? '-'));
    if (tokens.length === 0)
      throw new UsageError(
        'there is no NTLM or SPNEGO token in it',
        'paste the header, or the base64 behind NTLM or Negotiate',
      );
    const decoded = decodeInOrder(tokens, timeOf(options['at'] as string | undefined));
    // What makes tokens is not loaded to read them.
    const check = options['check-password'] === true ? await import('../password-check.js') : undefined;
    const checks = await check?.checkHandshakes(decoded);
    if (options['json'] === true) {
      process.stdout.write(printableJson(checks === undefined ? decoded : { tokens: decoded, passwordChecks: checks }));
    } else {
      const print = {
        dress: styler(process.stdout),
        masked: options['show-responses'] !== true,
        full: options['full'] === true,
      };
      process.stdout.write(decoded.map((one) => decodedText(one, print)).join('\n'));
      for (const verdict of checks ?? []) process.stdout.write(`\n${check?.verdictText(verdict, print)}`);
    }
    return checks?.some(({ matches }) => !matches) === true ? ExitCode.refused : ExitCode.ok;
  },
};

function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = text === 'now' ? new Date() : new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`"${text}" is no time`, 'write "now", or a time such as 2026-01-31T09:30Z');
  return time;
}

/** Archives of requests are large. */
const LARGEST = 256 * 1024 * 1024;

/** Each in the light of those before it: what a challenge takes away shows only beside what was asked for. */
function decodeInOrder(tokens: readonly FoundToken[], now: Date | undefined): Decoded[] {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  return tokens.map(({ bytes: token, ...source }) => {
    const decoded = { ...decode(token, { negotiate, challenge, now }), source };
    const type = decoded.type === 'spnego' ? decoded.messageType : decoded.type;
    if (type === 1) [negotiate, challenge] = [token, undefined];
    if (type === 2) challenge = token;
    return decoded;
  });
}

async function inputOf(operand: string): Promise<string | Uint8Array> {
  if (operand === '-') return readStandardInput(LARGEST);
  if (!operand.startsWith('@')) return operand;
  return readNamedFile(operand.slice(1));
}
