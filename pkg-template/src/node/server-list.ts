import { NtlmError } from '../errors.js';
import { withoutUserinfo } from './url.js';

interface Pattern {
  readonly protocol: string | undefined;
  readonly host: string;
  readonly subdomains: boolean;
  /** Undefined matches any port. */
  readonly port: string | undefined;
}

/**
 * Parses the list of origins that may receive credentials. "https://a.example" and "http://a.example:8080" name one origin,
 * "a.example" a host on every port, and "*.a.example" its subdomains. A port may follow.
 */
export function createServerMatcher(servers: readonly string[] = []): (url: URL) => boolean {
  if (!Array.isArray(servers)) throw badServer(servers);
  const patterns = servers.map(parsePattern);
  return (url) => patterns.some((pattern) => matches(pattern, url));
}

const PATTERN = /^(?:(https?|wss?):\/\/)?(\*\.)?([^\s/:*?#@]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i;

function parsePattern(text: unknown): Pattern {
  const match = typeof text === 'string' ? PATTERN.exec(text.trim()) : null;
  if (match === null) throw badServer(text);
  const scheme = match[1]?.toLowerCase().replace('ws', 'http');
  // The URL parser normalizes the host the same way as in requests: punycode, lower case, short IPv6.
  const url = parseUrl(`http://${match[3] as string}`);
  if (url === undefined) throw badServer(text);
  const usual = scheme === 'https' ? '443' : '80';
  return {
    protocol: scheme === undefined ? undefined : `${scheme}:`,
    host: url.hostname,
    subdomains: match[2] !== undefined,
    port: match[4] ?? (scheme === undefined ? undefined : usual),
  };
}

function matches(pattern: Pattern, url: URL): boolean {
  if (pattern.protocol !== undefined && pattern.protocol !== url.protocol) return false;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (pattern.port !== undefined && pattern.port !== port) return false;
  return pattern.subdomains ? url.hostname.endsWith(`.${pattern.host}`) : url.hostname === pattern.host;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function badServer(text: unknown): NtlmError {
  const shown = typeof text === 'string' ? JSON.stringify(withoutUserinfo(text)) : `a value of type ${typeof text}`;
  return new NtlmError('ERR_NTLM_INVALID_OPTION', `servers contains ${shown}, which does not name an origin`, {
    advice: 'write "https://intranet.corp.example", "intranet.corp.example" or "*.corp.example"',
  });
}
