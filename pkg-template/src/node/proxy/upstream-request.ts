import type { Plan } from '../connector.js';
import { endToEnd, type Fields, listOf, valueOf, valuesOf, without } from '../http1/fields.js';
import type { RequestHead } from '../http1/served-head.js';
import { originUrl } from '../origin-url.js';
import { badTarget } from '../network-errors.js';

/** The client asks to speak another protocol on this connection, such as WebSocket (RFC 9110, section 7.8). */
export function isUpgrade(head: RequestHead): boolean {
  return valueOf(head.fields, 'upgrade') !== undefined && listOf(head.fields, 'connection').includes('upgrade');
}

/**
 * The head for the next hop, in origin-form: the connection turns it into what a proxy wants where there is one, and
 * adds the sign-on.
 */
export function requestText(head: RequestHead, plan: Plan): string {
  const { url, path } = plan.destination;
  const fields: Fields = [
    // The target decides, whatever the Host field says (RFC 9112, section 3.2.2).
    ['Host', url.host],
    ...without(endToEnd(head.fields), LEFT_OUT),
    ...bodyFields(head),
    ...connectionFields(head),
  ];
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  // The client's version, so that nobody sends an HTTP/1.0 client chunks.
  return `${head.method} ${path} HTTP/${head.version}\r\n${lines}\r\n`;
}

/** `Expect` has been dealt with here: the next hop gets the body as it comes. */
const LEFT_OUT = new Set(['host', 'expect']);

function bodyFields(head: RequestHead): Fields {
  return valueOf(head.fields, 'transfer-encoding') !== undefined ? [['Transfer-Encoding', 'chunked']] : [];
}

function connectionFields(head: RequestHead): Fields {
  if (!isUpgrade(head)) return [['Connection', 'keep-alive']];
  return [
    ['Connection', 'Upgrade'],
    ['Upgrade', valuesOf(head.fields, 'upgrade').join(', ')],
  ];
}

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
