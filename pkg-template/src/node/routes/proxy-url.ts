import { NtlmError } from '../../errors.js';
import { MaskedCredentials } from '../credentials/index.js';
import type { ProxyRoute } from './route.js';

/**
 * Reads a proxy's URL as people write it: `http://proxy:8080`, `https://…`, `proxy:8080`, `proxy`, with or without
 * `user:password@` (percent-encoded; a domain as `CORP%5Calice`).
 *
 * @param rule what the URL comes from, for reports and for the text of errors, which never quote the URL itself.
 */
export function parseProxyUrl(text: string | URL, rule: string): ProxyRoute {
  const written = String(text).trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  if (!URL.canParse(address)) throw invalid(rule);
  const url = new URL(address);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') throw unsupportedProxy(scheme, rule);
  if (url.hostname === '' || url.port === '0') throw invalid(rule);
  const route = {
    kind: 'proxy',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (scheme === 'https' ? 443 : 80)),
    tls: scheme === 'https',
    rule,
  } as const;
  if (url.username === '') return route;
  const credentials = new MaskedCredentials({
    username: decode(url.username, rule),
    password: decode(url.password, rule),
  });
  return { ...route, credentials: credentials as Required<Pick<MaskedCredentials, 'username' | 'password'>> };
}

export function unsupportedProxy(kind: string, rule: string): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_UNSUPPORTED', `${rule} names a proxy of the kind "${kind}"`, {
    advice: 'only HTTP proxies can be asked for NTLM: give an http: or https: proxy URL',
  });
}

function decode(part: string, rule: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new NtlmError('ERR_NTLM_PROXY_URL', `${rule} holds a user name or password that is not percent-encoded`, {
      advice: 'write % as %25, @ as %40, : as %3A and / as %2F in the user name and password of a proxy URL',
      cause,
    });
  }
}

function invalid(rule: string): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_URL', `${rule} is not the address of a proxy`, {
    advice: 'write it as http://proxy.corp.example:8080',
  });
}
