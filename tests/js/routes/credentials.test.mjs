import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { createCredentialSource, credentialIdentity } from '../internals.mjs';

const PROXY = { host: 'proxy', port: 8080, isProxy: true, schemes: ['NTLM'] };
const ALICE = { username: 'alice', password: 'topsecret', domain: 'CORP' };

test('given credentials are found at once, and do not show their secret', () => {
  const found = createCredentialSource(ALICE, {}).find(PROXY);
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
  const hashed = createCredentialSource({ username: 'alice', ntHash: 'a4f49c406510bdcab6824ee7c30fd852' }, {}).find(
    PROXY,
  );
  assert.doesNotMatch(`${inspect(hashed)} ${JSON.stringify(hashed)} ${hashed}`, /a4f49c40/);
});

test('the environment, when no option is given', () => {
  const find = (env) => createCredentialSource(undefined, env).find(PROXY);
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
    assert.throws(() => createCredentialSource(option, {}), { code: 'ERR_NTLM_INVALID_OPTION' });
  }
  await assert.rejects(async () => createCredentialSource(async () => ({}), {}).find(PROXY), {
    code: 'ERR_NTLM_INVALID_OPTION',
  });
});

test('refused credentials are not sent again to the same peer', () => {
  const source = createCredentialSource(ALICE, {});
  assert.equal(source.refused(PROXY, source.find(PROXY)), false);
  assert.throws(() => source.find(PROXY), { code: 'ERR_NTLM_REJECTED', message: /proxy:8080/ });
  assert.deepEqual({ ...source.find({ ...PROXY, host: 'other' }) }, ALICE);
  assert.deepEqual({ ...source.find({ ...PROXY, isProxy: false }) }, ALICE);
});

test('a function is asked once per host, and at the same time only once', async () => {
  const asked = [];
  const source = createCredentialSource(async (ask) => {
    asked.push(ask.host);
    return ALICE;
  }, {});
  const [one, two] = await Promise.all([source.find(PROXY), source.find(PROXY)]);
  assert.equal(one, two);
  assert.equal(source.find(PROXY), one, 'once known the answer is there at once');
  await source.find({ ...PROXY, host: 'other' });
  assert.deepEqual(asked, ['proxy', 'other']);
});

test('after a refusal a function is asked once more, and not a third time for one request', async () => {
  let count = 0;
  const source = createCredentialSource(() => ({ ...ALICE, password: `attempt ${(count += 1)}` }), {});
  const first = await source.find(PROXY);
  assert.equal(source.generation, 0);
  assert.equal(source.refused(PROXY, first), true);
  assert.equal(source.generation, 1);
  const second = await source.find(PROXY);
  assert.equal(second.password, 'attempt 2');
  // Another connection that was refused with the first ones uses the new ones.
  assert.equal(source.refused(PROXY, first), true);
  assert.equal(await source.find(PROXY), second);
  assert.equal(source.refused(PROXY, second), false);
  assert.equal(count, 2);
  assert.equal((await source.find(PROXY)).password, 'attempt 3', 'the next request may ask anew');
});

test('a function that repeats what was refused is not obeyed', async () => {
  const source = createCredentialSource(() => ALICE, {});
  assert.equal(source.refused(PROXY, await source.find(PROXY)), true);
  await assert.rejects(async () => source.find(PROXY), { code: 'ERR_NTLM_REJECTED' });
  await assert.rejects(async () => source.find(PROXY), { code: 'ERR_NTLM_REJECTED' });
});

test('a function that gives nothing or fails is asked again by the next request', async () => {
  const answers = [undefined, new Error('cancelled'), ALICE];
  const source = createCredentialSource(() => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  }, {});
  assert.equal(await source.find(PROXY), undefined);
  await assert.rejects(async () => source.find(PROXY), /cancelled/);
  assert.equal((await source.find(PROXY)).username, 'alice');
});

test('the identity tells credentials apart and does not contain them', () => {
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
