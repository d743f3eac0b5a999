// Pages that a device on the network sends instead of the server: who sent it, and why. Durations as people say them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationInWords, pageInWords, pageOf, skewInWords } from '../internals.mjs';

const url = new URL('http://intranet.example/');
const html = (title, body = '') =>
  `<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>`;

/** Excerpts of the pages and header fields that each product sends. */
const PAGES = {
  Zscaler: [403, { server: 'Zscaler/6.2' }, html('Internet Security by Zscaler', 'Not allowed to browse Games')],
  'Blue Coat (Symantec) ProxySG': [403, {}, html('Access Denied', '<form name="notify-Notify_1">Blue Coat</form>')],
  'Forcepoint (Websense)': [403, {}, html('Access blocked', '<a href="/cgi-bin/blockpage.cgi?ws-session=1">why</a>')],
  'McAfee (Skyhigh) Web Gateway': [403, { via: '1.1 mwg (McAfee Web Gateway 7.8)' }, html('Blocked')],
  FortiGate: [403, {}, html('Web Filter Violation', '<h1>FortiGuard Intrusion Prevention - Access Blocked</h1>')],
  'Palo Alto Networks': [503, {}, html('Web Page Blocked', '<form id="pan_form">Category: games</form>')],
  Squid: [403, { 'x-squid-error': 'ERR_ACCESS_DENIED 0' }, html('ERROR: The requested URL could not be retrieved')],
};

for (const [vendor, [status, headers, body]] of Object.entries(PAGES)) {
  test(`a block page is attributed: ${vendor}`, () => {
    const page = pageOf(status, headers, body, url);
    assert.equal(page.vendor, vendor);
    assert.match(pageInWords(page), new RegExp(`^${vendor.replaceAll(/[()]/g, '\\$&')}: "`));
    assert.equal(page.isPortal, undefined);
  });

  test(`a block page with the status 200 is no success: ${vendor}`, () => {
    assert.equal(pageOf(200, headers, body + (vendor === 'Squid' ? 'Access Denied' : ''), url).isBlock, true);
  });
}

test('the first line of a page without a title, and the error code of Squid', () => {
  const page = pageOf(403, { 'x-squid-error': 'ERR_BLOCKED 12' }, 'URL blocked by policy: category Games', url);
  assert.equal(pageInWords(page), 'Squid: "URL blocked by policy: category Games", ERR_BLOCKED 12');
});

test('pages of the server itself are neither blocked nor a portal', () => {
  for (const body of [
    html('Intranet', 'Welcome'),
    html('Policy of the company', 'All categories'),
    '',
    '{"ok":true}',
  ]) {
    const page = pageOf(200, { server: 'Apache' }, body, url);
    assert.deepEqual([page?.vendor, page?.isBlock, page?.isPortal], [undefined, undefined, undefined]);
  }
});

test('a captive portal that answers 200 itself', () => {
  const portal = (body, at = url) => pageOf(200, {}, body, new URL(at))?.isPortal;
  assert.equal(portal(html('Welcome', '<!-- <WISPAccessGatewayParam> -->')), true);
  assert.equal(portal('<meta http-equiv="refresh" content="0; url=http://10.0.0.1/login">'), true);
  assert.equal(portal('<meta http-equiv="refresh" content="0; url=/start">'), undefined);
  assert.equal(portal(html('Log in'), 'http://detectportal.firefox.com/success.txt'), true);
  assert.equal(portal('success\n', 'http://detectportal.firefox.com/success.txt'), undefined);
  assert.equal(portal(html('x'), 'http://connectivitycheck.gstatic.com/generate_204'), true);
  assert.equal(portal('Microsoft Connect Test', 'http://www.msftconnecttest.com/connecttest.txt'), undefined);
});

test('durations are in the largest unit that fits', () => {
  const words = [0, 1, 40, 119, 120, 7_199, 10_800, 86_400, 172_800, 27_557_099].map(durationInWords);
  assert.deepEqual(words, [
    '0 seconds',
    '1 second',
    '40 seconds',
    '119 seconds',
    '2 minutes',
    '120 minutes',
    '3 hours',
    '24 hours',
    '2 days',
    '319 days',
  ]);
  assert.deepEqual([skewInWords(-27_557_099), skewInWords(10_800)], ['319 days behind', '3 hours ahead']);
});
