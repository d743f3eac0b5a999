import { NtlmError } from '../../errors.js';
import { accountName, ExplicitIdentity } from '../credentials/identity.js';
import type { ProxyRoute } from './route.js';

/**
 * Parses a proxy URL: `http://proxy:8080`, `https://…`, `proxy:8080`, `proxy`, with or without `user:password@`. User name and
 * password are split off first, because the URL parser would treat a backslash, `/`, `?` or `#` in them as the end of the host
 * name, and part of a password as the proxy name.
 *
 * @param rule the source of the URL, for reports and errors. Errors never quote the URL.
 */
export function parseProxyUrl(text: string | URL, rule: string): ProxyRoute {
  const written = String(text)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  const [, given, rest] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(written) as unknown as [
    string,
    string | undefined,
    string,
  ];
  const scheme = given?.toLowerCase() ?? 'http';
  if (scheme !== 'http' && scheme !== 'https') throw unsupportedProxy(scheme, rule);
  const at = rest.lastIndexOf('@');
  const userinfo = at === -1 ? undefined : rest.slice(0, at);
  if (userinfo !== undefined && /[/?#]|^[a-z][a-z0-9+.-]*:\\/i.test(userinfo)) throw notEncoded(rule);
  const address = `${scheme}://${rest.slice(at + 1)}`;
  if (address.includes('\\') || !URL.canParse(address)) throw invalid(rule);
  const url = new URL(address);
  if (url.hostname === '' || url.port === '0') throw invalid(rule);
  if (/\.(pac|dat)$/i.test(url.pathname)) throw pacFile(rule);
  const route = {
    kind: 'proxy',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (scheme === 'https' ? 443 : 80)),
    tls: scheme === 'https',
    rule,
  } as const;
  if (userinfo === undefined || userinfo === '' || userinfo.startsWith(':')) return route;
  const [username = '', ...password] = userinfo.split(':');
  const credentials = new ExplicitIdentity({
    username: accountName(decode(username, rule)),
    password: decode(password.join(':'), rule),
  });
  return { ...route, credentials: credentials as Required<Pick<ExplicitIdentity, 'username' | 'password'>> };
}

export function unsupportedProxy(kind: string, rule: string): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_UNSUPPORTED', `${rule} names a proxy of type "${kind}"`, {
    advice: 'only HTTP proxies support NTLM: pass an http: or https: proxy URL',
  });
}

function decode(part: string, rule: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw notEncoded(rule, cause);
  }
}

function notEncoded(rule: string, cause?: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_URL', `${rule} holds a user name or password that is not percent-encoded`, {
    advice:
      'write % as %25, @ as %40, : as %3A, / as %2F, # as %23 and ? as %3F in the user name and password of a proxy URL',
    ...(cause === undefined ? {} : { cause }),
  });
}

function pacFile(rule: string): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_URL', `${rule} is the address of a PAC file, not of a proxy`, {
    advice: 'write pac+ before it, such as pac+http://wpad.corp.example/proxy.pac',
  });
}

function invalid(rule: string): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_URL', `${rule} is not the address of a proxy`, {
    advice: 'write it as http://proxy.corp.example:8080',
  });
}
