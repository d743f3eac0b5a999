/** `--sso`, and the default of commands without a user name. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from 'ntlm-wasm/node';
import { run } from '../cli/run-cli.mjs';
import { startTicketServer } from './ticket-server.mjs';

const NTLM_ADDON = fileURLToPath(new URL('stand-in.cjs', import.meta.url));
const ALICE = { username: 'alice', password: 'correct horse' };
const proxy = await startServer({ accounts: { alice: ALICE.password }, schemes: ['Negotiate', 'NTLM'] });
const tickets = await startTicketServer({ isProxy: true });
after(() => Promise.all([proxy.close(), tickets.close()]));

const fetchThrough = ({ url }, args, standIn, env = {}) =>
  run(['fetch', '--proxy', url, ...args, 'http://127.0.0.1:8999/'], {
    env: { ...(standIn === undefined ? {} : { NTLM_ADDON, STAND_IN: JSON.stringify(standIn) }), ...env },
  });

test('--sso authenticates with the system credentials', async () => {
  const { code, out, err } = await fetchThrough(tickets, ['--sso'], { ticket: 'TICKET' });
  assert.deepEqual({ code, out, err }, { code: 0, out: 'page', err: '' });
});

test('--sso without the addon, and without a ticket: what is missing, what to do, and the exit status of credentials', async () => {
  const bare = await fetchThrough(tickets, ['--sso']);
  assert.equal(bare.code, 3);
  assert.match(bare.err, /needs the addon .* it is not installed.*\(ERR_NTLM_SSO_UNAVAILABLE\)\n\s+install it with/s);
  const ticketless = await fetchThrough(tickets, ['--sso'], {});
  assert.equal(ticketless.code, 3);
  assert.match(ticketless.err, /there is no Kerberos ticket \(ERR_NTLM_SSO_NO_CREDENTIALS\)\n\s+type kinit\n$/);
});

test('--sso with a name in the environment: that is in reserve', async () => {
  const env = { NTLM_USERNAME: ALICE.username, NTLM_PASSWORD: ALICE.password };
  const before = proxy.counters.handshakes;
  await fetchThrough(proxy, ['--sso'], undefined, env);
  await fetchThrough(proxy, ['--sso'], {}, env);
  assert.equal(proxy.counters.handshakes, before + 2);
  const refused = await fetchThrough(proxy, ['--sso'], { ntlm: { ...ALICE, password: 'stale' } }, env);
  assert.match(refused.err, /ERR_NTLM_REJECTED/);
});

test('without a name, the system credentials are used if there are any', async () => {
  const signedOn = await fetchThrough(tickets, [], { ticket: 'TICKET' });
  assert.deepEqual([signedOn.code, signedOn.out], [0, 'page']);
  for (const standIn of [undefined, {}]) {
    const { code, err } = await fetchThrough(tickets, [], standIn);
    assert.equal(code, 3);
    assert.match(err, /requires authentication \(it offers Negotiate\) and no credentials are set/);
  }
  const refused = await fetchThrough(tickets, [], { ticket: 'STALE' });
  assert.equal(refused.code, 3);
  assert.match(refused.err, /^ntlm-wasm: the proxy 127\.0\.0\.1:\d+: the credentials were rejected/);
});

test('a name that was given comes before the system', async () => {
  const before = proxy.counters.handshakes;
  const env = { NTLM_USERNAME: ALICE.username, NTLM_PASSWORD: ALICE.password };
  await fetchThrough(proxy, [], { ticket: 'TICKET' }, env);
  assert.equal(proxy.counters.handshakes, before + 1);
});
