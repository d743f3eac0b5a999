import { randomBytes } from 'node:crypto';
import { diagnose, type Report } from '../../diagnose/index.js';
import { startServer } from '../../server/index.js';
import { requireHttpUrl } from '../arguments.js';
import { type Command, quoted, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE } from '../connection-arguments.js';
import { diagnosisHtml } from '../diagnosis-html.js';
import { printDiagnosis } from '../diagnosis-printer.js';
import { ExitCode } from '../exit-codes.js';
import { printableJson, styler } from '../terminal.js';

const { verbose: _verbose, quiet: _quiet, ...COMMON } = CONNECTION_OPTIONS;

/** Clears the line. */
const ERASE = '\r\u001b[K';

/** The exit status for each fault. */
const BY_FAULT = {
  credentials: ExitCode.refused,
  network: ExitCode.unreachable,
  policy: ExitCode.failed,
  peer: ExitCode.failed,
  configuration: ExitCode.failed,
  nobody: ExitCode.failed,
} as const;

export const command: Command = {
  name: 'diagnose',
  synopsis: '[options] URL',
  about:
    'Tests a request to a URL and reports the route, the challenges, the handshake, and why it fails. The credentials are ' +
    'sent once. The report contains no password, hash, token or user name, and can be shared.',
  options: {
    json: { type: 'boolean', help: 'print the report as JSON (schema: docs/diagnose.schema.json)' },
    html: { type: 'boolean', help: 'print the report as an HTML page' },
    timeout: { type: 'string', value: 'SECONDS', help: 'time limit for each probe; default 10' },
    'self-test': { type: 'boolean', help: 'diagnose the built-in proxy and server, to check this installation' },
    ...COMMON,
  },
  examples: [
    ['ntlm-wasm diagnose https://www.example/', 'use the default proxy and user'],
    ["ntlm-wasm diagnose --user 'CORP\\alice' https://www.example/", 'prompt for the password'],
    ['ntlm-wasm diagnose --html https://www.example/ > report.html', 'write a page to send to the help desk'],
    ['ntlm-wasm diagnose --json https://www.example/', 'print JSON for another program'],
    ['ntlm-wasm diagnose --self-test', 'check this installation'],
  ],
  notes: `Exit status: 0 success, 3 credentials problem, 4 network problem, 1 any other failure.\n${PASSWORD_NOTE}`,
  async run(input) {
    const { options, operands } = input;
    const isSelfTest = options['self-test'] === true;
    const [url, ...more] = operands;
    if (isSelfTest ? url !== undefined : url === undefined || more.length > 0) {
      const message = url === undefined ? 'there is no URL' : `unexpected ${quoted(more[0] ?? url)}`;
      throw new UsageError(message, 'see "ntlm-wasm diagnose --help"');
    }
    const timeout = timeoutOf(options['timeout'] as string | undefined);
    const report = isSelfTest ? await selfTest() : await withOptions(url as string, input, timeout);
    process.stdout.write(
      options['json'] === true
        ? printableJson(report)
        : options['html'] === true
          ? diagnosisHtml(report)
          : printDiagnosis(report, styler(process.stdout)),
    );
    return report.fault === undefined ? ExitCode.ok : BY_FAULT[report.fault];
  },
};

async function withOptions(
  url: string,
  input: Parameters<typeof connectionOptions>[0],
  timeout: number | undefined,
): Promise<Report> {
  requireHttpUrl(url);
  const onProbe = process.stderr.isTTY ? (id: string) => process.stderr.write(`${ERASE}… ${id}`) : undefined;
  try {
    return await diagnose(url, { ...(await connectionOptions(input, { mayLackPassword: true })), timeout, onProbe });
  } finally {
    if (onProbe !== undefined) process.stderr.write(ERASE);
  }
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text === '' || !(seconds > 0) || seconds > 3600) throw new UsageError(`"${text}" is not a number of seconds`);
  return seconds * 1000;
}

/** Diagnoses the built-in proxy on loopback. */
export async function selfTest(): Promise<Report> {
  const password = randomBytes(12).toString('base64url');
  const server = await startServer({ role: 'proxy', accounts: { alice: password } });
  try {
    return await diagnose(`${server.url}/`, {
      proxy: server.url,
      credentials: { username: 'alice', password },
      timeout: 10_000,
    });
  } finally {
    await server.close();
  }
}
