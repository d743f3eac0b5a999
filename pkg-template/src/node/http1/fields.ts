/**
 * The header fields of an HTTP/1.1 message: a list in the order of the wire, with names spelt as the peer spelt them.
 *
 * A list rather than a map because an NTLM challenge may stand in the third of three `Proxy-Authenticate` lines, and
 * because a proxy passes on what it does not understand unchanged (RFC 9110, section 5.1).
 */
export type Fields = [name: string, value: string][];

/** Every value of the field, in order. */
export function valuesOf(fields: Fields, name: string): string[] {
  const wanted = name.toLowerCase();
  return fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
}

/** The members of a list field such as `Connection`, in lower case, over all its lines. */
export function listOf(fields: Fields, name: string): string[] {
  return valuesOf(fields, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '');
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

/** What a proxy passes on: everything but the fields of this hop and those that `Connection` names. */
export function endToEnd(fields: Fields): Fields {
  return without(fields, new Set([...HOP_BY_HOP, ...listOf(fields, 'connection')]));
}
