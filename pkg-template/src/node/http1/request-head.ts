import { type BodyFraming, NO_BODY } from './framing.js';

/**
 * Edits the text of a request head. The order and the spelling of other fields are preserved, because some servers depend on
 * them, and because it helps to compare captures.
 */

export function methodOf(head: string): string {
  return head.slice(0, head.indexOf(' '));
}

export function targetOf(head: string): string {
  const start = head.indexOf(' ') + 1;
  return head.slice(start, head.indexOf(' ', start));
}

/** Returns the value of the first field with the name. */
export function fieldOf(head: string, name: string): string | undefined {
  return pattern(name, '[ \\t]*([^\\r\\n]*)', 'i').exec(head)?.[1];
}

/** Returns the head with one field of the name, which replaces existing ones. */
export function withField(head: string, name: string, value: string): string {
  const others = head.replace(pattern(name, '[^\\r\\n]*', 'gi'), '');
  return `${others.slice(0, -2)}${name}: ${value}\r\n\r\n`;
}

/** Returns the head without the fields whose names match. */
export function withoutFields(head: string, names: readonly string[]): string {
  return names.reduce((text, name) => text.replace(pattern(name, '[^\\r\\n]*', 'gi'), ''), head);
}

/** Returns the head with the cookies of the Set-Cookie fields, which replace or delete cookies of the same name. */
export function withCookies(head: string, setCookies: readonly string[]): string {
  const cookies = new Map<string, string>();
  for (const pair of (fieldOf(head, 'cookie') ?? '').split(';')) {
    const [name, value] = cookiePair(pair);
    if (name !== '') cookies.set(name, value);
  }
  for (const line of setCookies) {
    const [pair = '', ...attributes] = line.split(';');
    const [name, value] = cookiePair(pair);
    if (name === '') continue;
    if (attributes.some(isExpired)) cookies.delete(name);
    else cookies.set(name, value);
  }
  const text = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return text === '' ? withoutFields(head, ['cookie']) : withField(head, 'Cookie', text);
}

function cookiePair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  return equals === -1 ? ['', ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}

/** Whether the server deletes the cookie: `Max-Age=0`, or `Expires` with a date in the past. */
function isExpired(attribute: string): boolean {
  const [name, value] = cookiePair(attribute);
  if (name.toLowerCase() === 'max-age') return Number(value) <= 0;
  return name.toLowerCase() === 'expires' && Date.parse(value) <= Date.now();
}

const patterns = new Map<string, RegExp>();

/** Returns a pattern for the lines with a name. Patterns are cached, because compiling costs more than matching. */
function pattern(name: string, value: string, flags: 'i' | 'gi'): RegExp {
  const key = `${name} ${flags}`;
  let made = patterns.get(key);
  if (made === undefined) patterns.set(key, (made = new RegExp(`\\r\\n${name}:${value}`, flags)));
  return made;
}

/** Converts the request line to the absolute form for a proxy (RFC 9112, section 3.2.2). */
export function inAbsoluteForm(head: string, origin: string): string {
  const target = targetOf(head);
  if (!target.startsWith('/') && target !== '*') return head;
  const start = head.indexOf(' ') + 1;
  // `OPTIONS *` is sent to a proxy as the bare origin (section 3.2.4).
  return `${head.slice(0, start)}${origin}${target === '*' ? '' : target}${head.slice(start + target.length)}`;
}

/** Returns the body framing of a request by a well-behaved client (RFC 9112, section 6.3). */
export function requestBodyFraming(head: string): BodyFraming {
  if (/chunked[ \t]*$/i.test(fieldOf(head, 'transfer-encoding') ?? '')) return { kind: 'chunked' };
  const length = fieldOf(head, 'content-length');
  return length === undefined ? NO_BODY : { kind: 'length', bytes: Number(length) };
}
