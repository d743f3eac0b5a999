import type { CommandInput } from './command.js';
import { readNamedFile } from './read-file.js';
import { readStandardInput } from './terminal.js';
import { UsageError } from './usage-error.js';

/** The request that the options of `fetch` ask for. */
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
    if (match === null) throw new UsageError(`"${field}" is no header field`, 'write it as "Name: value"');
    return [match[1] as string, match[2] as string];
  });
  const isTyped = data === undefined || headers.some(([name]) => name.toLowerCase() === 'content-type');
  const type = data?.startsWith('@') === true ? 'application/octet-stream' : 'application/x-www-form-urlencoded';
  return isTyped ? headers : [...headers, ['Content-Type', type]];
}
