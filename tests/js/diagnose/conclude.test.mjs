/* What cannot be made to happen on loopback, from what the probes would have seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NtlmError } from 'ntlm-wasm';
import { conclude, probe, troubleOf } from '../internals.mjs';

const url = new URL('http://www.example/');
const routes = [{ kind: 'proxy', host: 'proxy.example', port: 8080, tls: false }];
const idsOf = (seen, probes = []) => conclude({ url, routes, ...seen }, probes).map(({ id }) => id);
const trouble = (code) => ({ code, message: 'what it says' });
const signOn = (more) => ({ legs: [], challenges: [], answers: [], accepted: new Set(), ...more });

test('a network without a way to the first hop', () => {
  for (const code of ['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])
    assert.deepEqual(idsOf({ connectTrouble: trouble(code) }), ['not-reachable']);
  assert.deepEqual(idsOf({ connectTrouble: trouble('ETIMEDOUT') }), ['no-answer']);
});

test('a peer that never comes to an end', () => {
  assert.deepEqual(idsOf({ signOn: signOn({ trouble: trouble('ERR_NTLM_TOO_MANY_LEGS') }) }), ['asks-again-and-again']);
});

test('an unexpected error is reported as it is', () => {
  const [found] = conclude({ url, routes, signOn: signOn({ trouble: trouble('ERR_NTLM_INTERNAL') }) }, []);
  assert.equal(found.id, 'handshake-failed');
  assert.match(found.text, /what it says, ERR_NTLM_INTERNAL/);
});

test('a tunnel that the proxy rejects is explained by its status, whatever the text of the error', () => {
  const rejected = (status) => signOn({ trouble: { ...trouble('ERR_NTLM_TUNNEL_REFUSED'), status } });
  const located = { offer: { schemes: [], keepsConnection: true, status: 407, location: 'http://portal.example/' } };
  assert.deepEqual(idsOf({ signOn: rejected(403) }), ['tunnel-refused']);
  assert.deepEqual(idsOf({ signOn: rejected(503) }), ['target-unreachable']);
  assert.deepEqual(idsOf({ signOn: rejected(511) }), ['captive-portal']);
  assert.ok(idsOf({ signOn: rejected(302), ...located }).includes('captive-portal'));
});

test('an error keeps the status that it carries', () => {
  const error = new NtlmError('ERR_NTLM_TUNNEL_REFUSED', 'rejected', { advice: 'check the policy' });
  assert.deepEqual(troubleOf(new Error('fetch failed', { cause: Object.assign(error, { status: 403 }) })), {
    code: 'ERR_NTLM_TUNNEL_REFUSED',
    message: 'rejected',
    advice: 'check the policy',
    status: 403,
  });
});

test('a probe that crashes is a finding, and the others go on', async () => {
  const crashed = await probe('route', 1000, () => {
    throw new TypeError('x is not a function');
  });
  assert.deepEqual([crashed.outcome, crashed.summary], ['crashed', 'x is not a function']);
  assert.deepEqual(idsOf({ connectTrouble: trouble('ECONNREFUSED') }, [crashed]), ['crashed', 'port-closed']);
});

test('a probe that does not finish is abandoned, shortly after it was aborted', async () => {
  const began = performance.now();
  const late = await probe('name', 50, () => new Promise(() => {}));
  assert.deepEqual([late.outcome, late.summary], ['failed', 'no end after 50 ms']);
  assert.ok(performance.now() - began < 2000);
});

test('what a peer reports about an account, in the names and numbers of Windows', () => {
  const told = {
    'account-locked': ['NT_STATUS_ACCOUNT_LOCKED_OUT', '0xc0000234', 'The referenced account is currently locked out'],
    'account-disabled': ["This user can't sign in because this account is currently disabled.", '0xC0000072'],
    'account-expired': ["The user's account has expired.", 'NT_STATUS_ACCOUNT_EXPIRED'],
    'password-expired': ['The password for this account has expired.', '0xC0000071', 'NT_STATUS_PASSWORD_MUST_CHANGE'],
    'logon-not-allowed': ['account restrictions are preventing this user from signing in', 'INVALID_LOGON_HOURS'],
    'ntlm-blocked': ['The authentication failed since NTLM was blocked.', '0xC0000418'],
    'credentials-refused': ['Proxy Authentication Required', '', 'The user name or password is incorrect.'],
  };
  const refused = { trouble: trouble('ERR_NTLM_REJECTED'), answers: [{ peer: 'proxy' }] };
  for (const [id, reasons] of Object.entries(told))
    for (const refusedBecause of reasons)
      assert.deepEqual(idsOf({ signOn: signOn({ ...refused, refusedBecause }) }), [id], refusedBecause);
});
