// The page of www/ in a real browser, opened as a file: what people do with it, and what it must never do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { withPage } from './with-page.mjs';

function handshake(username = 'bob') {
  const server = new NtlmServer({ netbiosDomain: 'CORP', account: () => ({ password: 'secret' }) });
  const client = new NtlmClient({ username, domain: 'CORP', password: 'secret' });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  return [negotiate, challenge, client.authenticate(challenge)];
}

const clipboard = (tab) => tab.evaluate(() => navigator.clipboard.readText());
/** A node in the tree of the token with that number. */
const item = (tab, id, token) => tab.locator(`[id="node-${token}.${id}"]`);
const lit = (tab) => tab.locator('.codes .on').count();

test('the first visit shows an example: the answer, the legs, and message 3', () =>
  withPage(async (tab) => {
    assert.match(await tab.locator('.sentence').innerText(), /CORP\\alice from PC-0042 .*NTLMv2/);
    assert.match(await tab.getByRole('tree').innerText(), /AUTHENTICATE/);
    const legs = await tab.getByRole('region', { name: 'Sequence' }).locator('li').allInnerTexts();
    assert.equal(legs.length, 4);
    assert.match(legs[1], /2 Challenge\s+407 Proxy-Authenticate: NTLM/);
    assert.equal(legs[3].trim(), 'HTTP 200');
  }));

test('paste: a whole conversation, each message a button', () =>
  withPage(async (tab) => {
    const [negotiate, challenge, authenticate] = handshake();
    const text = `> Authorization: NTLM ${negotiate}\n< WWW-Authenticate: NTLM ${challenge}\n> Authorization: NTLM ${authenticate}`;
    await tab.getByRole('textbox', { name: /Token/ }).fill(text);
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    assert.match(await item(tab, 'userName', 3).innerText(), /bob/);
    await tab.getByRole('textbox', { name: /Token/ }).fill('nothing of interest');
    await tab.getByText('This contains no NTLM or Negotiate token').waitFor();
  }));

test('a field highlights its bytes, a byte selects its field', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await item(tab, 'serverChallenge', 2).hover();
    assert.equal(await lit(tab), 8);
    await item(tab, 'targetInfo.timestamp', 2).hover();
    assert.equal(await lit(tab), 12);
    assert.ok((await tab.locator('.codes .near').count()) > 12, 'its list is marked too');
    await tab.locator('.codes [data-at="24"]').click();
    assert.equal(await item(tab, 'serverChallenge', 2).getAttribute('aria-selected'), 'true');
  }));

test('the tree works by keyboard', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await item(tab, 'signature', 2).focus();
    const selected = () => tab.locator('[aria-selected=true]').getAttribute('id');
    for (const [key, id] of [
      ['ArrowDown', 'signature'],
      ['ArrowDown', 'messageType'],
      ['ArrowDown', 'negotiateFlags'],
      ['ArrowUp', 'messageType'],
      ['End', 'targetInfo.eol'],
      ['ArrowLeft', 'targetInfo'],
      ['ArrowLeft', 'targetInfo'],
      ['ArrowRight', 'targetInfo'],
      ['ArrowRight', 'targetInfo.nbDomainName'],
      ['Home', 'signature'],
    ]) {
      await tab.keyboard.press(key);
      assert.equal(await selected(), `node-2.${id}`, key);
    }
    await tab.keyboard.press('End');
    assert.equal(await selected(), 'node-2.targetInfo.eol');
    assert.equal(await tab.evaluate(() => document.activeElement.id), 'node-2.targetInfo.eol');
  }));

test('the bytes of a selected field scroll into view', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    await item(tab, 'ntChallengeResponse.avPairs.eol', 3).click();
    const [byte, area] = await Promise.all([
      tab.locator('.codes .on').first().boundingBox(),
      tab.locator('.hex').boundingBox(),
    ]);
    assert.ok(byte.y >= area.y && byte.y + byte.height <= area.y + area.height);
  }));

test('a node is copied as hex, base64, value and JSON', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await item(tab, 'targetName', 2).click();
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

test('a link contains the token, and message 3 only after a warning', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '1 Negotiate' }).click();
    await tab.getByRole('button', { name: 'Copy link' }).click();
    const link = await clipboard(tab);
    await withPage(async (other) => assert.match(await other.getByRole('tree').innerText(), /NEGOTIATE/), {
      hash: new URL(link).hash,
    });
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    await tab.getByRole('button', { name: 'Copy link' }).click();
    await tab.getByRole('dialog').waitFor();
    assert.equal(await clipboard(tab), link, 'not yet');
    await tab.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await clipboard(tab), link);
  }));

test('a dropped file is decoded', () =>
  withPage(async (tab) => {
    const [, challenge] = handshake();
    const bytes = [...Buffer.from(challenge, 'base64')];
    await tab.evaluate((bytes) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(bytes)], 'token.bin'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes);
    await item(tab, 'serverChallenge', 1).waitFor();
  }));

test('text and files pasted anywhere on the page are decoded', () =>
  withPage(async (tab) => {
    const [, challenge, authenticate] = handshake();
    const paste = (text, bytes) =>
      tab.evaluate(
        ([text, bytes]) => {
          const clipboardData = new DataTransfer();
          if (text !== undefined) clipboardData.setData('text/plain', text);
          else clipboardData.items.add(new File([new Uint8Array(bytes)], 'token.bin'));
          document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        },
        [text, bytes],
      );
    await paste(`NTLM ${challenge}`);
    await item(tab, 'serverChallenge', 1).waitFor();
    await paste(undefined, [...Buffer.from(authenticate, 'base64')]);
    await item(tab, 'userName', 1).waitFor();
  }));

/** Typical input: a HAR file and a packet dump. */
test('HAR files and packet dumps are read, and handshakes are separated', () =>
  withPage(async (tab) => {
    const [first, second] = [handshake(), handshake()];
    const field = (name, token) => ({ name, value: `NTLM ${token}` });
    const entries = [first, second].flatMap(([negotiate, challenge, authenticate]) => [
      {
        request: { headers: [field('Authorization', negotiate)] },
        response: { headers: [field('WWW-Authenticate', challenge)] },
      },
      { request: { headers: [field('Authorization', authenticate)] }, response: { headers: [] } },
    ]);
    const input = tab.getByRole('textbox', { name: /Token/ });
    await input.fill(JSON.stringify({ log: { entries } }, undefined, 2));
    await tab.getByRole('navigation', { name: 'Conversations' }).getByRole('button').nth(1).click();
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    assert.match(await item(tab, 'userName', 3).innerText(), /bob/);

    const request = Buffer.from(`GET / HTTP/1.1\r\nAuthorization: NTLM ${first[2]}\r\n\r\n`);
    const lines = [];
    for (let at = 0; at < request.length; at += 16) {
      const row = request.subarray(at, at + 16);
      const text = row.toString('latin1').replace(/[^ -~]/g, '.');
      const codes = row.toString('hex').replace(/../g, '$& ').trim();
      lines.push(`${at.toString(16).padStart(4, '0')}  ${codes.padEnd(47)}   ${text}`);
    }
    await input.fill(lines.join('\n'));
    assert.match(await item(tab, 'userName', 1).innerText(), /bob/);
  }));

test('responses and keys are hidden until they are asked for', () =>
  withPage(async (tab) => {
    const message = handshake()[2];
    const bytes = Buffer.from(message, 'base64');
    const proof = bytes.subarray(bytes.readUInt32LE(24), bytes.readUInt32LE(24) + 16).toString('hex');
    await tab.getByRole('textbox', { name: /Token/ }).fill(message);
    const seen = async () => (await tab.locator('.panes').innerText()).replace(/\s/g, '');
    assert.ok(!(await seen()).includes(proof));
    await item(tab, 'ntChallengeResponse.ntProofStr', 1).click();
    assert.match(await item(tab, 'ntChallengeResponse.ntProofStr', 1).innerText(), /hidden/);
    assert.equal(await tab.getByRole('button', { name: 'Copy hex' }).count(), 0);
    await tab.getByRole('button', { name: 'Show it' }).click();
    assert.ok((await seen()).includes(proof));
    await tab.getByRole('button', { name: 'Show responses and keys' }).click();
    assert.ok(!(await seen()).includes(proof));
    // What the server knows anyway is shown.
    assert.match(await item(tab, 'ntChallengeResponse.timeStamp', 1).innerText(), /20\d\d-/);
  }));

test('the bytes work by keyboard', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await tab.locator('.codes [data-at="24"]').click();
    await tab.getByRole('region', { name: 'Bytes of the token' }).focus();
    for (const [key, id] of [
      ['ArrowLeft', 'negotiateFlags'],
      ['ArrowRight', 'serverChallenge'],
      ['ArrowDown', 'targetInfoFields.length'],
      ['ArrowUp', 'serverChallenge'],
    ]) {
      await tab.keyboard.press(key);
      assert.equal(await tab.locator('[aria-selected=true]').getAttribute('id'), `node-2.${id}`, key);
    }
  }));

test('offset fields are folded until they are needed', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    assert.equal(await item(tab, 'targetNameFields', 2).count(), 0);
    await tab.locator('.codes [data-at="12"]').click();
    assert.equal(await item(tab, 'targetNameFields.length', 2).getAttribute('aria-selected'), 'true');
    await tab.getByRole('button', { name: 'Offsets' }).click();
    assert.equal(await item(tab, 'targetNameFields', 2).count(), 0);
  }));

test('fields are filtered by name and value', () =>
  withPage(async (tab) => {
    await tab.getByRole('searchbox', { name: 'Filter fields' }).fill('proxy1.corp');
    const labels = await tab.locator('.row .label').allInnerTexts();
    assert.deepEqual(labels, ['NtChallengeResponse', 'AvPairs', 'MsvAvDnsComputerName', 'Value']);
    await tab.getByRole('searchbox', { name: 'Filter fields' }).fill('no such field');
    await tab.getByText('No field contains').waitFor();
  }));

test('set flags are listed, the others are folded', () =>
  withPage(async (tab) => {
    await item(tab, 'negotiateFlags', 3).click();
    assert.ok(await tab.getByText('NTLMSSP_NEGOTIATE_UNICODE').isVisible());
    assert.ok(!(await tab.getByText('NTLM_NEGOTIATE_OEM', { exact: true }).isVisible()));
    await tab.getByText('flags are not set').click();
    assert.ok(await tab.getByText('NTLM_NEGOTIATE_OEM', { exact: true }).isVisible());
  }));

test('the details of a field are always visible: next to the bytes, below the row on phones', async () => {
  await withPage(async (tab) => {
    await item(tab, 'ntChallengeResponse.avPairs.eol', 3).click();
    const box = await tab.getByRole('heading', { name: /MsvAvEOL/ }).boundingBox();
    assert.ok(box.y >= 0 && box.y < 900, `${box.y}`);
  });
  await withPage(
    async (tab) => {
      await item(tab, 'userName', 3).click();
      const [row, heading] = await Promise.all([
        item(tab, 'userName', 3).boundingBox(),
        tab.getByRole('heading', { name: /UserName/ }).boundingBox(),
      ]);
      assert.ok(heading.y > row.y && heading.y < row.y + 80);
    },
    { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  );
});

test('500 conversations are listed and filtered', () =>
  withPage(async (tab) => {
    const texts = Array.from({ length: 500 }, (_, index) => handshake(`user${index}`).join('\n'));
    await tab.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, texts.join('\n'));
    await tab.getByText('500 conversations').waitFor();
    await tab.getByText('400 more conversations are not shown').waitFor();
    await tab.getByRole('searchbox', { name: 'Filter conversations' }).fill('user321');
    const rows = tab.getByRole('navigation', { name: 'Conversations' }).getByRole('button');
    assert.equal(await rows.count(), 1);
    await rows.click();
    assert.match(await tab.locator('.sentence').innerText(), /user321/);
  }));

test('two tokens are compared', () =>
  withPage(async (tab) => {
    const [first, second] = [handshake('bob'), handshake('carol')];
    await tab.getByRole('textbox', { name: /Token/ }).fill([...first, ...second].join('\n'));
    await tab.getByText('Compare with another token').click();
    const rows = await tab.getByRole('region', { name: 'Differences' }).locator('tr').allInnerTexts();
    assert.ok(rows.some((row) => /^UserName\s+bob\s+carol$/.test(row)));
    assert.ok(!rows.some((row) => row.startsWith('DomainName')));
    assert.ok(rows.some((row) => /^NTProofStr\s+hidden\s+hidden$/.test(row)));
  }));

test('a token of more than 125 KB is decoded and copied', () =>
  withPage(async (tab) => {
    const bytes = Buffer.concat([Buffer.from(handshake()[1], 'base64'), Buffer.alloc(200_000)]);
    await tab.getByRole('textbox', { name: /Token/ }).fill(bytes.toString('base64'));
    await item(tab, 'serverChallenge', 1).waitFor();
  }));

test('the answer to a pasted `curl -v` output is on the screen', () =>
  withPage(async (tab) => {
    const [negotiate, challenge, authenticate] = handshake();
    const text = `> GET / HTTP/1.1\n> Authorization: NTLM ${negotiate}\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: NTLM ${challenge}\n> GET / HTTP/1.1\n> Authorization: NTLM ${authenticate}\n< HTTP/1.1 403 Forbidden\n`;
    await tab.getByRole('textbox', { name: /Token/ }).fill(text);
    await tab.getByText('HTTP 403').waitFor();
    const box = await tab.locator('.sentence').boundingBox();
    assert.ok(box.y + box.height < 900);
  }));

test('clocks are checked if the tokens were captured just now', () =>
  withPage(async (tab) => {
    const [negotiate, challenge] = handshake();
    await tab.getByRole('textbox', { name: /Token/ }).fill(`${negotiate}\n${challenge}`);
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await tab.getByLabel(/Captured just now/).check();
    await tab
      .getByText(/ticks of 100 ns since 1601; \d+ seconds/)
      .first()
      .waitFor();
    assert.equal(await tab.locator('[title=clock-skew]').count(), 0);
    // The examples are from another day.
    await tab.getByRole('button', { name: 'NTLM proxy', exact: true }).click();
    await tab.getByRole('button', { name: '2 Challenge' }).click();
    await tab.locator('[title=clock-skew]').waitFor();
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
    assert.match(await item(tab, 'userName', 3).innerText(), /carol/);
  }));

test('tokens are made with every option that NtlmClient has', () =>
  withPage(async (tab) => {
    await tab.getByText('Make tokens').click();
    const options = {
      username: 'dave',
      ntHash: 'a4f49c406510bdcab6824ee7c30fd852',
      domain: 'LAB',
      workstation: 'DESK',
      mechanism: 'negotiate',
      targetName: 'HTTP/www.example',
      channelBindings: { hash: new Uint8Array(16).fill(0xab) },
      lmCompatibilityLevel: 5,
      mic: 'always',
      sign: true,
      seal: true,
      version: '10.0.22631',
      oemEncoding: 'cp850',
      flags: 0xe2088237,
      random: (length) => new Uint8Array(length).fill(0x5a),
      now: () => new Date('2026-05-04T03:02:01Z'),
    };
    const client = new NtlmClient(options);
    const server = new NtlmServer({ netbiosDomain: 'LAB', account: () => ({ password: 'secret' }) });
    const challenge = server.challenge(client.negotiate());
    const texts = {
      'User name': options.username,
      'or its NT hash': options.ntHash,
      Domain: options.domain,
      Workstation: options.workstation,
      'Service, such as': options.targetName,
      'Version, such as': options.version,
      'Code page': options.oemEncoding,
      'Flags, such as': '0xe2088237',
      'Random bytes': '5a',
      'Time, such as': '2026-05-04T03:02:01Z',
      'TLS channel': 'ab'.repeat(16),
      "server's challenge": challenge,
    };
    for (const [label, text] of Object.entries(texts)) await tab.getByLabel(label).fill(text);
    await tab.getByLabel('Mechanism').selectOption(options.mechanism);
    await tab.getByLabel('Integrity code').selectOption(options.mic);
    await tab.getByLabel('LmCompatibilityLevel').selectOption('5');
    await tab.getByLabel('Sign', { exact: true }).check();
    await tab.getByLabel('Seal').check();
    await tab.getByRole('button', { name: 'Make', exact: true }).click();
    client.reset();
    const expected = [client.negotiate(), challenge, client.authenticate(challenge), ''];
    assert.equal(await tab.getByRole('textbox', { name: /Token/ }).inputValue(), expected.join('\n'));

    await tab.getByLabel('Flags, such as').fill('many');
    await tab.getByRole('button', { name: 'Make', exact: true }).click();
    await tab.getByRole('alert').getByText('the flags are not a 32-bit number').waitFor();
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
    await tab.getByText('integrity code matches').waitFor();
  }));

test('findings lead to the field', () =>
  withPage(async (tab) => {
    await tab.getByRole('button', { name: 'NTLMv1' }).click();
    await tab.getByRole('button', { name: '3 Authenticate' }).click();
    const selected = tab.locator('[id="node-3.ntChallengeResponse"][aria-selected=true]');
    const finding = tab.getByRole('button', { name: /recovered from an NTLMv1 response/ });
    await finding.click();
    await selected.waitFor();
    await item(tab, 'userName', 3).click();
    await finding.click();
    await selected.waitFor();
  }));
