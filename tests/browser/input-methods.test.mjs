// What the mouse does in the other tests, by keyboard and by touch.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { withPage } from './with-page.mjs';

function handshake(username) {
  const server = new NtlmServer({ netbiosDomain: 'CORP', account: () => ({ password: 'secret' }) });
  const client = new NtlmClient({ username, domain: 'CORP', password: 'secret' });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  return [negotiate, challenge, client.authenticate(challenge)].join('\n');
}

const TWO = `${handshake('bob')}\n${handshake('carol')}`;
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const node = (tab, id) => tab.locator(`[id="node-${id}"]`);
const button = (tab, name) => tab.getByRole('button', { name });

/** Each interaction: the control, and what is there after it. `activate` is a key press or a tap. */
async function useEverything(tab, activate) {
  await activate(button(tab, /^NTLMv1$/));
  await tab.getByText(/recovered from an NTLMv1 response/).waitFor();
  await activate(button(tab, /^2 Challenge/));
  await node(tab, '2.serverChallenge').waitFor();
  await activate(button(tab, /recovered from an NTLMv1 response/));
  await tab.locator('[id="node-3.ntChallengeResponse"][aria-selected=true]').waitFor();
  await activate(button(tab, /^Offsets$/));
  await node(tab, '3.userNameFields').waitFor();
  await activate(button(tab, /^Show responses and keys$/));
  await tab.locator('[aria-pressed=true]', { hasText: 'Show responses and keys' }).waitFor();
  await activate(button(tab, /^Copy link$/));
  await tab.getByRole('dialog').waitFor();
  await activate(button(tab, /^Cancel$/));
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
  await activate(tab.locator('.tool > summary', { hasText: 'Does this password match?' }));
  await tab.getByLabel('Password to try').waitFor();
  await activate(tab.locator('.tool > summary', { hasText: 'Make tokens' }));
  await tab.getByLabel('User name').waitFor();
  await activate(tab.getByLabel(/Captured just now/));
  assert.equal(await tab.getByLabel(/Captured just now/).isChecked(), true);

  await tab.getByRole('textbox', { name: /Token/ }).fill(TWO);
  const rows = tab.getByRole('navigation', { name: 'Conversations' }).getByRole('button');
  await activate(rows.nth(1));
  await tab.locator('.sentence', { hasText: 'carol' }).waitFor();
  await activate(tab.locator('.tool > summary', { hasText: 'Compare with another token' }));
  await tab.getByRole('region', { name: 'Differences' }).waitFor();
}

test('every control works by keyboard', () =>
  withPage(async (tab) => {
    await useEverything(tab, async (control) => {
      await control.focus();
      const isCheckbox = (await control.getAttribute('type')) === 'checkbox';
      await tab.keyboard.press(isCheckbox ? 'Space' : 'Enter');
    });
    await node(tab, '3.negotiateFlags').focus();
    await tab.keyboard.press('Enter');
    const flags = tab.locator('.detail summary', { hasText: 'flags are not set' });
    await flags.focus();
    await tab.keyboard.press('Enter');
    await tab.getByText('NTLM_NEGOTIATE_OEM', { exact: true }).waitFor();
  }));

test('the buttons below a row work by keyboard on narrow windows, and Enter selects the focused row', () =>
  withPage(
    async (tab) => {
      await node(tab, '3.signature').focus();
      await tab.keyboard.press('Enter');
      await tab.locator('[id="node-3.signature"][aria-selected=true]').waitFor();
      await tab.keyboard.press('Tab');
      await tab.keyboard.press('Enter');
      await button(tab, /^Copied$/).waitFor();
      assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), '4e544c4d53535000');
    },
    { viewport: { width: 640, height: 900 } },
  ));

test('every control works by touch', () =>
  withPage(async (tab) => {
    await useEverything(tab, (control) => control.tap());
    await node(tab, '3.negotiateFlags').tap();
    await tab.locator('.detail summary', { hasText: 'flags are not set' }).tap();
    await tab.getByText('NTLM_NEGOTIATE_OEM', { exact: true }).waitFor();
    await tab.locator('.codes [data-at="8"]').tap();
    await tab.locator('[id="node-3.messageType"][aria-selected=true]').waitFor();
  }, PHONE));

test('the Tab key visits every control, and the focus is visible', () =>
  withPage(async (tab) => {
    const all = await tab.evaluate(
      () =>
        [...document.querySelectorAll('button, input, textarea, select, summary, a[href], [tabindex="0"]')].filter(
          (element) => element.checkVisibility() && element.tabIndex >= 0 && !element.closest('dialog:not([open])'),
        ).length,
    );
    await tab.evaluate(() => document.activeElement?.blur());
    const visited = [];
    for (let count = 0; count < all; count++) {
      await tab.keyboard.press('Tab');
      visited.push(
        await tab.evaluate(() => {
          const element = document.activeElement;
          element.dataset.visited = 'yes';
          // The label of the file field is drawn instead of the field.
          const { outlineStyle } = getComputedStyle(element.closest('.file') ?? element);
          if (outlineStyle === 'none') return `no focus ring: ${element.outerHTML.slice(0, 60)}`;
          return element === document.body ? 'the page' : element.textContent.slice(0, 30) || element.tagName;
        }),
      );
    }
    assert.deepEqual(
      visited.filter((text) => text === 'the page' || text.startsWith('no focus ring')),
      [],
    );
    assert.equal(await tab.locator('[data-visited]').count(), all);
  }));

test('Escape closes the warning, and the focus returns to its button', () =>
  withPage(async (tab) => {
    await button(tab, /^Copy link$/).focus();
    await tab.keyboard.press('Enter');
    await tab.getByRole('dialog').waitFor();
    await tab.keyboard.press('Escape');
    await tab.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), 'Copy link');
  }));
