// The page of www/ looks as it was last accepted, in Chromium and Firefox. `cargo xtask pictures` accepts it as it is.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { findOnPath } from './on-path.mjs';
import { accepted, check, compared, fileName, page, pagesOf, SCREENS, settle, stored } from './pictures.mjs';

/** The maximum size of all accepted pictures, because they are part of the repository. */
const MOST_BYTES = 1_500_000;
const SCHEMES = ['light', 'dark'];
const PAPER = {
  format: 'A4',
  printBackground: false,
  margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' },
};
const FIELD = '[id="node-3.userName"]';

const taken = new Set();
function compare(name, screenshot, scale) {
  taken.add(name);
  check(name, screenshot, scale);
}

async function comparePrint(name, pdf) {
  for (const [index, picture] of (await pagesOf(pdf)).entries()) compare(`${name}, print ${index + 1}`, picture);
}

describe('Chromium', () => {
  let browser;
  before(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-lcd-text', '--font-render-hinting=none'];
    args.push('--force-color-profile=srgb', '--hide-scrollbars');
    browser = await chromium.launch({ executablePath: findOnPath('chromium'), args });
  });
  after(() => browser?.close());

  async function withTab({ width, height, scale = 1 }, colorScheme, run) {
    const context = await browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: scale,
      colorScheme,
      reducedMotion: 'reduce',
    });
    try {
      const tab = await context.newPage();
      await tab.goto(page);
      await tab.locator(FIELD).waitFor();
      await run(tab);
    } finally {
      await context.close();
    }
  }

  for (const [screen, size] of Object.entries(SCREENS)) {
    for (const scheme of SCHEMES) {
      test(`${screen}, ${scheme}`, () =>
        withTab(size, scheme, async (tab) => {
          await tab.locator(FIELD).click();
          await tab.mouse.move(0, 0);
          await tab.evaluate(settle);
          compare(`Chromium, ${screen}, ${scheme}`, await tab.screenshot({ fullPage: true }), size.scale);
        }));
    }
  }

  test('print', () =>
    withTab(SCREENS['1280 px'], 'light', async (tab) => {
      await tab.evaluate(settle);
      await comparePrint('Chromium', await tab.pdf(PAPER));
    }));

  const CHANGES = {
    'a word': () => (document.querySelector('[id="node-3.workstation"] .value').textContent = 'PC-0099'),
    'a colour': () => document.documentElement.style.setProperty('--text', '#f7d6d0'),
    'a size': () => (document.querySelector('.sentence').style.fontSize = '1rem'),
    'a missing button': () => (document.querySelector('.tools button').style.visibility = 'hidden'),
  };
  for (const [change, make] of Object.entries(CHANGES)) {
    test(`a difference is noticed: ${change}`, () =>
      withTab(SCREENS['1280 px'], 'light', async (tab) => {
        await tab.evaluate(settle);
        const first = stored(await tab.screenshot({ fullPage: true }));
        assert.equal(compared(first, stored(await tab.screenshot({ fullPage: true }))).problem, undefined);
        await tab.evaluate(make);
        assert.match(
          compared(first, stored(await tab.screenshot({ fullPage: true }))).problem,
          /squares are different|pixels instead/,
        );
      }));
  }

  const SECTIONS = {
    'every severity': (tab) => tab.getByRole('button', { name: 'NTLMv1', exact: true }).click(),
    'a damaged token': (tab) => tab.getByRole('button', { name: 'Damaged', exact: true }).click(),
    'many conversations': async (tab) => {
      const text = await tab.getByRole('textbox', { name: /Token/ }).inputValue();
      await tab.getByRole('textbox', { name: /Token/ }).fill(`${text}\n${text}\n${text}`);
      await tab.getByText('3 conversations').waitFor();
      await tab.getByText('Compare with another token').click();
    },
    'the tools': async (tab) => {
      await tab.getByText('Does this password match?').click();
      await tab.getByText('Make tokens').click();
    },
  };
  for (const [section, open] of Object.entries(SECTIONS)) {
    test(section, () =>
      withTab(SCREENS['1280 px'], 'light', async (tab) => {
        await open(tab);
        await tab.mouse.move(0, 0);
        await tab.evaluate(settle);
        compare(`Chromium, ${section}`, await tab.screenshot({ fullPage: true }));
      }),
    );
  }
});

for (const scheme of SCHEMES) {
  describe(`Firefox, ${scheme}`, () => {
    let browser;
    before(async () => {
      browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: findOnPath('firefox-esr'),
        headless: true,
        extraPrefsFirefox: {
          'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
          'ui.prefersReducedMotion': 1,
          'gfx.text.disable-aa': false,
          'gfx.color_management.mode': 0,
        },
      });
    });
    after(() => browser?.close());

    async function withTab({ width, height, scale = 1 }, run) {
      const tab = await browser.newPage();
      try {
        await tab.setViewport({ width, height, deviceScaleFactor: scale });
        await tab.goto(page);
        await tab.waitForSelector(FIELD);
        await run(tab);
      } finally {
        await tab.close();
      }
    }

    for (const [screen, size] of Object.entries(SCREENS)) {
      test(screen, () =>
        withTab(size, async (tab) => {
          await tab.click(FIELD);
          await tab.mouse.move(0, 0);
          await tab.evaluate(settle);
          compare(`Firefox, ${screen}, ${scheme}`, await tab.screenshot({ fullPage: true }), size.scale);
        }),
      );
    }

    if (scheme === 'light') {
      test('print', () =>
        withTab(SCREENS['1280 px'], async (tab) => {
          await tab.evaluate(settle);
          await comparePrint('Firefox', await tab.pdf(PAPER));
        }));
    }
  });
}

test('every accepted picture was compared, and together they are small', () => {
  const { names, bytes } = accepted();
  assert.deepEqual(names.sort(), [...taken].map(fileName).sort());
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`);
});
