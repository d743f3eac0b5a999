import { findAddon } from '../system-addon.js';
import { parsePacResult } from './pac-result.js';
import type { RouteResolver, Routes } from './route.js';
import { LOOPBACK, type SystemSettings } from './system-settings.js';

/** Answers that are kept: WinHTTP's cost a trip through its PAC engine. */
const MOST_ANSWERS = 1_000;

/**
 * WinHTTP decides, as for all programs of Windows: settings, WPAD, PAC files and group policy. Undefined without the
 * addon, when the settings have to be read and understood here.
 */
export function winHttpRoutes(): RouteResolver | undefined {
  const found = findAddon();
  if (!('addon' in found) || found.addon.proxyFor === undefined) return undefined;
  const { addon } = found;
  const answers = new Map<string, Routes | Promise<Routes>>();
  return (url) => {
    // As browsers do, the script is not told where on a server one wants to go.
    const origin = `${url.protocol.replace('ws', 'http')}//${url.host}/`;
    const known = answers.get(origin);
    if (known !== undefined) return known;
    if (answers.size >= MOST_ANSWERS) answers.clear();
    const asked = (addon.proxyFor as (url: string) => Promise<string>)(origin).then((answer) => {
      const routes = parsePacResult(answer, 'the proxy settings of Windows');
      answers.set(origin, routes);
      return routes;
    });
    answers.set(origin, asked);
    return asked;
  };
}

/** Reads the output of `reg query` for the "Internet Settings" of the user: one "name type value" a line. */
export function parseRegistry(output: string): SystemSettings | undefined {
  const values = new Map<string, string>();
  for (const line of output.split(/\r?\n/)) {
    const match = /^\s+(\S+)\s+REG_\w+\s+(.*?)\s*$/.exec(line);
    if (match !== null) values.set(match[1] as string, match[2] as string);
  }
  const exceptions = values.get('ProxyOverride') ?? '';
  const common = {
    source: 'Windows internet settings',
    // "<-loopback>" is how an administrator sends even this machine's own addresses through the proxy.
    exceptions: exceptions.includes('<-loopback>')
      ? exceptions.replace('<-loopback>', '')
      : `${LOOPBACK};${exceptions}`,
  };
  const pacUrl = values.get('AutoConfigURL');
  if (pacUrl !== undefined && pacUrl !== '') return { ...common, pacUrl };
  const server = values.get('ProxyServer') ?? '';
  if (Number(values.get('ProxyEnable')) !== 1 || server === '') return undefined;
  return { ...common, ...parseProxyServer(server) };
}

/** One proxy for all, "proxy:8080", or one per scheme, "http=a:80;https=b:80;socks=c:1080". */
function parseProxyServer(server: string): Pick<SystemSettings, 'http' | 'https' | 'socksOnly'> {
  if (!server.includes('=')) return { http: server, https: server };
  const schemes = new Map(server.split(/[;\s]+/).map((part) => part.split('=', 2) as [string, string]));
  const http = schemes.get('http');
  const https = schemes.get('https');
  return {
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    socksOnly: http === undefined && https === undefined && schemes.has('socks'),
  };
}
