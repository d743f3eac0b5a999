import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../pkg/dist/node/index.js';
import { emptyHome, inDesktop, MAIN, run } from './desktop.mjs';

const PASSWORD = 'pä55 word"\\';
const command = (args) => `'${process.execPath}' '${MAIN}' ${args}`;

test('GNOME Keyring keeps the password; fetch and the library use it; delete removes it', async (t) => {
  const server = await startServer({ accounts: { alice: PASSWORD } });
  t.after(() => server.close());
  const env = { ...emptyHome(t), PASSWORD };
  const library = `
    import { createFetch } from '${new URL('../../pkg/dist/node/index.js', import.meta.url)}';
    const response = await createFetch({ proxy: '${server.url}', credentials: 'keychain' })('${server.url}/echo');
    process.stdout.write('library ' + response.status + '\\n');`;
  const out = await inDesktop(
    { ...env, LIBRARY: library },
    `printf '%s' "$PASSWORD" | ${command('credential set --user alice --password-stdin')} 2>&1
     ${command('credential status')}
     ${command(`fetch --quiet --include --proxy ${server.url} ${server.url}/echo`)} | head -1
     ${command(`fetch --quiet --include --user alice --proxy ${server.url} ${server.url}/echo`)} | head -1
     '${process.execPath}' --input-type=module --eval "$LIBRARY"
     ${command('credential delete')}
     ${command('credential status')} || echo "status $?"
     ${command(`fetch --quiet --proxy ${server.url} ${server.url}/echo`)} 2>&1; echo "status $?"`,
  );
  const lines = out.split('\n');
  assert.equal(lines[0], 'stored in Secret Service');
  assert.equal(lines[1], 'key store: Secret Service, can be used');
  assert.equal(lines[2], 'the password of alice is stored in Secret Service');
  assert.match(lines[3], /^200 /);
  assert.match(lines[4], /^200 /);
  assert.equal(lines[5], 'library 200');
  assert.equal(lines[6], 'deleted from Secret Service');
  assert.match(out, /no password is stored\nstatus 1/);
  assert.match(out, /ERR_NTLM_CREDENTIALS_REQUIRED[^]*status 3\n$/);
  assert.doesNotMatch(out, /p.55 word/);
});

test('without a D-Bus the NT hash goes into a file of mode 600, after a warning', async (t) => {
  const server = await startServer({ accounts: { alice: PASSWORD } });
  t.after(() => server.close());
  const env = emptyHome(t);
  const { code, out, err } = await run(
    env,
    ['credential', 'set', '--user', 'CORP\\alice', '--password-stdin'],
    PASSWORD,
  );
  assert.equal(code, 0, err);
  const folder = join(env.XDG_CONFIG_HOME, 'ntlm-wasm');
  assert.equal(out, `stored in ${folder}\n`);
  assert.match(err, /Secret Service cannot be used|libsecret/);
  assert.match(err, /warning: the NT hash is stored in a file/);
  const file = join(folder, 'credentials.secret');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const stored = readFileSync(file, 'utf8');
  assert.doesNotMatch(stored, /word/);
  assert.match(stored, /"ntHash":"[0-9a-f]{32}"/);
  const get = ['fetch', '--quiet', '--proxy', server.url, `${server.url}/echo`];
  assert.equal((await run(env, get)).code, 0);
  assert.match((await run(env, ['credential', 'status'])).out, /the NT hash of CORP\\alice is stored in/);
  // Others could read it: it is not used, and the program says so where it was asked for.
  chmodSync(file, 0o640);
  assert.equal((await run(env, get)).code, 3);
  chmodSync(file, 0o600);
  assert.match((await run(env, ['credential', 'delete'])).out, /^deleted from /);
  assert.equal((await run(env, get)).code, 3);
});

test('credential: what is wrong on its command line', async (t) => {
  const env = emptyHome(t);
  for (const [args, message] of [
    [['credential'], /there is no action/],
    [['credential', 'get'], /unexpected "get"/],
    [['credential', 'set', '--password-stdin'], /there is no user name/],
  ]) {
    const { code, err } = await run(env, args, 'pw');
    assert.equal(code, 2);
    assert.match(err, message);
  }
});

test('the addon loads and answers where neither D-Bus nor a key store is', (t) => {
  const source = `
    const addon = require(process.env.NTLM_ADDON);
    addon.readSecret('x').then(() => console.log('read'), ({ code, advice }) => console.log(code, advice !== ''));`;
  const env = { ...emptyHome(t), LD_LIBRARY_PATH: '' };
  const out = execFileSync(process.execPath, ['-e', source], { env, encoding: 'utf8' });
  assert.equal(out, 'ERR_NTLM_KEY_STORE_UNAVAILABLE true\n');
});
