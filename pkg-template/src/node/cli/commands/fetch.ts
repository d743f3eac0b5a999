import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFetch } from '../../fetch.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE } from '../connection-arguments.js';
import { ExitCode } from '../exit-codes.js';
import { progressBar } from '../progress-bar.js';
import { printable, readStandardInput } from '../terminal.js';
import { readNamedFile, requireHttpUrl } from '../arguments.js';

export const command: Command = {
  name: 'fetch',
  synopsis: '[options] URL',
  about: 'Sends one request and writes the response body to standard output.',
  options: {
    request: {
      type: 'string',
      short: 'X',
      value: 'METHOD',
      help: 'the request method; default GET, or POST with --data',
    },
    head: { type: 'boolean', short: 'I', help: 'send a HEAD request and print the response header' },
    header: {
      type: 'string',
      short: 'H',
      multiple: true,
      value: 'FIELD',
      help: 'a header field, "Name: value"; repeatable',
    },
    data: {
      type: 'string',
      short: 'd',
      value: 'DATA',
      help: "the request body, sent as form data unless --header sets Content-Type; '@FILE' reads it from a file, '@-' from standard input",
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'write the body to a file, with a progress bar on a terminal',
    },
    'remote-name': {
      type: 'boolean',
      short: 'O',
      help: 'write the body to a file named after the last part of the URL',
    },
    include: { type: 'boolean', short: 'i', help: 'also print the response header' },
    fail: {
      type: 'boolean',
      short: 'f',
      help: `print no body and exit with status ${ExitCode.httpError} if the response status is 400 or more`,
    },
    'max-time': { type: 'string', short: 'm', value: 'SECONDS', help: 'time limit for the whole request' },
    'no-redirect': { type: 'boolean', help: 'do not follow redirects' },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    ['ntlm-wasm fetch https://www.example/', 'send a request through the proxy'],
    [
      "ntlm-wasm fetch -u 'CORP\\alice' --server http://intranet http://intranet/",
      'authenticate to the server itself; add -v to print each leg of the handshake',
    ],
    ['ntlm-wasm fetch -o big.iso https://www.example/big.iso', 'download to a file'],
  ],
  notes: `--verbose prints each leg of each handshake.\n${PASSWORD_NOTE}`,
  async run(input) {
    const { options, operands } = input;
    const [url, ...more] = operands;
    if (url === undefined || more.length > 0)
      throw new UsageError(
        url === undefined ? 'there is no URL' : `unexpected ${quoted(more[0])}`,
        'see "ntlm-wasm fetch --help"',
      );
    requireHttpUrl(url);
    if (new URL(url).username !== '' || new URL(url).password !== '')
      throw new UsageError(
        'the URL contains a user name or password',
        'remove them and use --user and --server: credentials in a URL are never sent',
      );
    const file = fileOf(options, url);
    const seconds = secondsOf(options['max-time'] as string | undefined);
    // Loaded only if needed: the decoder is a large part of the package.
    const unwatch = options['verbose'] === true ? (await import('../leg-printer.js')).watchLegs() : undefined;
    const fetch = createFetch(await connectionOptions(input));
    const request = await requestOf(input);
    const timer = seconds === undefined ? undefined : AbortSignal.timeout(1000 * seconds);
    try {
      const response = await fetch(url, { ...request, ...(timer === undefined ? {} : { signal: timer }) });
      unwatch?.();
      return await answer(response, input, file);
    } catch (error) {
      if (timer?.aborted !== true) throw error;
      throw Object.assign(new Error(`it took longer than ${seconds} seconds`), { code: 'ETIMEDOUT' });
    }
  },
};

async function answer(response: Response, { options }: CommandInput, file: string | undefined): Promise<number> {
  if (options['include'] === true || options['head'] === true) process.stdout.write(headOf(response));
  if (options['fail'] === true && response.status >= 400) {
    await response.body?.cancel();
    process.stderr.write(`ntlm-wasm: the server answered ${response.status} ${printable(response.statusText)}\n`);
    return ExitCode.httpError;
  }
  await writeBody(response, file, options['quiet'] === true);
  return ExitCode.ok;
}

/** The file to write to; undefined for standard output. */
function fileOf(options: CommandInput['options'], url: string): string | undefined {
  if (options['remote-name'] !== true) {
    return options['output'] === '-' ? undefined : (options['output'] as string | undefined);
  }
  const name = new URL(url).pathname.split('/').at(-1);
  if (name === undefined || name === '')
    throw new UsageError('the URL ends without a name for the file', 'use --output');
  return name;
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds < 1e6)) throw new UsageError(`"${text}" is not a number of seconds`);
  return seconds;
}

function headOf(response: Response): string {
  const lines = [
    `${response.status} ${response.statusText}`,
    ...[...response.headers].map((field) => field.join(': ')),
  ];
  return `${lines.map(printable).join('\n')}\n\n`;
}

async function writeBody(response: Response, file: string | undefined, quiet: boolean): Promise<void> {
  if (response.body === null) return;
  const body = Readable.fromWeb(response.body);
  if (file === undefined) {
    // Not a pipeline, because that closes standard output.
    for await (const chunk of body) {
      if (!process.stdout.write(chunk as Buffer)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    return;
  }
  const show = quiet ? undefined : progressBar(process.stderr, lengthOf(response.headers));
  body.on('data', (chunk: Buffer) => show?.add(chunk.length));
  await pipeline(body, createWriteStream(file));
  show?.end();
}

/** The number of bytes to expect, if known. A compressed body grows when it is decoded. */
function lengthOf(headers: Headers): number | undefined {
  return headers.has('content-encoding') ? undefined : Number(headers.get('content-length')) || undefined;
}

/** Builds the request from the options of `fetch`. */
export async function requestOf({ options }: CommandInput): Promise<RequestInit> {
  const data = options['data'] as string | undefined;
  const body = data === undefined ? undefined : await bodyOf(data);
  return {
    method: String(options['request'] ?? (options['head'] === true ? 'HEAD' : body === undefined ? 'GET' : 'POST')),
    headers: headersOf(options['header'] as string[] | undefined, data),
    redirect: options['no-redirect'] === true ? 'manual' : 'follow',
    ...(body === undefined ? {} : { body }),
  };
}

async function bodyOf(data: string): Promise<Buffer | string> {
  if (data === '@-') return readStandardInput(Infinity);
  if (!data.startsWith('@')) return data;
  return readNamedFile(data.slice(1));
}

function headersOf(fields: string[] = [], data: string | undefined): [string, string][] {
  const headers = fields.map((field): [string, string] => {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(field);
    if (match === null) throw new UsageError(`"${field}" is not a header field`, 'write it as "Name: value"');
    return [match[1] as string, match[2] as string];
  });
  const isTyped = data === undefined || headers.some(([name]) => name.toLowerCase() === 'content-type');
  const type = data?.startsWith('@') === true ? 'application/octet-stream' : 'application/x-www-form-urlencoded';
  return isTyped ? headers : [...headers, ['Content-Type', type]];
}
