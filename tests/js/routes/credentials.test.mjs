import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { attemptKey, credentialIdentity, CredentialStore } from '../internals.mjs';

const PROXY = { host: 'proxy', port: 8080, isProxy: true, schemes: ['NTLM'] };
const ALICE = { username: 'alice', password: 'topsecret', domain: 'CORP' };

test('given credentials are found at once, and do not show their secret', () => {
  const found = new CredentialStore(ALICE, {}).get(PROXY);
  assert.deepEqual({ ...found }, ALICE);
  for (const text of [
    `${found}`,
    inspect(found),
    inspect({ deep: [found] }, { depth: 5 }),
    JSON.stringify({ found }),
    format('%s %o %j', found, found, found),
  ]) {
    assert.doesNotMatch(text, /topsecret/);
    assert.match(text, /alice/);
  }
  const hashed = new CredentialStore({ username: 'alice', ntHash: 'a4f49c406510bdcab6824ee7c30fd852' }, {}).get(PROXY);
  assert.doesNotMatch(`${inspect(hashed)} ${JSON.stringify(hashed)} ${hashed}`, /a4f49c40/);
});

test('the environment, when no option is given', () => {
  const find = (env) => new CredentialStore(undefined, env).get(PROXY);
  assert.equal(find({}), undefined);
  assert.deepEqual(
    { ...find({ NTLM_USERNAME: 'CORP\\alice', NTLM_PASSWORD: '' }) },
    { username: 'CORP\\alice', password: '' },
  );
  assert.deepEqual(
    {
      ...find({
        NTLM_USERNAME: 'alice',
        NTLM_HASH: '00'.repeat(16),
        NTLM_PASSWORD: 'x',
        NTLM_DOMAIN: 'D',
        NTLM_WORKSTATION: 'W',
      }),
    },
    { username: 'alice', ntHash: '00'.repeat(16), domain: 'D', workstation: 'W' },
  );
  assert.throws(() => find({ NTLM_USERNAME: 'alice' }), { code: 'ERR_NTLM_CREDENTIALS_INCOMPLETE' });
});

test('what cannot be credentials is a coded error', async () => {
  for (const option of [
    {},
    { username: 'alice' },
    { password: 'x' },
    { username: '', password: 'x' },
    null,
    7,
    { username: 7, password: 'x' },
  ]) {
    assert.throws(() => new CredentialStore(option, {}), { code: 'ERR_NTLM_INVALID_OPTION' });
  }
  await assert.rejects(async () => new CredentialStore(async () => ({}), {}).get(PROXY), {
    code: 'ERR_NTLM_INVALID_OPTION',
  });
});

test('a function is asked once per host, and at the same time only once', async () => {
  const asked = [];
  const store = new CredentialStore(async (ask) => {
    asked.push(ask.host);
    return ALICE;
  }, {});
  const [one, two] = await Promise.all([store.get(PROXY), store.get(PROXY)]);
  assert.equal(one, two);
  assert.equal(store.get(PROXY), one, 'once known the answer is there at once');
  await store.get({ ...PROXY, host: 'other' });
  assert.deepEqual(asked, ['proxy', 'other']);
});

test('fixed credentials cannot be replaced', async () => {
  const store = new CredentialStore(ALICE, {});
  assert.equal(await store.replace(PROXY, store.get(PROXY)), undefined);
  assert.equal(store.generation, 0);
});

test('after a rejection a function is asked once more, by one of those that were rejected together', async () => {
  let count = 0;
  const store = new CredentialStore(() => ({ ...ALICE, password: `attempt ${(count += 1)}` }), {});
  const first = await store.get(PROXY);
  const [second, same] = await Promise.all([store.replace(PROXY, first), store.replace(PROXY, first)]);
  assert.equal(second.password, 'attempt 2');
  assert.equal(same, second);
  assert.equal(store.generation, 1);
  assert.equal(await store.get(PROXY), second);
  assert.equal(await store.replace(PROXY, first), second, 'the rejected ones are replaced already');
  assert.equal(count, 2);
});

test('a function that returns the rejected credentials again has no others', async () => {
  const store = new CredentialStore(() => ({ ...ALICE }), {});
  assert.equal(await store.replace(PROXY, await store.get(PROXY)), undefined);
  assert.equal(store.generation, 0);
});

test('a function that gives nothing or fails is asked again by the next request', async () => {
  const answers = [undefined, new Error('cancelled'), ALICE];
  const store = new CredentialStore(() => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }, {});
  assert.equal(await store.get(PROXY), undefined);
  await assert.rejects(async () => store.get(PROXY), /cancelled/);
  assert.equal((await store.get(PROXY)).username, 'alice');
});

test('attempts are counted for an account and its password, however the name is written', () => {
  const key = attemptKey({ username: 'CORP\\alice', password: 'x' });
  assert.equal(attemptKey({ username: 'Alice', domain: 'corp', password: 'x', workstation: 'PC1' }), key);
  assert.notEqual(attemptKey({ username: 'CORP\\alice', password: 'y' }), key);
  assert.notEqual(attemptKey({ username: 'OTHER\\alice', password: 'x' }), key);
});

test('the identity distinguishes credentials and does not contain them', () => {
  const identity = credentialIdentity(ALICE);
  assert.equal(identity, credentialIdentity({ ...ALICE }));
  assert.notEqual(identity, credentialIdentity({ ...ALICE, password: 'other' }));
  assert.notEqual(identity, credentialIdentity({ ...ALICE, domain: undefined, username: 'CORP\\alice' }));
  assert.notEqual(
    credentialIdentity({ username: 'ab', password: 'c' }),
    credentialIdentity({ username: 'a', password: 'bc' }),
  );
  const hash = '0a'.repeat(16);
  assert.equal(
    credentialIdentity({ username: 'a', ntHash: hash }),
    credentialIdentity({ username: 'a', ntHash: Buffer.from(hash, 'hex') }),
  );
  assert.doesNotMatch(identity, /alice|topsecret/);
});
