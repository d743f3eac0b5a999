/**
 * The header fields of an HTTP/1.1 message, in wire order and with the peer's spelling of names.
 *
 * A list rather than a map, because an NTLM challenge may be in the third of three `Proxy-Authenticate` lines, and because a
 * proxy must forward unknown fields unchanged (RFC 9110, section 5.1).
 */
export type Fields = [name: string, value: string][];

/** Compares names. `wanted` is in lower case. The length is compared first, because most names differ in length. */
function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** Returns every value of the field, in order. The name must be in lower case. */
export function fieldValues(fields: Fields, name: string): string[] {
  const values: string[] = [];
  for (const [field, value] of fields) if (isNamed(field, name)) values.push(value);
  return values;
}

/** Returns the members of a list field such as `Connection`, in lower case, from all its lines. */
export function listValues(fields: Fields, name: string): string[] {
  const members: string[] = [];
  for (const [field, value] of fields) {
    if (!isNamed(field, name)) continue;
    for (const part of value.split(',')) {
      const member = part.trim().toLowerCase();
      if (member !== '') members.push(member);
    }
  }
  return members;
}

/** Returns the fields whose lower-case name is not in `names`. */
export function without(fields: Fields, names: ReadonlySet<string>): Fields {
  return fields.filter(([name]) => !names.has(name.toLowerCase()));
}

/** Converts Node's `rawHeaders` (name, value, name, value, ...) to pairs. */
export function fromRawHeaders(raw: readonly string[]): Fields {
  const fields: Fields = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push([raw[index] as string, raw[index + 1] as string]);
  }
  return fields;
}

/** Fields that belong to one connection and are never forwarded by a proxy (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Returns the fields that a proxy forwards: all except hop-by-hop fields and those named in `Connection`. `Content-Length` is
 * always kept, because otherwise the forwarded body would be read as the next message.
 */
export function endToEnd(fields: Fields): Fields {
  const named = listValues(fields, 'connection');
  return fields.filter(([field]) => {
    const name = field.toLowerCase();
    return !HOP_BY_HOP.has(name) && (name === 'content-length' || !named.includes(name));
  });
}

/** The same as {@link endToEnd} for Node's `rawHeaders`, without the fields whose lower-case names are in `names`. */
export function endToEndHeaders(raw: readonly string[], names: ReadonlySet<string>): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || names.has(lower)) continue;
    if (named !== undefined && lower !== 'content-length' && named.includes(lower)) continue;
    kept.push(name, raw[index + 1] as string);
  }
  return kept;
}

/** Returns the field names in `Connection`; undefined in the usual case that there are none. */
function namedByConnection(raw: readonly string[]): string[] | undefined {
  let named: string[] | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (!isNamed(raw[index] as string, 'connection')) continue;
    const value = raw[index + 1] as string;
    if (value === 'keep-alive' || value === 'close') continue;
    named = [...(named ?? []), ...value.split(',').map((name) => name.trim().toLowerCase())];
  }
  return named;
}

/** Returns every value of the field in Node's `rawHeaders`. The name must be in lower case. */
export function rawFieldValues(raw: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (isNamed(raw[index] as string, name)) values.push(raw[index + 1] as string);
  }
  return values;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether the text is a valid field name (RFC 9110, section 5.1). */
export function isFieldName(name: string): boolean {
  return TOKEN.test(name);
}

// eslint-disable-next-line no-control-regex
const NOT_PRINTABLE = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * Sanitizes a value or a reason phrase. Characters that could end the line become spaces (RFC 9110, section 5.5). So do
 * characters above one byte, because Node would write `Ċ` as a line feed.
 */
export function sanitize(value: string): string {
  return value.replace(NOT_PRINTABLE, ' ');
}

/** Trims spaces and tabs in linear time. A regular expression would take quadratic time on long runs. */
export function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
