import type { ForwardedPort, ProxyOptions } from '../proxy/index.js';
import { parseListen } from './arguments.js';
import { type CommandInput, quoted, UsageError } from './command.js';
import { connectionOptions } from './connection-arguments.js';
import { LEVELS, type Level, type LogOptions } from './logger.js';
import { SETTINGS } from './settings.js';

/** What the options mean for the local proxy, without where it listens and its secret. */
export async function proxyOptions(input: CommandInput): Promise<ProxyOptions> {
  const { options } = input;
  const [allow, headers] = [list(options['allow']), list(options['header'])];
  const userAgent = options['user-agent'] as string | undefined;
  return {
    ...(await connectionOptions(input)),
    ...(allow === undefined ? {} : { allow }),
    ...(headers === undefined ? {} : { headers: headers.map(headerOf) }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

/** Where the local proxy listens. */
export function listenOptions({ options }: CommandInput): ProxyOptions {
  const { socks } = options;
  const forwards = list(options['forward']);
  return {
    ...parseListen(String(options['listen'] ?? SETTINGS['listen']?.default)),
    ...(socks === undefined ? {} : { socks: parseListen(String(socks)) }),
    ...(forwards === undefined ? {} : { forwards: forwards.map(forwardOf) }),
  };
}

export function logOptions({ options }: CommandInput): LogOptions {
  const level = options['log-level'] ?? (options['quiet'] ? 'error' : options['verbose'] ? 'debug' : 'info');
  const format = options['log-format'] ?? 'text';
  if (!(LEVELS as readonly unknown[]).includes(level)) {
    throw new UsageError(`unknown log level "${String(level)}"`, `write one of ${LEVELS.join(', ')}`);
  }
  if (format !== 'text' && format !== 'json') {
    throw new UsageError(`unknown log format "${String(format)}"`, 'write text or json');
  }
  return { level: level as Level, format, file: options['log-file'] as string | undefined };
}

function list(value: CommandInput['options'][string]): string[] | undefined {
  return value === undefined ? undefined : (value as string[]);
}

function headerOf(field: string): [string, string] {
  const [, name, value] = /^([^\s:]+):[ \t]*([^\r\n]*)$/.exec(field) ?? [];
  // The value may be a secret, and is not repeated.
  if (name === undefined || value === undefined) {
    throw new UsageError('a value of --header is not a header field', 'write it as "Name: value"');
  }
  return [name, value];
}

/** `[BIND:]PORT:HOST:PORT`, as ssh has it. */
function forwardOf(text: string): ForwardedPort {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[^:[\]]+):)?(\d{1,5}):(\[[0-9A-Fa-f:.]+\]|[^:[\]]+):(\d{1,5})$/.exec(text);
  const [, bind, port, host, targetPort] = match ?? [];
  if (match === null || Number(port) > 65_535 || Number(targetPort) > 65_535) {
    throw new UsageError(`${quoted(text)} is not a forwarded port`, 'write it as 8443:git.corp.example:443');
  }
  return {
    ...(bind === undefined ? {} : { host: bind.replace(/^\[|\]$/g, '') }),
    port: Number(port),
    target: `${host}:${targetPort}`,
  };
}
