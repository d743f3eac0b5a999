import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServerMatcher } from '../internals.mjs';

const cases = [
  [
    'https://intranet.corp.example',
    ['https://intranet.corp.example/x'],
    ['http://intranet.corp.example', 'https://intranet.corp.example:8443', 'https://x.intranet.corp.example'],
  ],
  ['http://intranet.corp.example:8080/', ['http://intranet.corp.example:8080'], ['http://intranet.corp.example']],
  [
    'intranet.corp.example',
    ['http://intranet.corp.example', 'https://INTRANET.corp.example:99'],
    ['http://corp.example'],
  ],
  [
    '*.corp.example',
    ['https://a.corp.example', 'http://a.b.corp.example:1'],
    ['https://corp.example', 'https://evilcorp.example', 'https://corp.example.evil'],
  ],
  ['*.corp.example:443', ['https://a.corp.example'], ['http://a.corp.example']],
  ['http://[::1]:8080', ['http://[::1]:8080'], ['http://[::2]:8080']],
  ['bücher.example', ['http://xn--bcher-kva.example'], ['http://bucher.example']],
  ['wss://chat.corp.example', ['https://chat.corp.example'], ['http://chat.corp.example']],
];

for (const [pattern, named, others] of cases) {
  test(`${pattern} names what it says and no more`, () => {
    const matches = createServerMatcher([pattern]);
    for (const url of named) assert.equal(matches(new URL(url)), true, url);
    for (const url of others) assert.equal(matches(new URL(url)), false, url);
  });
}

test('no server is named by default', () => {
  assert.equal(createServerMatcher()(new URL('http://localhost')), false);
});

for (const bad of [
  '',
  '*',
  '*.',
  'https://',
  'a b',
  'ftp://a.example',
  'https://a.example/path',
  'user@a.example',
  null,
  5,
]) {
  test(`${JSON.stringify(bad)} is refused`, () => {
    assert.throws(() => createServerMatcher([bad]), { code: 'ERR_NTLM_INVALID_OPTION' });
  });
}

test('a text instead of a list is refused', () => {
  assert.throws(() => createServerMatcher('https://a.example'), { code: 'ERR_NTLM_INVALID_OPTION' });
});
