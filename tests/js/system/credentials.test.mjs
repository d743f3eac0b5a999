/** 'system' and related options: what is accepted, what is refused, what is shown, and which identities are the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { credentialIdentity, CredentialStore } from '../internals.mjs';

const PROXY = { host: 'proxy', port: 8080, isProxy: true, schemes: ['NTLM'] };
const ALICE = { username: 'alice', password: 'topsecret' };
const find = (option) => new CredentialStore(option, {}).get(PROXY);
const identityOf = (option) => credentialIdentity(find(option));

test("the forms of 'system'", async () => {
  for (const option of ['system', { system: true }, ['system'], [{ system: true }]]) {
    assert.deepEqual({ ...find(option).system }, {});
    assert.equal(find(option).fallback, undefined);
  }
  const { system } = find({ system: true, principal: 'alice@CORP.EXAMPLE', credentialCache: 'FILE:/run/a' });
  assert.deepEqual(system, { principal: 'alice@CORP.EXAMPLE', credentialCache: 'FILE:/run/a' });
  assert.deepEqual({ ...find(['system', ALICE]).fallback }, ALICE);
  assert.deepEqual({ ...(await find(() => 'system')).system }, {});
  assert.deepEqual({ ...(await find(async () => ['system', ALICE])).fallback }, ALICE);
});

test('values that are no system option', () => {
  for (const option of [
    'System',
    { system: false },
    { system: true, principle: 'alice' },
    { system: true, credentialCache: 7 },
    { system: true, username: 'alice' },
    ['system', ALICE, ALICE],
    ['system', { username: 'alice' }],
    [ALICE],
    [],
  ]) {
    assert.throws(() => find(option), { code: 'ERR_NTLM_INVALID_OPTION' }, inspect(option));
  }
});

test('connections belong to one of them: every difference makes another identity', () => {
  const options = [
    'system',
    { system: true, principal: 'alice@CORP.EXAMPLE' },
    { system: true, principal: 'bob@CORP.EXAMPLE' },
    { system: true, credentialCache: 'FILE:/run/a' },
    { system: true, credentialCache: 'FILE:/run/b' },
    { system: true, targetName: 'HTTP/proxy' },
    { system: true, ...ALICE },
    ['system', ALICE],
    ['system', { ...ALICE, password: 'other' }],
    ALICE,
  ];
  assert.equal(new Set(options.map(identityOf)).size, options.length);
  assert.equal(identityOf('system'), identityOf({ system: true }));
  assert.equal(
    identityOf({ system: true, principal: 'a', credentialCache: 'b' }),
    identityOf({ credentialCache: 'b', principal: 'a', system: true }),
  );
});

test('no secret is shown', () => {
  for (const option of [['system', ALICE], { system: true, ...ALICE }]) {
    const found = find(option);
    for (const text of [`${found}`, inspect(found), inspect({ found }, { depth: 9 }), JSON.stringify({ found })]) {
      assert.doesNotMatch(text, /topsecret/);
      assert.match(text, /alice|logged on/);
    }
  }
  assert.equal(`${find('system')}`, 'Credentials of the signed-in user');
});
