// Text with resolved escapes that keeps the original position of each character. A character is one byte, U+0000 to U+00FF.

export interface View {
  text: string;
  /** Returns the input position of a character. */
  origin(at: number): number;
}

export const plainView = (text: string): View => ({ text, origin: (at) => at });

/** Returns a view with each match replaced; undefined if nothing matches. */
function replaced(view: View, pattern: RegExp, by: (match: RegExpMatchArray) => string | undefined): View | undefined {
  const parts: string[] = [];
  // Positions after each replacement, in the new text and in the old one.
  const to: number[] = [0];
  const from: number[] = [0];
  let [old, length] = [0, 0];
  for (const match of view.text.matchAll(pattern)) {
    const text = by(match);
    if (text === undefined) continue;
    parts.push(view.text.slice(old, match.index), text);
    length += match.index - old + text.length;
    old = match.index + match[0].length;
    to.push(length);
    from.push(old);
  }
  if (parts.length === 0) return undefined;
  parts.push(view.text.slice(old));
  const before = (at: number) => {
    let [low, high] = [0, to.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((to[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return (from[low] ?? 0) + at - (to[low] ?? 0);
  };
  return { text: parts.join(''), origin: (at) => view.origin(before(at)) };
}

export interface Transformation {
  name: string;
  /** The joined lines may be unrelated, so only tokens of exactly the right length are accepted. */
  strict?: true;
  apply(view: View): View | undefined;
}

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  plus: '+',
  sol: '/',
  equals: '=',
  colon: ':',
  comma: ',',
  lowbar: '_',
  newline: '\n',
  tab: '\t',
};
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', a: '\x07', e: '\x1b' };

const character = (code: number) =>
  code < 256 ? String.fromCharCode(code) : code <= 0x10ffff ? utf8(String.fromCodePoint(code)) : undefined;

function utf8(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function resolved(escape: string): string | undefined {
  const hexadecimal = /^[uUx]([0-9a-f]+)$/i.exec(escape)?.[1];
  if (hexadecimal !== undefined) return character(parseInt(hexadecimal, 16));
  if (/^[0-7]/.test(escape)) return character(parseInt(escape, 8) & 255);
  return ESCAPES[escape] ?? escape;
}

/**
 * The transformations that can be reversed without knowing which program wrote the text. Encodings that keep backslashes come
 * before escapes. The other order would change bytes that the escapes represent.
 */
export const TRANSFORMATIONS: readonly Transformation[] = [
  {
    name: 'percent-encoding',
    apply: (view) => replaced(view, /%([0-9a-f]{2})/gi, ([, digits]) => character(parseInt(digits!, 16))),
  },
  {
    name: 'HTML',
    apply: (view) =>
      replaced(view, /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, ([, decimal, digits, name]) => {
        if (name !== undefined) return ENTITIES[name.toLowerCase()];
        return character(decimal === undefined ? parseInt(digits!, 16) : Number(decimal));
      }),
  },
  {
    name: 'quoted-printable',
    apply: (view) =>
      replaced(view, /=(?:([0-9a-f]{2})|[ \t]*\r?\n(?:[ \t]*>[ \t]?)*)/gi, ([, digits]) =>
        digits === undefined ? '' : character(parseInt(digits, 16)),
      ),
  },
  {
    name: 'escapes',
    apply: (view) =>
      replaced(view, /\\(u[0-9a-f]{4}|U[0-9a-f]{8}|x[0-9a-f]{2}|[0-7]{1,3}|["'\\/nrtbfvae])/gi, ([, escape]) =>
        resolved(escape!),
      ),
  },
  { name: 'quoting', apply: (view) => replaced(view, /^[ \t]*(?:[>|][ \t]?)+/gm, () => '') },
  {
    name: 'line wrapping',
    strict: true,
    apply: (view) => replaced(view, /[ \t]*\r?\n[ \t]*(?:>[ \t]?)*/g, () => ''),
  },
];
