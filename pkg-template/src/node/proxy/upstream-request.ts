import type { Plan } from '../connector.js';
import { endToEnd, type Fields, listOf, valueOf, valuesOf, without } from '../http1/fields.js';
import type { RequestHead } from '../http1/request-head.js';

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
