/** The published pages, and the fenced code blocks in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The pages by their path in the repository. */
export const pages = [
  'README.md',
  'src/README.md',
  'pkg-template/README.md',
  ...readdirSync(`${root}pkg-template/docs`, { recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `pkg-template/docs/${name.replaceAll('\\', '/')}`)
    .sort(),
].map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

/** Blocks in the order of the pages. `id` is what a failure prints: the path, and the line of the fence. */
export const blocks = pages.flatMap(({ path, text }) => {
  const found = [...text.matchAll(/^( *)```(\S*)\n(.*?)^\1```$/gms)];
  return found.map(([, indent, language, code], number) => {
    const at = found[number].index;
    return {
      path,
      page: path.replace('pkg-template/', ''),
      id: `${path}:${text.slice(0, at).split('\n').length}`,
      heading:
        text
          .slice(0, at)
          .match(/^#+ .*$/gm)
          ?.at(-1)
          ?.replace(/^#+ /, '') ?? '',
      number: number + 1,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
});

export const scripts = blocks.filter(({ language }) => ['js', 'ts'].includes(language));

/** The inline code of the pages: what is between single backticks, outside blocks. */
export const inline = pages.flatMap(({ path, text }) =>
  [...text.replaceAll(/^( *)```\S*\n.*?^\1```$/gms, '').matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code]) => ({
    path,
    code,
  })),
);
