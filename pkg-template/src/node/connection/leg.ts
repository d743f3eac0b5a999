import type { Party } from './party.js';

/** What a leg is about: the same target as the caller's request, so that the peer decides as it would for that. */
export interface LegTarget {
  /** Request target as the peer wants it: a path, the absolute form, or host:port for CONNECT. */
  readonly target: string;
  readonly host: string;
}

/** Methods that mean no body when no length is given (RFC 9110, section 8.6). */
const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * The text of a request of our own that carries the handshake and nothing else: never a body, never a field of the
 * caller's. The parties' headers count as sent.
 */
export function legText(method: string, { target, host }: LegTarget, parties: readonly Party[]): string {
  const fields = [`Host: ${host}`, 'Accept: */*', 'Connection: keep-alive'];
  // An HTTP/1.0 proxy keeps the connection only for this older spelling.
  if (parties.some((party) => party.isProxy)) fields.push('Proxy-Connection: keep-alive');
  if (!BODILESS.has(method)) fields.push('Content-Length: 0');
  for (const party of parties) {
    if (party.header !== undefined) fields.push(`${party.requestField}: ${party.header}`);
    party.sent();
  }
  return `${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}
