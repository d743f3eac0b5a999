// The package in a real browser: the bundle of a page builds both tokens.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { findOnPath } from './on-path.mjs';
import { Consumer, smokeFile, tools, vectorsFile } from '../packaging/consumer.mjs';

const { build } = createRequire(join(tools, 'package.json'))('esbuild');

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let bundle;
let server;
let browser;
const profile = mkdtempSync(join(tmpdir(), 'ntlm-wasm-browser-'));

before(async () => {
  bundle = await bundleOfPage();
  server = createServer(servePage).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  browser = await chromium.launchPersistentContext(profile, { executablePath: findOnPath('chromium'), args: flags });
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(profile, { recursive: true, force: true });
});

async function bundleOfPage() {
  const consumer = new Consumer();
  try {
    const contents = `
      import * as ntlm from 'ntlm-wasm';
      import vectors from ${JSON.stringify(vectorsFile)};
      import { checkMsNlmp } from ${JSON.stringify(smokeFile)};
      globalThis.result = checkMsNlmp(ntlm, vectors);`;
    const stdin = { contents, resolveDir: consumer.dir };
    const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false });
    return outputFiles[0].text;
  } finally {
    consumer.remove();
  }
}

/** A page whose policy allows its own script, WebAssembly, and nothing else: no network, no eval. */
function servePage(request, response) {
  if (request.url === '/page.js') {
    response.setHeader('content-type', 'text/javascript; charset=utf-8');
    response.end(bundle);
    return;
  }
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'`);
  response.end('<!doctype html><title>tokens</title><script type="module" src="/page.js"></script>');
}

test('both tokens of MS-NLMP 4.2.4, under a policy without network and eval', async () => {
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => {
    page.on('pageerror', reject);
    page.on('console', (message) => reject(new Error(message.text())));
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await Promise.race([page.waitForFunction(() => 'result' in globalThis, undefined, { timeout: 20_000 }), failed]);
  assert.match(await page.evaluate(() => globalThis.result), /^MS-NLMP 4\.2\.4: /);
});
