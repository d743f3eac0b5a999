import { LOOPBACK, type SystemSettings } from './system-settings.js';

/** Reads the output of `gsettings list-recursively org.gnome.system.proxy`: one "schema key value" a line. */
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
  // A list in GVariant text form: ['localhost', '127.0.0.0/8'], or "@as []" when empty.
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
      return pacUrl === '' ? undefined : { source, pacUrl, exceptions: LOOPBACK };
    }
    default:
      return undefined;
  }
}
