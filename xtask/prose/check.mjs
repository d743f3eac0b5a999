/**
 * Checks the style (textlint with the rules of `prh.yml`) and the spelling (cspell with `words.txt`) of documents, comments and
 * messages. Arguments: files or folders below the root of the repository; all that are committed, if there are none.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prose } from './extract.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const cache = join(root, 'target/prose');

/** Data, and texts of others: vectors, fixtures, licences. */
const DATA =
  /^tests\/(?:vectors|fuzz\/(?:seeds|regressions)|.*fixtures?\/)|^LICENSE|\/THIRD-PARTY|(?:^|\/)package-lock\.json$|^xtask\/prose\/(?:prh\.yml|words\.txt)$/;

const wanted = process.argv.slice(2);
const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...wanted], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
});
if (listed.status !== 0) throw new Error(listed.stderr);

rmSync(cache, { recursive: true, force: true });
const copies = [];
for (const name of new Set(listed.stdout.split('\n').filter((line) => line !== '' && !DATA.test(line)))) {
  let text;
  try {
    text = prose(name, readFileSync(join(root, name), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') continue;
    throw new Error(`${name} cannot be read: ${error.message}`, { cause: error });
  }
  if (text === undefined) continue;
  const copy = join(cache, name.endsWith('.md') ? name : `${name}.md`);
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, text);
  copies.push(copy);
}

function run(tool, options, files) {
  const program = join(here, 'node_modules/.bin', tool);
  const { stdout, stderr, error } = spawnSync(program, [...options, ...files], {
    cwd: here,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  });
  if (error !== undefined) throw error;
  const faults = stdout.split('\n').filter((line) => /:\d+:\d+/.test(line));
  if (faults.length === 0 && stderr.trim() !== '' && !/Issues found: 0/.test(stderr)) throw new Error(stderr);
  return faults.map((line) =>
    line
      .replaceAll(`${cache}/`, '')
      .replaceAll(`${cache.slice(1)}/`, '')
      .replace(/(\.\w+)\.md:(\d)/, '$1:$2'),
  );
}

const faults = [];
for (let at = 0; at < copies.length; at += 400) {
  const part = copies.slice(at, at + 400);
  faults.push(...run('textlint', ['--config', '.textlintrc.json', '--format', 'unix'], part));
  faults.push(
    ...run(
      'cspell',
      ['lint', '--config', 'cspell.json', '--no-progress', '--no-summary', '--no-gitignore', '--root', '/'],
      part,
    ),
  );
}
console.log(faults.sort().join('\n'));
console.log(`${copies.length} files, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
