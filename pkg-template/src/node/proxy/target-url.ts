import { badTarget } from './failures.js';

/** The URL of a request in absolute-form (RFC 9112, section 3.2.2). */
export function absoluteTarget(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol === 'http:' && url.hostname !== '') return url;
  throw badTarget('the target of the request is not an http: URL', 'Requests for https: URLs come by CONNECT.');
}

/** The URL that decides the route of a tunnel (RFC 9112, section 3.2.3): what else would be spoken on port 80? */
export function tunnelTarget(target: string): URL {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]/@?#\\]+):(\d{1,5})$/.exec(target);
  const scheme = match?.[1] === '80' ? 'http' : 'https';
  if (match !== null && URL.canParse(`${scheme}://${target}`)) return new URL(`${scheme}://${target}`);
  throw badTarget('the target of the tunnel is not of the form host:port', 'Check the URL that the program was given.');
}
