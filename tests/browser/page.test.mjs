// The page of www/ in a real browser, opened as a file: what people do with it, and what it must never do.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { chromium } from 'playwright-core';

const page = new URL('../../www/dist/index.html', import.meta.url);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const onPath = (name) =>
  process.env.PATH.split(delimiter)
    .map((dir) => join(dir, name))
    .find(existsSync);

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: onPath('chromium'), args: flags });
});
after(() => browser?.close());

/** Opens the page, runs a test on it, and sees that nothing was sent anywhere and nothing complained. */
async function withPage(run, { hash = '', ...options } = {}) {
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
    tab.setDefaultTimeout(10_000);
    await tab.goto(page.href + hash);
    await tab.getByRole('tree').waitFor();
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

function handshake() {
  const server = new NtlmServer({ netbiosDomain: 'CORP', account: () => ({ password: 'secret' }) });
  const client = new NtlmClient({ username: 'bob', domain: 'CORP', password: 'secret' });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  return [negotiate, challenge, client.authenticate(challenge)];
}

const clipboard = (tab) => tab.evaluate(() => navigator.clipboard.readText());
const item = (tab, id) => tab.locator(`[id="node-${id}"]`);
const lit = (tab) => tab.locator('.codes .on').count();

test('the first visit shows an example', () =>
  withPage(async (tab) => {
    assert.match(await tab.getByRole('tree').innerText(), /NEGOTIATE, from the client/);
    assert.equal(await tab.getByRole('navigation').getByRole('button').count(), 3);
  }));

test('paste: a whole conversation, each message a button', () =>
  withPage(async (tab) => {
    const [negotiate, challenge, authenticate] = handshake();
    const text = `> Authorization: NTLM ${negotiate}\n< WWW-Authenticate: NTLM ${challenge}\n> Authorization: NTLM ${authenticate}`;
    await tab.getByRole('textbox', { name: /Token/ }).fill(text);
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    assert.match(await item(tab, 'userName').innerText(), /bob/);
    await tab.getByRole('textbox', { name: /Token/ }).fill('nothing of interest');
    await tab.getByText('There is no NTLM or Negotiate token').waitFor();
  }));

test('fields light up their bytes, bytes their field', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await tab.locator('[id="node-serverChallenge"]').hover();
    assert.equal(await lit(tab), 8);
    await tab.locator('[id="node-targetInfo.timestamp"]').hover();
    assert.equal(await lit(tab), 12);
    assert.ok((await tab.locator('.codes .near').count()) > 12, 'the list around it shows as well');
    await tab.locator('.codes [data-at="24"]').click();
    assert.equal(await item(tab, 'serverChallenge').getAttribute('aria-selected'), 'true');
  }));

test('the tree is walked by keyboard', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await item(tab, 'signature').focus();
    const selected = () => tab.locator('[aria-selected=true]').getAttribute('id');
    for (const [key, id] of [
      ['ArrowDown', 'signature'],
      ['ArrowDown', 'messageType'],
      ['ArrowDown', 'targetNameFields'],
      ['ArrowRight', 'targetNameFields'],
      ['ArrowRight', 'targetNameFields.length'],
      ['ArrowLeft', 'targetNameFields'],
      ['Home', 'signature'],
    ]) {
      await tab.keyboard.press(key);
      assert.equal(await selected(), `node-${id}`, key);
    }
    await tab.keyboard.press('End');
    assert.equal(await selected(), 'node-targetInfo.eol');
    assert.equal(await tab.evaluate(() => document.activeElement.id), 'node-targetInfo.eol');
  }));

test('what is selected comes into sight among the bytes', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    await tab.locator('[id="node-ntChallengeResponse.avPairs.eol"]').click();
    const [byte, area] = await Promise.all([
      tab.locator('.codes .on').first().boundingBox(),
      tab.locator('.hex').boundingBox(),
    ]);
    assert.ok(byte.y >= area.y && byte.y + byte.height <= area.y + area.height);
  }));

test('a node is copied as hex, base64, value and JSON', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await tab.locator('[id="node-targetName"]').click();
    for (const [name, expected] of [
      ['hex', '43004f0052005000'],
      ['base64', 'QwBPAFIAUAA='],
      ['value', 'CORP'],
    ]) {
      await tab.getByRole('button', { name: `Copy ${name}` }).click();
      assert.equal(await clipboard(tab), expected);
    }
    await tab.getByRole('button', { name: 'Copy JSON' }).click();
    assert.equal(JSON.parse(await clipboard(tab)).id, 'targetName');
  }));

test('a link holds the token, and message 3 only after a warning', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: 'Copy a link' }).click();
    const link = await clipboard(tab);
    await withPage(async (other) => assert.match(await other.getByRole('tree').innerText(), /NEGOTIATE/), {
      hash: new URL(link).hash,
    });
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    await tab.getByRole('button', { name: 'Copy a link' }).click();
    await tab.getByRole('dialog').waitFor();
    assert.equal(await clipboard(tab), link, 'not yet');
    await tab.getByRole('button', { name: 'Keep it to myself' }).click();
    assert.equal(await clipboard(tab), link);
  }));

test('a dropped file is read', () =>
  withPage(async (tab) => {
    const [, challenge] = handshake();
    const bytes = [...Buffer.from(challenge, 'base64')];
    await tab.evaluate((bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(bytes)], 'token.bin'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes);
    await item(tab, 'serverChallenge').waitFor();
  }));

test('tokens are made from typed credentials', () =>
  withPage(async (tab) => {
    const [, challenge] = handshake();
    await tab.getByText('Make tokens').click();
    await tab.getByLabel('User name').fill('carol');
    await tab.getByLabel('Password', { exact: true }).fill('secret');
    await tab.getByLabel(/server's challenge/).fill(challenge);
    await tab.getByRole('button', { name: 'Make', exact: true }).click();
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    assert.match(await item(tab, 'userName').innerText(), /carol/);
  }));

test('a password is tried on a handshake', () =>
  withPage(async (tab) => {
    const [negotiate, challenge, authenticate] = handshake();
    await tab.getByRole('textbox', { name: /Token/ }).fill(`${negotiate}\n${challenge}\n${authenticate}`);
    await tab.getByText('Does this password match?').click();
    await tab.getByLabel('Password to try').fill('wrong');
    await tab.getByRole('button', { name: 'Try' }).click();
    await tab.getByText('No: message 3').waitFor();
    await tab.getByLabel('Password to try').fill('secret');
    await tab.getByRole('button', { name: 'Try' }).click();
    await tab.getByText('Yes: message 3 was made with this password (NTLMv2)').waitFor();
    await tab.getByText('integrity code fits').waitFor();
  }));

test('findings lead to the field', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: 'NTLMv1' }).click();
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    await tab.getByRole('button', { name: /NTLMv1 response gives/ }).click();
    assert.equal(await item(tab, 'ntChallengeResponse').getAttribute('aria-selected'), 'true');
  }));

const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};

for (const [name, options] of Object.entries(LOOKS)) {
  test(`accessible, and as wide as the screen: ${name}`, () =>
    withPage(async (tab) => {
      for (const example of ['A proxy', 'Negotiate', 'NTLMv1', 'Nobody', 'Damaged']) {
        await tab.getByRole('button', { name: example, exact: true }).click();
        await tab.locator('.tokens button').last().click();
        await tab.locator('.row').nth(3).click();
        // Run in a world of its own: the page's policy would not have the script.
        await tab.evaluate(axe);
        const { violations } = await tab.evaluate(() => globalThis.axe.run());
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html).slice(0, 3)]),
          [],
          example,
        );
        const [wide, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= window, `${wide} wide on ${window}`);
      }
    }, options));
}

test('the page is one file whose policy forbids connections', () => {
  const html = readFileSync(fileURLToPath(page), 'utf8');
  assert.match(html, /default-src 'none'; connect-src 'none'; script-src 'sha256-/);
  assert.doesNotMatch(html.replace(/<script type="module">.*<\/script>/s, ''), /(?:src|href)="(?!data:)/);
});
