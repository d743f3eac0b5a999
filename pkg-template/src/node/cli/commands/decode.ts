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
    'Explains NTLM and SPNEGO tokens: one sentence for each handshake, findings with what to do, then the fields. Takes a token in base64 or hexadecimal, a header line, or anything that holds tokens: the output of "curl -v", a HAR file, an archive of Fiddler, a packet capture (pcap, pcapng), a hexadecimal dump, a log, a line of hashcat or Responder. Escapes, line breaks, encodings and archives are undone. Without an argument, or with "-", standard input is read. Nothing is sent anywhere.',
  options: {
    json: { type: 'boolean', help: 'print JSON: a list with one object for each token, responses included' },
    all: { type: 'boolean', help: 'print offsets, lengths, padding and flags that are not set too' },
    'show-responses': {
      type: 'boolean',
      help: 'print responses and keys too, which can be used to search for the password',
    },
    at: {
      type: 'string',
      value: 'TIME',
      help: 'when the tokens were captured, such as 2026-01-31T09:30Z or "now"; reports clocks that differ from it',
    },
    'check-password': {
      type: 'boolean',
      help: 'check whether a password matches: NTLM_PASSWORD, NTLM_HASH, or one that is typed without echo',
    },
  },
  examples: [
    ['ntlm-wasm decode TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==', 'one token'],
    [
      'curl -v --proxy-ntlm -U alice -x http://proxy:8080 http://a.example/ 2>&1 | ntlm-wasm decode',
      'a whole handshake',
    ],
    ['ntlm-wasm decode @capture.pcapng', 'all handshakes of a packet capture'],
    ['ntlm-wasm decode --json @capture.har', 'all tokens of a HAR file, for another program'],
    ['ntlm-wasm decode --check-password @handshake.txt', 'exit status 3 if the password does not match'],
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
        'there is no NTLM or SPNEGO token in it',
        'paste the whole header, or the base64 after "NTLM" or "Negotiate"',
      );
    }
    // Loaded only if needed: this module makes tokens, the rest of the command reads them.
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

/** Captures are large. */
const LARGEST = 256 * 1024 * 1024;

async function inputOf(operand: string): Promise<string | Uint8Array> {
  if (operand === '-') return readStandardInput(LARGEST);
  if (!operand.startsWith('@')) return operand;
  return readNamedFile(operand.slice(1));
}
