import { quoted } from './quoted.js';
import { UsageError } from './usage-error.js';

/** Reads "127.0.0.1:3128", "[::1]:3128", "localhost:0" or "3128". */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new UsageError(`${quoted(text)} is no address to listen on`, 'write it as 127.0.0.1:3128');
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}
