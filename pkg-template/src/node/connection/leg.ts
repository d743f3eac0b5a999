import type { Party } from './party.js';
import { fieldOf, inAbsoluteForm, targetOf, withField } from './request-text.js';

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

/**
 * The client's head as it goes out: in absolute form if a proxy reads it, which wants to know the origin, and with the
 * parties' headers, which count as sent.
 */
export function requestText(head: string, origin: string | undefined, parties: readonly Party[]): string {
  let text = origin === undefined ? head : inAbsoluteForm(head, origin);
  // An HTTP/1.0 proxy keeps the connection only for this older spelling.
  if (origin !== undefined && !/\bclose\b/i.test(fieldOf(text, 'connection') ?? '')) {
    text = withField(text, 'Proxy-Connection', 'keep-alive');
  }
  for (const party of parties) {
    if (party.header !== undefined) text = withField(text, party.requestField, party.header);
    party.sent();
  }
  return text;
}

/** A leg of our own for the same target as the client's request. */
export function legFor(head: string, method: string, origin: string | undefined, parties: readonly Party[]): string {
  const text = origin === undefined ? head : inAbsoluteForm(head, origin);
  return legText(method, { target: targetOf(text), host: fieldOf(text, 'host') ?? '' }, parties);
}
