// The pages of the packed package: their relative links lead to files of the package.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const pkg = fileURLToPath(new URL('../../pkg', import.meta.url));

test('no relative link of a published page leads nowhere', () => {
  const { files } = JSON.parse(readFileSync(join(pkg, 'package.json'), 'utf8'));
  const pages = [
    'README.md',
    'CHANGELOG.md',
    ...readdirSync(join(pkg, 'docs'), { recursive: true }).map((name) => join('docs', name)),
  ];
  const dead = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => {
      const links = [...readFileSync(join(pkg, page), 'utf8').matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)];
      assert.ok(links.length > 0 || page !== 'README.md', 'the README has links');
      const published = (path) =>
        existsSync(join(pkg, path)) && ['README.md', ...files].some((name) => path.startsWith(name));
      return links.filter(([, link]) => !published(join(dirname(page), link))).map(([, link]) => `${page}: ${link}`);
    });
  assert.deepEqual(dead, []);
});
