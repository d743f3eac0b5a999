import { NtlmError } from '../../errors.js';
import { parseProxyUrl, unsupportedProxy } from './proxy-url.js';
import type { Route, Routes } from './route.js';

/** The maximum number of routes. Each can cost a connection attempt. */
const MOST_ROUTES = 64;
const SCHEMES: Readonly<Record<string, { scheme: string; port: number }>> = {
  PROXY: { scheme: 'http', port: 80 },
  HTTP: { scheme: 'http', port: 80 },
  HTTPS: { scheme: 'https', port: 443 },
};

/**
 * Parses the result of `FindProxyForURL` of a PAC file, such as "PROXY a:8080; HTTPS b:443; DIRECT": the routes to try, in
 * order. Electron's `session.resolveProxy` and browser extensions use the same syntax.
 *
 * As in browsers, unusable entries (SOCKS, unknown types, invalid addresses) are skipped. The rule of a route names the entries
 * skipped before it. Throws if no entry is usable.
 */
export function parsePacResult(text: string, rule: string): Routes {
  const routes: Route[] = [];
  const skipped: string[] = [];
  for (const entry of text.split(';', 1_000).map((part) => part.trim())) {
    if (entry === '') continue;
    if (routes.length >= MOST_ROUTES) break;
    const note = skipped.length === 0 ? rule : `${rule} (after ${skipped.slice(0, 5).join(', ')}, not supported)`;
    const route = parseEntry(entry, note);
    if (route === undefined) skipped.push(entry);
    else routes.push(route);
  }
  if (routes.length > 0) return routes;
  // An empty result means DIRECT, as in browsers.
  if (skipped.length === 0) return [{ kind: 'direct', rule }];
  if (skipped.every((entry) => /^socks/i.test(entry))) throw unsupportedProxy('SOCKS', rule);
  throw new NtlmError('ERR_NTLM_PAC_RESULT', `${rule} returned "${skipped[0]?.slice(0, 100)}", which is not a route`, {
    advice: 'it must return DIRECT, PROXY host:port or HTTPS host:port, separated by semicolons',
  });
}

function parseEntry(entry: string, rule: string): Route | undefined {
  const [, kind = '', address = ''] = /^(\S+)\s*(.*)$/.exec(entry) ?? [];
  if (/^direct$/i.test(kind)) return { kind: 'direct', rule };
  const proxy = SCHEMES[kind.toUpperCase()];
  if (proxy === undefined || address === '') return undefined;
  try {
    return parseProxyUrl(`${proxy.scheme}://${/:\d+$/.test(address) ? address : `${address}:${proxy.port}`}`, rule);
  } catch {
    return undefined;
  }
}
