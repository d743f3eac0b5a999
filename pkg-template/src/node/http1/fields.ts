/**
 * The header fields of an HTTP/1.1 message: a list in the order of the wire, with names spelt as the peer spelt them.
 *
 * A list rather than a map because an NTLM challenge may stand in the third of three `Proxy-Authenticate` lines, and
 * because a proxy passes on what it does not understand unchanged (RFC 9110, section 5.1).
 */
export type Fields = [name: string, value: string][];

/** `wanted` is in lower case. Most names have another length, and need no second look. */
function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** Every value of the field, in order. The name is given in lower case. */
export function valuesOf(fields: Fields, name: string): string[] {
  const values: string[] = [];
  for (const [field, value] of fields) if (isNamed(field, name)) values.push(value);
  return values;
}

/** The value of the first field of that name, which is given in lower case. */
export function valueOf(fields: Fields, name: string): string | undefined {
  for (const [field, value] of fields) if (isNamed(field, name)) return value;
  return undefined;
}

/** The members of a list field such as `Connection`, in lower case, over all its lines. */
export function listOf(fields: Fields, name: string): string[] {
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

/** The fields without those whose lower-case name is in `names`. */
export function without(fields: Fields, names: ReadonlySet<string>): Fields {
  return fields.filter(([name]) => !names.has(name.toLowerCase()));
}

/** Node's `rawHeaders` (name, value, name, value, ...) as pairs. */
export function fromRawHeaders(raw: readonly string[]): Fields {
  const fields: Fields = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push([raw[index] as string, raw[index + 1] as string]);
  }
  return fields;
}

/** Fields that belong to one connection and are never passed on by a proxy (RFC 9110, section 7.6.1). */
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
 * What a proxy passes on: everything but the fields of this hop and those that `Connection` names. The length is not to be
 * named away: the body goes on, and without it would be read as the next message.
 */
export function endToEnd(fields: Fields): Fields {
  const named = listOf(fields, 'connection');
  return fields.filter(([field]) => {
    const name = field.toLowerCase();
    return !HOP_BY_HOP.has(name) && (name === 'content-length' || !named.includes(name));
  });
}

/** The same for Node's `rawHeaders`, without the fields whose lower-case names are in `names`. */
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

/** The names in `Connection`; undefined in the usual case that it names none. */
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

/** Every value of the field in Node's `rawHeaders`. The name is given in lower case. */
export function rawValuesOf(raw: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (isNamed(raw[index] as string, name)) values.push(raw[index + 1] as string);
  }
  return values;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether this can be the name of a field (RFC 9110, section 5.1). */
export function isFieldName(name: string): boolean {
  return TOKEN.test(name);
}

// eslint-disable-next-line no-control-regex
const UNSPEAKABLE = /[^\t\x20-\x7e\x80-\xff]/g;

/**
 * A value, or a reason phrase, as it may be written: whatever could end the line for some reader becomes a space (RFC 9110,
 * section 5.5), and so does what is no byte, since of `Ċ` the wire would take the line feed.
 */
export function speakable(value: string): string {
  return value.replace(UNSPEAKABLE, ' ');
}

/** Without the spaces and tabs at both ends, in one pass: an expression would look from each space of a long run anew. */
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
