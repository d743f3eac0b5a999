/** The links between the pages lead to headings that exist, and the index leads to every page. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pages } from './pages.mjs';

const texts = new Map(pages.map(({ path, text }) => [path, text.replaceAll(/^( *)```\S*\n.*?^\1```$/gms, '')]));

/** The anchors of a page, as GitHub and npm make them. */
function anchors(text) {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a page to other pages, with the path of the target. */
function links(path, text) {
  return [...text.matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([link, file, anchor]) => ({
    link: `${path}: ${link.slice(1)}`,
    target: file === '' ? path : join(dirname(path), file).replaceAll('\\', '/'),
    anchor,
  }));
}

test('a link to a heading finds it', () => {
  const toHeadings = [...texts]
    .flatMap(([path, text]) => links(path, text))
    .filter(({ anchor }) => anchor !== undefined);
  assert.ok(toHeadings.length > 10);
  const dead = toHeadings.filter(({ target, anchor }) => !anchors(texts.get(target) ?? '').includes(anchor));
  assert.deepEqual(
    dead.map(({ link }) => link),
    [],
  );
});

test('the index leads to every page', () => {
  const index = 'pkg-template/docs/index.md';
  const linked = new Set(links(index, texts.get(index)).map(({ target }) => target));
  const documents = [...texts.keys()].filter((path) => path.startsWith('pkg-template/docs/') && path !== index);
  assert.ok(documents.length > 30);
  assert.deepEqual(
    documents.filter((path) => !linked.has(path)),
    [],
  );
});

test('all documents are in one folder, because the pages of the site address its scripts relative to it', () => {
  const nested = [...texts.keys()].filter((path) => /^pkg-template\/docs\/.*\//.test(path));
  assert.deepEqual(nested, []);
});
