import { explainConversations } from '../../../conversations.js';
import { type Command, quoted, UsageError } from '../command.js';
import { conversationsText } from '../decode-printer.js';
import { ExitCode } from '../exit-codes.js';
import { readNamedFile } from '../arguments.js';
import { printableJson, readStandardInput, styler } from '../terminal.js';

export const command: Command = {
  name: 'decode',
  synopsis: '[options] [TOKEN | @FILE | -]',
  about:
    'Explains NTLM and SPNEGO tokens: a summary of each handshake, findings with advice, then the fields. Works offline.\nThe input is a token in base64 or hexadecimal, a header line, or any text or file that contains tokens. Examples: "curl -v" output, a HAR file, a Fiddler archive, a packet capture (pcap, pcapng), a log, or a line of hashcat or Responder. Without an argument, or with "-", it is read from standard input.',
  options: {
    json: { type: 'boolean', help: 'print JSON: a list with one object for each token, including responses' },
    all: { type: 'boolean', help: 'also print offsets, lengths, padding and flags that are not set' },
    'show-responses': {
      type: 'boolean',
      help: 'also print responses and keys, from which the password can be guessed',
    },
    at: {
      type: 'string',
      value: 'TIME',
      help: 'capture time, such as 2026-01-31T09:30Z or "now"; reports clocks that differ from it',
    },
    'check-password': {
      type: 'boolean',
      help: 'check whether a password matches: NTLM_HASH, NTLM_PASSWORD, or one typed at the prompt',
    },
  },
  examples: [
    ['ntlm-wasm decode TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==', 'explain one token'],
    ["ntlm-wasm decode '@capture.pcapng'", 'explain all handshakes in a packet capture'],
    [
      'curl -v --proxy-ntlm -U alice -x proxy:8080 http://a/ 2>&1 | ntlm-wasm decode',
      'explain the handshake of a curl request',
    ],
    ["ntlm-wasm decode --json '@capture.har'", 'print all tokens in a HAR file as JSON'],
    ["ntlm-wasm decode --check-password '@handshake.txt'", 'exit with status 3 if the password does not match'],
  ],
  async run({ options, operands }) {
    if (operands.length > 1)
      throw new UsageError(`unexpected ${quoted(operands[1])}`, 'put a token that contains spaces in quotes');
    const now = timeOf(options['at'] as string | undefined);
    const { conversations, leftOut } = explainConversations(await inputOf(operands[0] ?? '-'), { now });
    for (const sentence of leftOut) process.stderr.write(`ntlm-wasm: ${sentence}\n`);
    const decoded = conversations.flatMap(({ tokens }) => tokens);
    if (decoded.length === 0) {
      throw new UsageError(
        'there is no NTLM or SPNEGO token in the input',
        'paste the whole header, or the base64 after "NTLM" or "Negotiate"',
      );
    }
    // Loaded only if needed: the rest of the command does not create tokens.
    const check = options['check-password'] === true ? await import('../password-check.js') : undefined;
    const checks = await check?.checkHandshakes(decoded);
    if (options['json'] === true) {
      const list = conversations.flatMap(({ tokens }, conversation) =>
        tokens.map((token) => ({ ...token, conversation })),
      );
      process.stdout.write(printableJson(checks === undefined ? list : { tokens: list, passwordChecks: checks }));
    } else {
      const print = {
        dress: styler(process.stdout),
        masked: options['show-responses'] !== true,
        all: options['all'] === true,
        width: Math.min(Math.max(process.stdout.columns ?? 80, 40), 120),
      };
      process.stdout.write(conversationsText(conversations, print));
      for (const verdict of checks ?? []) process.stdout.write(`\n${check?.verdictText(verdict, print)}`);
    }
    return checks?.some(({ matches }) => !matches) === true ? ExitCode.refused : ExitCode.ok;
  },
};

function timeOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = text === 'now' ? new Date() : new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UsageError(`"${text}" is not a time`, 'write "now", or a time such as 2026-01-31T09:30Z');
  return time;
}

/** In bytes: captures are large. */
const LARGEST = 256 * 1024 * 1024;

async function inputOf(operand: string): Promise<string | Uint8Array> {
  if (operand === '-') return readStandardInput(LARGEST);
  if (!operand.startsWith('@')) return operand;
  return readNamedFile(operand.slice(1));
}
