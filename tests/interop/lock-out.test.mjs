// A wrong password reaches the real domain controller once, in every situation in which a program could send it again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { beforeEach, test } from 'node:test';
import { badPasswords, ca, DomainControllerLog, lab, labCommand } from './lib/lab.mjs';
import { createFetch, NtlmAgent, NtlmDispatcher, startProxy } from 'ntlm-wasm/node';

const { lockme } = lab.users;
const PROXY = lab.proxies.ntlm.url;
const { apache, epa } = lab.origins;
let wrong = 0;

/** Another one each time, because a rejected one is not sent again for 30 seconds. */
function mistyped() {
  wrong += 1;
  return { username: lockme.down_level, password: `not the password ${wrong}` };
}

const outcome = (promise) =>
  promise.then(
    async (response) => (await response.text(), response.status),
    (error) => (error.cause ?? error).code ?? error.name,
  );

function get(url, options) {
  const client = url.startsWith('https:') ? https : http;
  return new Promise((resolve) => {
    const request = client.get(url, { ca, ...options }, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    request.on('error', (error) => resolve(error.code));
  });
}

const times = (count, work) => Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** A separate process, for what is registered globally. */
function runProgram(text) {
  const program = `import http from 'node:http'; import https from 'node:https'; import { register } from 'ntlm-wasm/node';
    register({ proxy: ${JSON.stringify(PROXY)}, credentials: ${JSON.stringify(mistyped())}, tls: { rejectUnauthorized: false } });
    const get = (client, url, options = {}) => new Promise((resolve) =>
      client.get(url, options, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', (error) => resolve(error.code)));
    const plain = ${JSON.stringify(`${apache.http}/`)}, secure = ${JSON.stringify(`${apache.https}/`)};
    ${text}; process.exit();`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
}

const SITUATIONS = {
  async 'agents, dispatchers and fetches of one program'() {
    const options = { proxy: PROXY, credentials: mistyped(), tls: { ca } };
    const agent = new NtlmAgent(options);
    const dispatcher = new NtlmDispatcher(options);
    await Promise.all([
      ...[1, 2, 3].map(() => get(`${apache.http}/`, { agent })),
      ...[1, 2, 3].map(() => get(`${apache.https}/`, { agent: new NtlmAgent(options) })),
      ...[1, 2, 3].map(() => outcome(createFetch(options)(`${apache.http}/`))),
      dispatcher.request({ origin: apache.http, path: '/', method: 'GET' }).catch(() => {}),
    ]);
    for (let count = 0; count < 3; count += 1) await get(`${apache.http}/`, { agent });
    agent.destroy();
    await dispatcher.destroy();
  },
  'one registration: http, https and fetch': () =>
    runProgram(
      'await Promise.all([get(http, plain), get(https, secure), fetch(plain).catch(() => {}), fetch(secure).catch(() => {})])',
    ),
  'ten requests without an agent': () =>
    runProgram('for (let count = 0; count < 10; count += 1) await get(http, plain, { agent: false })'),
  async 'callers of a local proxy'() {
    const proxy = await startProxy({ proxy: PROXY, credentials: mistyped(), secret: false });
    await times(8, () => get(proxy.url, { path: `${apache.http}/`, headers: { host: 'x' } }));
    await proxy.close({ grace: 0 });
  },
  async 'several ports and hosts of one domain'() {
    const origins = [
      `${apache.http}/ntlm/`,
      `${apache.http.replace('127.0.0.1', 'localhost')}/ntlm/`,
      `${apache.https}/ntlm/`,
      `${epa.http}/winbind/off/ntlm`,
    ];
    const options = { proxy: 'direct', servers: ['127.0.0.1', 'localhost'], credentials: mistyped(), tls: { ca } };
    await times(8, (index) => outcome(createFetch(options)(origins[index % origins.length])));
    for (const url of origins) await outcome(createFetch(options)(url));
  },
  async 'callers that give up'() {
    const fetch = createFetch({ proxy: PROXY, credentials: mistyped(), tls: { ca } });
    for (const milliseconds of [5, 10, 20, 40, 80, 160]) {
      await outcome(fetch(`${apache.http}/`, { signal: AbortSignal.timeout(milliseconds) }));
      await outcome(fetch(`${apache.https}/`, { signal: AbortSignal.timeout(milliseconds) }));
    }
    assert.equal(await outcome(fetch(`${apache.http}/`)), 'ERR_NTLM_REJECTED');
  },
  async 'a function that returns the same again'() {
    const credentials = mistyped();
    const fetch = createFetch({ proxy: PROXY, credentials: () => ({ ...credentials }) });
    for (let count = 0; count < 4; count += 1) await outcome(fetch(`${apache.http}/`));
    await times(5, () => outcome(fetch(`${apache.http}/`)));
  },
};

beforeEach(() => labCommand('unlock', 'lockme'));

for (const [title, run] of Object.entries(SITUATIONS)) {
  test(`one wrong sign-in: ${title}`, async () => {
    const log = new DomainControllerLog();
    await run();
    assert.equal((await log.attempts(lockme.name)).length, 1);
    assert.equal(badPasswords('lockme'), 1);
  });
}

test('one wrong sign-in: a password that is changed while the program runs', async (t) => {
  const setPassword = (password) =>
    execFileSync('samba-tool', [
      'user',
      'setpassword',
      lockme.name,
      `--newpassword=${password}`,
      `--configfile=${lab.dc.smb_conf}`,
    ]);
  t.after(() => setPassword(lockme.password));
  const options = { proxy: PROXY, credentials: { username: lockme.down_level, password: lockme.password } };
  const fetch = createFetch(options);
  const agent = new NtlmAgent(options);
  t.after(() => agent.destroy());
  assert.equal(await outcome(fetch(`${apache.http}/`)), 200);
  setPassword('An0ther-Passw0rd!');
  const log = new DomainControllerLog();
  await Promise.all([
    times(10, () => outcome(fetch(`${apache.http}/`))),
    times(10, () => get(`${apache.http}/`, { agent })),
    times(5, () => outcome(createFetch(options)(`${apache.http}/`))),
  ]);
  const attempts = await log.attempts(lockme.name);
  assert.equal(attempts.filter(({ status }) => status !== 'NT_STATUS_OK').length, 1);
});
