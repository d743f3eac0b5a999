/** The proxy settings of the operating system. */
export interface SystemSettings {
  /** The name of the settings: "GNOME settings". */
  readonly source: string;
  /** The proxy per scheme, as `host:port`. */
  readonly http?: string;
  readonly https?: string;
  /** Only a SOCKS proxy is set. */
  readonly socksOnly?: boolean;
  readonly pacUrl?: string;
  /** Whether to detect the PAC file by the host name `wpad` (WPAD). */
  readonly autoDetect?: boolean;
  /** Exceptions, in the syntax of {@link parseNoProxy}. */
  readonly exceptions: string;
}

/** Loopback hosts, which all three systems exclude by default. */
export const LOOPBACK = 'localhost,127.0.0.0/8,::1';

/** Parses `reg query` output for the user's "Internet Settings": one "name type value" per line. */
export function parseRegistry(output: string): SystemSettings | undefined {
  const values = new Map<string, string>();
  for (const line of output.split(/\r?\n/)) {
    const match = /^\s+(\S+)\s+REG_\w+\s+(.*?)\s*$/.exec(line);
    if (match !== null) values.set(match[1] as string, match[2] as string);
  }
  const exceptions = values.get('ProxyOverride') ?? '';
  const common = {
    source: 'Windows internet settings',
    // "<-loopback>" sends even loopback addresses through the proxy.
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

/** Parses one proxy for all schemes, "proxy:8080", or one per scheme, "http=a:80;https=b:80;socks=c:1080". */
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

/** Parses `scutil --proxy` output: a dictionary with one "key : value" per line, and one array. */
export function parseScutil(output: string): SystemSettings | undefined {
  const values = new Map<string, string>();
  const exceptions: string[] = [];
  let inExceptions = false;
  for (const line of output.split('\n')) {
    const match = /^\s*(\S+) : (.*?)\s*$/.exec(line);
    if (match === null) {
      inExceptions &&= line.trim() !== '}';
    } else if (match[2]?.startsWith('<array>')) {
      inExceptions = match[1] === 'ExceptionsList';
    } else if (inExceptions) {
      exceptions.push(match[2] as string);
    } else {
      values.set(match[1] as string, match[2] as string);
    }
  }
  const enabled = (name: string): boolean => values.get(name) === '1';
  const address = (kind: string): string | undefined =>
    enabled(`${kind}Enable`) && values.has(`${kind}Proxy`)
      ? `${values.get(`${kind}Proxy`)}:${values.get(`${kind}Port`) ?? '80'}`
      : undefined;
  if (enabled('ExcludeSimpleHostnames')) exceptions.push('<local>');
  const common = { source: 'macOS network settings', exceptions: [LOOPBACK, ...exceptions].join(',') };
  const http = address('HTTP');
  const https = address('HTTPS');
  // As in the system, a PAC file overrides all other settings.
  const pacUrl = values.get('ProxyAutoConfigURLString');
  if (enabled('ProxyAutoConfigEnable') && pacUrl !== undefined) return { ...common, pacUrl };
  if (enabled('ProxyAutoDiscoveryEnable')) return { ...common, autoDetect: true };
  const socksOnly = http === undefined && https === undefined && address('SOCKS') !== undefined;
  if (http === undefined && https === undefined && !socksOnly) return undefined;
  return {
    ...common,
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    socksOnly,
  };
}

/** Parses `gsettings list-recursively org.gnome.system.proxy` output: one "schema key value" per line. */
export function parseGsettings(output: string): SystemSettings | undefined {
  const values = new Map<string, string>();
  for (const line of output.split('\n')) {
    const match = /^org\.gnome\.system\.proxy(\S*) (\S+) (.*)$/.exec(line.trim());
    if (match !== null) values.set(`${match[1]} ${match[2]}`, match[3] as string);
  }
  const text = (key: string): string => (values.get(key) ?? '').replace(/^'(.*)'$/, '$1');
  const address = (schema: string): string | undefined => {
    const port = text(`${schema} port`);
    const host = text(`${schema} host`);
    return host === '' || port === '0' || port === '' ? undefined : `${host}:${port}`;
  };
  const source = 'GNOME settings';
  // A list in GVariant text format: ['localhost', '127.0.0.0/8'], or "@as []" if empty.
  const exceptions = [...text(' ignore-hosts').matchAll(/'([^']*)'/g)].map(([, host]) => host).join(',');
  switch (text(' mode')) {
    case 'manual': {
      const http = address('.http');
      const https = address('.https') ?? (text(' use-same-proxy') === 'true' ? http : undefined);
      const socksOnly = http === undefined && https === undefined && address('.socks') !== undefined;
      return {
        source,
        ...(http === undefined ? {} : { http }),
        ...(https === undefined ? {} : { https }),
        socksOnly,
        exceptions,
      };
    }
    case 'auto': {
      const pacUrl = text(' autoconfig-url');
      return { source, exceptions: LOOPBACK, ...(pacUrl === '' ? { autoDetect: true } : { pacUrl }) };
    }
    default:
      return undefined;
  }
}
