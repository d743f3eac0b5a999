/**
 * Counts constructions that the style avoids, over the documents, comments and messages of revisions:
 * `node xtask/prose/counts.mjs 5db9a34 HEAD`. With `--list` it prints what it counted in the last one. Without a revision
 * it reads the working tree.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prose } from './extract.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

const CONSTRUCTIONS = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(new URL('constructions.json', import.meta.url), 'utf8'))).map(
    ([name, [pattern, flags]]) => [name, new RegExp(pattern, flags)],
  ),
);

const SCOPES = {
  'without tests': (name) => !/^tests\//.test(name),
  tests: (name) => /^tests\//.test(name),
};
const DATA =
  /^tests\/(?:vectors|fuzz\/(?:seeds|regressions|artifacts)|.*fixtures?\/)|^LICENSE|(?:^|\/)package-lock\.json$|^xtask\/prose\/(?:prh|words)/;

/** Returns the prose of each file of a revision, or of the working tree. */
function* texts(revision) {
  const names = revision === undefined ? git('ls-files') : git('ls-tree', '-r', '--name-only', revision);
  for (const name of names.split('\n').filter((one) => one !== '' && !DATA.test(one))) {
    if (!/\.(?:md|rs|[cm]?js|tsx?|sh|toml|ya?ml|py)$/.test(name)) continue;
    let text;
    try {
      text = revision === undefined ? readFileSync(join(root, name), 'utf8') : git('show', `${revision}:${name}`);
      text = prose(name, text);
    } catch {
      continue; // deleted, or of a language that the parser does not know
    }
    if (text !== undefined) yield { name, text: text.replace(/`[^`\n]*`|```[\s\S]*?```/g, '`code`') };
  }
}

function count(revision) {
  const counts = {};
  const found = [];
  for (const { name, text } of texts(revision)) {
    const [scope] = Object.entries(SCOPES).find(([, includes]) => includes(name));
    for (const [construction, pattern] of Object.entries(CONSTRUCTIONS)) {
      for (const { index } of text.matchAll(pattern)) {
        counts[`${construction}|${scope}`] = (counts[`${construction}|${scope}`] ?? 0) + 1;
        const line = text.slice(0, index).split('\n').length;
        found.push(
          `${name}:${line}: ${construction}: ${text.slice(Math.max(0, index - 30), index + 60).replaceAll('\n', ' ')}`,
        );
      }
    }
  }
  return { counts, found };
}

const list = process.argv.includes('--list');
const named = process.argv.slice(2).filter((one) => one !== '--list');
const revisions = named.length === 0 ? [undefined] : named;
const results = revisions.map(count);
if (list) console.log(`${results.at(-1).found.join('\n')}\n`);
const columns = Object.keys(SCOPES).flatMap((scope) =>
  revisions.map((revision, index) => ({ scope, revision, index })),
);
console.log(`| construction | ${columns.map(({ scope, revision }) => `${revision ?? 'now'}, ${scope}`).join(' | ')} |`);
console.log(`|---|${columns.map(() => '---:|').join('')}`);
for (const construction of Object.keys(CONSTRUCTIONS)) {
  const cells = columns.map(({ scope, index }) => results[index].counts[`${construction}|${scope}`] ?? 0);
  console.log(`| ${construction} | ${cells.join(' | ')} |`);
}
