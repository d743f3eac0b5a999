import { LOOPBACK, type SystemSettings } from './system-settings.js';

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
