import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createFetch } from '../../fetch.js';
import type { Command, CommandInput } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE } from '../connection-arguments.js';
import { ExitCode } from '../exit-codes.js';
import { progressBar } from '../progress-bar.js';
import { printable, readStandardInput } from '../terminal.js';
import { UsageError } from '../usage-error.js';

export const command: Command = {
  name: 'fetch',
  synopsis: '[options] URL',
  about: 'Makes one request and writes the body of the answer to standard output.',
  options: {
    request: { type: 'string', short: 'X', value: 'METHOD', help: 'default GET, or POST with --data' },
    header: {
      type: 'string',
      short: 'H',
      multiple: true,
      value: 'FIELD',
      help: 'a header field, "Name: value"; may be given again',
    },
    data: {
      type: 'string',
      short: 'd',
      value: 'DATA',
      help: 'the body; @FILE reads it from a file, @- from standard input',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'write the body to a file, with a progress bar at a terminal',
    },
    include: { type: 'boolean', short: 'i', help: 'write the head of the answer too' },
    fail: {
      type: 'boolean',
      short: 'f',
      help: `no body and exit status ${ExitCode.httpError} for a status of 400 or more`,
    },
    'no-redirect': { type: 'boolean', help: 'do not follow redirects' },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    ['ntlm-wasm fetch https://www.example/', 'through the proxy of this network'],
    [
      'ntlm-wasm fetch -v --user CORP\\\\alice --server http://intranet http://intranet/',
      'signs on to the server itself, and says how',
    ],
    ['ntlm-wasm fetch -o big.iso https://www.example/big.iso', 'into a file'],
  ],
  notes: `--verbose prints each step of each sign-on.\n${PASSWORD_NOTE}`,
  async run(input) {
    const { options, operands } = input;
    const [url, ...more] = operands;
    if (url === undefined || more.length > 0)
      throw new UsageError(
        url === undefined ? 'there is no URL' : `unexpected "${more[0]}"`,
        'see "ntlm-wasm fetch --help"',
      );
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new UsageError(`"${url}" is no http: or https: URL`);
    // The decoder is a large part of the package: only who wants to see it pays for it.
    const unwatch = options['verbose'] === true ? (await import('../watch-legs.js')).watchLegs() : undefined;
    const fetch = createFetch(await connectionOptions(input));
    const response = await fetch(url, await requestOf(input));
    unwatch?.();
    if (options['include'] === true) process.stdout.write(headOf(response));
    if (options['fail'] === true && response.status >= 400) {
      await response.body?.cancel();
      process.stderr.write(`ntlm-wasm: the server answered ${response.status} ${printable(response.statusText)}\n`);
      return ExitCode.httpError;
    }
    await writeBody(response, options['output'] as string | undefined, options['quiet'] === true);
    return ExitCode.ok;
  },
};

async function requestOf({ options }: CommandInput): Promise<RequestInit> {
  const data = options['data'] as string | undefined;
  const body = data === undefined ? undefined : await bodyOf(data);
  return {
    method: String(options['request'] ?? (body === undefined ? 'GET' : 'POST')),
    headers: headersOf(options['header'] as string[] | undefined),
    redirect: options['no-redirect'] === true ? 'manual' : 'follow',
    ...(body === undefined ? {} : { body }),
  };
}

async function bodyOf(data: string): Promise<Buffer | string> {
  if (data === '@-') return readStandardInput(Infinity);
  if (!data.startsWith('@')) return data;
  try {
    return readFileSync(data.slice(1));
  } catch (error) {
    throw new UsageError(`cannot read ${data.slice(1)} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function headersOf(fields: string[] = []): [string, string][] {
  return fields.map((field) => {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(field);
    if (match === null) throw new UsageError(`"${field}" is no header field`, 'write it as "Name: value"');
    return [match[1] as string, match[2] as string];
  });
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
    // Not a pipeline, which would close standard output for whoever writes after us.
    for await (const chunk of body) {
      if (!process.stdout.write(chunk as Buffer)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    return;
  }
  const show = quiet
    ? undefined
    : progressBar(process.stderr, Number(response.headers.get('content-length')) || undefined);
  body.on('data', (chunk: Buffer) => show?.add(chunk.length));
  await pipeline(body, createWriteStream(file));
  show?.end();
}
