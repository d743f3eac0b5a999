/** How many bytes each function of a WebAssembly module takes, by the names that the compiler left in it (custom section "name"). */

const SECTION = { custom: 0, import: 2, code: 10, data: 11 };
const FUNCTION_NAMES = 1;

/** Rows `{ name, crate, bytes }`, largest first, with the data in a separate row. */
export function functionSizes(module) {
  const names = new Map();
  const sizes = [];
  let imported = 0;
  let data = 0;
  const reader = new Reader(module, 8);
  while (reader.left > 0) {
    const id = reader.byte();
    const section = reader.part(reader.number());
    if (id === SECTION.import) imported = importedFunctions(section);
    if (id === SECTION.code)
      for (let count = section.number(); count > 0; count--) sizes.push(section.skip(section.number()));
    if (id === SECTION.data) data = section.left;
    if (id === SECTION.custom && section.text() === 'name') readNames(section, names);
  }
  const rows = sizes.map((bytes, index) => {
    const name = readable(names.get(imported + index) ?? `function ${imported + index}`);
    return { name, crate: crateOf(name), bytes };
  });
  rows.push({ name: '(data)', crate: '(data)', bytes: data });
  return rows.toSorted((a, b) => b.bytes - a.bytes);
}

/** The same, added up by crate. */
export function crateSizes(functions) {
  const sums = new Map();
  for (const { crate, bytes } of functions) sums.set(crate, (sums.get(crate) ?? 0) + bytes);
  return [...sums].map(([crate, bytes]) => ({ crate, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

function readNames(section, names) {
  while (section.left > 0) {
    const kind = section.byte();
    const part = section.part(section.number());
    if (kind !== FUNCTION_NAMES) continue;
    for (let count = part.number(); count > 0; count--) names.set(part.number(), part.text());
  }
}

/** Functions, which come first in the numbering, among what is imported. Other kinds end the list here: there are none in these modules. */
function importedFunctions(section) {
  let functions = 0;
  for (let count = section.number(); count > 0; count--) {
    section.text();
    section.text();
    if (section.byte() !== 0) break;
    section.number();
    functions += 1;
  }
  return functions;
}

/** Takes Rust's older mangling off: `_ZN4core3fmt5write17h0123456789abcdefE` is `core::fmt::write`. */
function readable(name) {
  if (!name.startsWith('_ZN')) return name;
  const parts = [];
  for (let rest = name.slice(3); /^\d/.test(rest);) {
    const length = Number.parseInt(rest, 10);
    const start = String(length).length;
    parts.push(rest.slice(start, start + length));
    rest = rest.slice(start + length);
  }
  const path = parts.filter((part) => !/^h[0-9a-f]{16}$/.test(part)).join('::');
  return path
    .replace(/^_?\$LT\$/, '<')
    .replaceAll('$LT$', '<')
    .replaceAll('$GT$', '>')
    .replaceAll('$u20$', ' ')
    .replaceAll('..', '::');
}

/** The first crate in a name of Rust's newer mangling: `C`, a hash, the length, the name. */
const V0_CRATE = /^_R.*?Cs[0-9A-Za-z]+_\d+([a-z][a-z0-9_]*?)(?=\d|N|E|$)/;

/** `<a::b as c::d>::e` counts for a. */
function crateOf(name) {
  const crate = /^[<&_]*([A-Za-z0-9_]+)(?:::|\[)/.exec(name) ?? V0_CRATE.exec(name);
  return crate?.[1] ?? (name.startsWith('_R') ? '(other)' : '(exports)');
}

class Reader {
  #bytes;
  #at;
  #end;

  constructor(bytes, start, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get left() {
    return this.#end - this.#at;
  }

  byte() {
    return this.#bytes[this.#at++];
  }

  /** LEB128, without a sign. */
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text() {
    const length = this.number();
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(this.#at - length, this.#at)).toString();
  }

  part(length) {
    this.#at += length;
    return new Reader(this.#bytes, this.#at - length, this.#at);
  }

  skip(length) {
    this.#at += length;
    return length;
  }
}
