import { NtlmError } from '../../errors.js';
import { parseProxyUrl, unsupportedProxy } from './proxy-url.js';
import type { Route, Routes } from './route.js';

/**
 * Reads what `FindProxyForURL` of a PAC file returns, such as "PROXY a:8080; HTTPS b:443; DIRECT": the routes to try, in
 * order. Electron's `session.resolveProxy` and browser extensions speak the same words.
 *
 * SOCKS is not spoken here. Where the list offers another way the rule of that one says what was left out; where it does
 * not, this throws.
 */
export function parsePacResult(text: string, rule: string): Routes {
  const routes: Route[] = [];
  const leftOut: string[] = [];
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue;
    const [, kind = '', address = ''] = /^(\S+)\s*(.*)$/.exec(entry) ?? [];
    const note = leftOut.length === 0 ? rule : `${rule} (after ${leftOut.join(', ')}, not supported)`;
    switch (kind.toUpperCase()) {
      case 'DIRECT':
        routes.push({ kind: 'direct', rule: note });
        break;
      case 'PROXY':
      case 'HTTP':
        routes.push(parseProxyUrl(`http://${withPort(address, 80)}`, note));
        break;
      case 'HTTPS':
        routes.push(parseProxyUrl(`https://${withPort(address, 443)}`, note));
        break;
      case 'SOCKS':
      case 'SOCKS4':
      case 'SOCKS5':
        leftOut.push(entry);
        break;
      default:
        throw new NtlmError('ERR_NTLM_PAC_RESULT', `${rule} gave "${kind}", which is no kind of route`, {
          advice: 'expected are DIRECT, PROXY host:port and HTTPS host:port, separated by semicolons',
        });
    }
  }
  if (routes.length > 0) return routes;
  if (leftOut.length > 0) throw unsupportedProxy('SOCKS', rule);
  // An empty answer means DIRECT, as browsers take it.
  return [{ kind: 'direct', rule }];
}

function withPort(address: string, port: number): string {
  return /:\d+$/.test(address) ? address : `${address}:${port}`;
}
