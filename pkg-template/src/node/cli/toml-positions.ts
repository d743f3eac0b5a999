import { parseTOML } from 'toml-eslint-parser';

/** The line of each key at the top of a TOML text that has been read without an error. */
export function linesOfKeys(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const [table] = parseTOML(text.replace(/^\ufeff/, '')).body;
  for (const node of table.body) {
    const [first] = node.key.keys;
    if (first === undefined) continue;
    const name = first.type === 'TOMLBare' ? first.name : first.value;
    if (!lines.has(name)) lines.set(name, first.loc.start.line);
  }
  return lines;
}
