// The page of www/ in Chromium, opened as a file.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { findOnPath } from './on-path.mjs';

export const page = new URL('../../www/dist/index.html', import.meta.url);
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: findOnPath('chromium'), args: flags });
});
after(() => browser?.close());

/** Opens the page, runs a test on it, and sees that nothing was sent anywhere and nothing complained. */
export async function withPage(run, { hash = '', ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const tab = await context.newPage();
  const [requests, complaints] = [[], []];
  tab.on('request', (request) => requests.push(request.url()));
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(String(error)));
  try {
    tab.setDefaultTimeout(20_000);
    await tab.goto(page.href + hash);
    await tab.getByRole('tree').first().waitFor();
    await run(tab);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith('data:') && !url.startsWith(page.href)),
      [],
    );
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}
