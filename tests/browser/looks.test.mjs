// The page of www/ on every screen: accessibility, width, size.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { page, withPage } from './with-page.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'wide and dark': { viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' },
  tablet: { viewport: { width: 768, height: 1024 } },
  'at 200 % zoom': { viewport: { width: 640, height: 450 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  'small phone, dark': { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
};

const ALL = ['NTLM proxy', 'Negotiate', 'NTLMv1', 'Anonymous', 'Damaged'];

for (const [name, options] of Object.entries(LOOKS)) {
  test(`accessible, and not wider than the screen: ${name}`, () =>
    withPage(async (tab) => {
      for (const example of name === 'light' ? ALL : ['NTLMv1', 'Damaged']) {
        await tab.getByRole('button', { name: example, exact: true }).click();
        await tab
          .getByRole('button', { name: /^([123] |SPNEGO)/ })
          .last()
          .click();
        await tab.locator('.row').nth(3).click();
        // Runs in an isolated world, because the page's policy blocks the script.
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate(() =>
          globalThis.axe.run({ rules: { 'target-size': { enabled: true } } }),
        );
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 3)]),
          [],
          example,
        );
        const [wide, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= window, `${wide} wide on ${window}`);
        const [lines, area] = await tab.locator('.hex').evaluate((hex) => [hex.scrollWidth, hex.clientWidth]);
        assert.ok(lines <= area, `the bytes and their text: ${lines} wide in ${area}`);
      }
    }, options));
}

test('the page transfers less than 160 KB, with everything in it', () => {
  const { length } = gzipSync(readFileSync(page), { level: 9 });
  assert.ok(length < 160_000, `${length} bytes`);
});

test('the page is one file whose policy forbids connections', () => {
  const html = readFileSync(fileURLToPath(page), 'utf8');
  assert.match(html, /default-src 'none'; connect-src 'none'; script-src 'sha256-/);
  assert.doesNotMatch(html.replace(/<script type="module">.*<\/script>/s, ''), /(?:src|href)="(?!data:)/);
});

test('printed, the bytes are complete and the controls are gone', () =>
  withPage(async (tab) => {
    await tab.emulateMedia({ media: 'print' });
    for (const controls of ['.input', '.tools', '.detail .buttons', 'footer']) {
      assert.ok(!(await tab.locator(controls).first().isVisible()), controls);
    }
    const [inner, outer] = await tab.locator('.hex').evaluate((hex) => [hex.scrollHeight, hex.clientHeight]);
    assert.ok(inner <= outer, `${inner} high in ${outer}`);
  }));
