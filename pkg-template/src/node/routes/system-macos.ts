import { LOOPBACK, type SystemSettings } from './system-settings.js';

/** Reads the output of `scutil --proxy`: a dictionary, one "key : value" a line, with one array in it. */
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
  // As the system does: a PAC file, where there is one, decides alone.
  const pacUrl = values.get('ProxyAutoConfigURLString');
  if (enabled('ProxyAutoConfigEnable') && pacUrl !== undefined) return { ...common, pacUrl };
  const socksOnly = http === undefined && https === undefined && address('SOCKS') !== undefined;
  if (http === undefined && https === undefined && !socksOnly) return undefined;
  return {
    ...common,
    ...(http === undefined ? {} : { http }),
    ...(https === undefined ? {} : { https }),
    socksOnly,
  };
}
