import { originUrl } from '../origin-url.js';
import { badTarget } from './failures.js';

export interface Target {
  readonly url: URL;
  /** Path and query, as they stand in the request: a proxy changes nothing there (RFC 9110, section 7.7). */
  readonly path: string;
}

const PLAIN = /^(http:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?)(\/[^#\\]*)$/i;

/** The target of a request in absolute-form (RFC 9112, section 3.2.2). */
export function absoluteTarget(target: string): Target {
  const [, origin, path] = PLAIN.exec(target) ?? [];
  if (origin !== undefined && path !== undefined && URL.canParse(origin)) return { url: originUrl(origin), path };
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol === 'http:' && url.hostname !== '') return { url, path: `${url.pathname}${url.search}` };
  throw badTarget('the target of the request is not an http: URL', 'Requests for https: URLs come by CONNECT.');
}

/** The URL that decides the route of a tunnel (RFC 9112, section 3.2.3): what else would be spoken on port 80? */
export function tunnelTarget(target: string): URL {
  const match = /^(?:\[[0-9A-Fa-f:.]+\]|[^:[\]/@?#\\]+):(\d{1,5})$/.exec(target);
  const scheme = match?.[1] === '80' ? 'http' : 'https';
  if (match !== null && URL.canParse(`${scheme}://${target}`)) return new URL(`${scheme}://${target}`);
  throw badTarget('the target of the tunnel is not of the form host:port', 'Check the URL that the program was given.');
}
