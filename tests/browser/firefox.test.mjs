// The page of www/ in Firefox, driven by WebDriver BiDi: what people do most, and that nothing leaves it.
// The rest is the same code in every browser, and is tested with Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import puppeteer from 'puppeteer-core';
import { findOnPath } from './on-path.mjs';

const page = new URL('../../www/dist/index.html', import.meta.url).href;

let browser;
before(async () => {
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: findOnPath('firefox-esr'),
    headless: true,
    extraPrefsFirefox: { 'ui.systemUsesDarkTheme': 1, 'dom.events.testing.asyncClipboard': true },
  });
});
after(() => browser?.close());

/** Opens the page as a file, runs a test on it, and sees that nothing was sent and nothing complained. */
async function withPage(run, { width = 1280, height = 900 } = {}) {
  const tab = await browser.newPage();
  const [requests, complaints] = [[], []];
  tab.on('request', (request) => requests.push(request.url()));
  tab.on('console', (message) => complaints.push(message.text()));
  tab.on('pageerror', (error) => complaints.push(String(error)));
  try {
    tab.setDefaultTimeout(20_000);
    await tab.setViewport({ width, height });
    await tab.goto(page);
    await tab.waitForSelector('[role=tree]');
    await run(tab);
    assert.deepEqual(
      requests.filter((url) => !url.startsWith('data:') && !url.startsWith(page)),
      [],
    );
    assert.deepEqual(complaints, []);
  } finally {
    await tab.close();
  }
}

function handshake() {
  const server = new NtlmServer({ netbiosDomain: 'CORP', account: () => ({ password: 'secret' }) });
  const client = new NtlmClient({ username: 'bob', domain: 'CORP', password: 'secret' });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  return [negotiate, challenge, client.authenticate(challenge)];
}

const button = (name) => `::-p-aria([name="${name}"][role="button"])`;
/** The button of a leg, counted from 1. */
const leg = (number) => `.sequence li:nth-child(${number}) button`;
const node = (id, token) => `[id="node-${token}.${id}"]`;
const textOf = async (tab, selector) => {
  await tab.waitForSelector(selector);
  return tab.$eval(selector, (element) => element.innerText);
};
const lit = (tab) => tab.$$eval('.codes .on', (bytes) => bytes.length);

/** Puts text into the field, as pasting does. */
async function fill(tab, text) {
  await tab.$eval(
    '#input',
    (field, text) => {
      field.value = text;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    },
    text,
  );
}

test('a conversation is pasted, hovered, walked by keyboard, copied', () =>
  withPage(async (tab) => {
    const [negotiate, challenge, authenticate] = handshake();
    await fill(tab, `> X: NTLM ${negotiate}\n< X: NTLM ${challenge}\n> X: NTLM ${authenticate}`);
    await tab.click(leg(3));
    assert.match(await textOf(tab, node('userName', 3)), /bob/);
    await tab.click(leg(2));
    await tab.waitForSelector(node('serverChallenge', 2));
    await tab.hover(node('serverChallenge', 2));
    assert.equal(await lit(tab), 8);
    await tab.click(node('signature', 2));
    await tab.keyboard.press('ArrowDown');
    assert.equal(await tab.$eval('[aria-selected=true]', ({ id }) => id), 'node-2.messageType');
    await tab.click(node('serverChallenge', 2));
    await tab.evaluate(() => {
      navigator.clipboard.writeText = async (text) => void (window.copied = text);
    });
    await tab.click(button('Copy hex'));
    const nonce = Buffer.from(challenge, 'base64').subarray(24, 32).toString('hex');
    assert.equal(await tab.evaluate(() => window.copied), nonce);
  }));

test('a password is tried, tokens are made', () =>
  withPage(async (tab) => {
    await fill(tab, handshake().join('\n'));
    await tab.click('::-p-text(Does this password match?)');
    await tab.type('[name=candidate]', 'secret');
    await tab.click(button('Try'));
    await tab.waitForSelector('::-p-text(Yes: message 3 was made with this password)');
    await tab.click('::-p-text(Make tokens)');
    await tab.type('[name=username]', 'carol');
    await tab.type('[name=password]', 'secret');
    await tab.type('[name=challenge]', handshake()[1]);
    await tab.click(button('Make'));
    await tab.click(leg(3));
    assert.match(await textOf(tab, node('userName', 3)), /carol/);
  }));

test('controls work by keyboard', () =>
  withPage(async (tab) => {
    const press = async (selector, key = 'Enter') => {
      await tab.waitForSelector(selector);
      await tab.focus(selector);
      await tab.keyboard.press(key);
    };
    await press(leg(2));
    await tab.waitForSelector(node('serverChallenge', 2));
    await press(leg(3));
    await tab.waitForSelector(node('userName', 3));
    await press('.findings button');
    await tab.waitForSelector('[aria-selected=true]');
    await press(node('negotiateFlags', 3));
    await press('.detail summary');
    await tab.waitForSelector('.detail details[open]');
    await press('.check input', ' ');
    assert.equal(await tab.$eval('.check input', (box) => box.checked), true);
    for (const number of [1, 2, 3]) {
      await press(`.tool:nth-of-type(${number}) > summary`);
      await tab.waitForSelector(`.tool:nth-of-type(${number})[open]`);
    }
    await fill(tab, [...handshake(), ...handshake()].join('\n'));
    await press('.list li:nth-child(2) button');
    await tab.waitForSelector('.list li:nth-child(2) button[aria-pressed=true]');
  }));

test('message 3 is put into a link only after a warning', () =>
  withPage(async (tab) => {
    await tab.click(leg(3));
    await tab.click(button('Copy link'));
    await tab.waitForSelector('dialog[open]');
    await tab.click(button('Cancel'));
    assert.equal(await tab.$('dialog[open]'), null);
  }));

test('dark mode of the system, and a dropped file', async () => {
  await withPage(
    async (tab) => {
      assert.equal(await tab.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(23, 24, 26)');
      await tab.evaluate(
        (bytes) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([new Uint8Array(bytes)], 'token.bin'));
          document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
        },
        [...Buffer.from(handshake()[1], 'base64')],
      );
      await tab.waitForSelector(node('serverChallenge', 1));
    },
    { width: 1680, height: 1050 },
  );
});

test('not wider than a phone', () =>
  withPage(
    async (tab) => {
      const [wide, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= window, `${wide} wide on ${window}`);
      const [lines, area] = await tab.$eval('.hex', (hex) => [hex.scrollWidth, hex.clientWidth]);
      assert.ok(lines <= area, `the bytes and their text: ${lines} wide in ${area}`);
    },
    { width: 360, height: 740 },
  ));
