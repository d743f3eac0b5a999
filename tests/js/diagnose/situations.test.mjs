/*
 * Situations that look the same to a program (it does not work), each distinguished. `expected/` contains the whole
 * report of each; after an intended change, UPDATE_EXPECTED=1 rewrites them.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { diagnose } from '../../../pkg/dist/node/index.js';
import { FINDING_IDS } from '../internals.mjs';
import { difference, normalised } from './golden.mjs';
import { validate } from './schema.mjs';
import { answer } from './situations/answer.mjs';
import { offer } from './situations/offer.mjs';
import { ALICE, nextUser } from './situations/peers.mjs';
import { signOn } from './situations/sign-on.mjs';
import { way } from './situations/way.mjs';

const situations = { ...way, ...offer, ...signOn, ...answer };
const fileOf = (name) => `${name.replace(/[^A-Za-z0-9.]+/g, '-')}.json`;

/** Proxies and users of this machine's own settings do not count here. */
const FOREIGN = /(_|^)proxy$|^NTLM_/i;

for (const [name, { finds, start, env = {} }] of Object.entries(situations)) {
  test(name, { timeout: 30_000 }, async (t) => {
    withEnvironment(t, env);
    nextUser();
    const { url, ...options } = await start(t);
    if (options.credentials?.username === ALICE.username) options.credentials = someoneElse(options.credentials);
    const began = performance.now();
    const report = await diagnose(url, { timeout: 5000, ...options });
    assert.ok(performance.now() - began < 6 * (options.timeout ?? 5000), 'in time');
    assert.deepEqual(
      report.findings.map(({ id }) => id),
      finds,
      JSON.stringify(report, undefined, 1),
    );
    assert.equal(report.verdict, report.findings.some(({ severity }) => severity === 'error') ? 'fails' : 'works');
    validate(report);
    holdsNothingSecret(report);
    matches(fileOf(name), normalised(report));
  });
}

let users = 0;

/** A name of the same length: what one proxy rejects is not sent to the next. */
function someoneElse(credentials) {
  users += 1;
  return { ...credentials, username: `ali${String(users).padStart(2, '0')}` };
}

test('every finding is met in one of the situations, and every expected report belongs to one', () => {
  const met = new Set(Object.values(situations).flatMap(({ finds }) => finds));
  assert.deepEqual(
    FINDING_IDS.filter((id) => !met.has(id)),
    RARE,
  );
  assert.deepEqual(
    readdirSync(new URL('expected', import.meta.url)).sort(),
    Object.keys(situations).map(fileOf).sort(),
  );
});

/** What cannot be made to happen on loopback: conclude.test.mjs has it. */
const RARE = ['not-reachable', 'asks-again-and-again', 'handshake-failed', 'crashed'];

function matches(file, report) {
  const path = new URL(`expected/${file}`, import.meta.url);
  if (process.env['UPDATE_EXPECTED']) writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
  assert.equal(difference(report, JSON.parse(readFileSync(path, 'utf8'))), undefined);
}

/** Neither the password nor the name, and no token from which a password could be guessed. */
function holdsNothingSecret(report) {
  const text = JSON.stringify(report);
  for (const secret of [ALICE.password, 'not the password', `"${ALICE.username}`, 'TlRMTVNTUA', 'token=secret'])
    assert.ok(!text.includes(secret), secret);
}

function withEnvironment(t, env) {
  const before = { ...process.env };
  for (const name of Object.keys(before)) if (FOREIGN.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  });
}
