import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../cli/run-cli.mjs';
import { validate } from './schema.mjs';
import { answer } from './situations/answer.mjs';
import { offer } from './situations/offer.mjs';
import { ALICE } from './situations/peers.mjs';
import { signOn } from './situations/sign-on.mjs';
import { way } from './situations/way.mjs';

const KNOWN = { NTLM_USERNAME: ALICE.username, NTLM_PASSWORD: ALICE.password, NTLM_DOMAIN: ALICE.domain };
const UNKNOWN = { ...KNOWN, NTLM_PASSWORD: 'not the password' };

/** Runs the command in that situation. */
async function diagnosed(t, situation, args = [], env = KNOWN) {
  const { url, proxy } = await situation.start(t);
  return run(['diagnose', ...args, '--proxy', proxy, url], { env });
}

test('the self-test works, in words and as JSON', async () => {
  const words = await run(['diagnose', '--self-test']);
  assert.equal(words.code, 0, words.err);
  assert.match(words.out, /^It works\. \(\d+ ms\)$/m);
  const { code, out } = await run(['diagnose', '--self-test', '--json']);
  assert.equal(code, 0);
  const report = JSON.parse(out);
  validate(report);
  assert.deepEqual([report.verdict, report.findings[0].id], ['works', 'signed-on']);
});

test('the exit status says who can fix the problem', async (t) => {
  const rows = [
    [0, offer['a proxy that wants NTLM'], KNOWN],
    [1, answer['a policy that forbids the address'], KNOWN],
    [3, signOn['a wrong password'], UNKNOWN],
    [4, way['a proxy whose port is closed'], KNOWN],
  ];
  for (const [code, situation, env] of rows) {
    const ended = await diagnosed(t, situation, ['--timeout', '5'], env);
    assert.deepEqual([ended.code, ended.err], [code, ''], ended.out);
  }
});

test('a user name without a password, and no terminal: the other probes run, and no credentials are sent', async (t) => {
  const { code, out, err } = await diagnosed(t, offer['a proxy that wants NTLM'], ['--user', ALICE.username], {});
  assert.deepEqual([code, err], [3, ''], out);
  assert.match(out, /skipped +sign-on +no password/);
  assert.match(out, /error {4}no-credentials\n[^]*Next: pass --user/);
});

test('the report for people: within 80 columns, without colours or secrets, the verdict and the next step last', async (t) => {
  const { out } = await diagnosed(t, signOn['a wrong password'], [], UNKNOWN);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  assert.match(
    out,
    /\n\nIt does not work: the credentials are the problem\. \(\d+ ms\)\n\n {2}error {4}credentials-refused\n/,
  );
  assert.match(out, /Next: check them elsewhere[^]*locks\s+the\s+account\n$/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  for (const secret of ['not the password', ALICE.username, 'TlRMTVNTUA']) assert.ok(!out.includes(secret), secret);
});

test('--html: one page that holds everything, runs nothing, and takes nothing of a peer as markup', async (t) => {
  const { code, out } = await diagnosed(t, answer['a filter that names itself'], ['--html']);
  assert.equal(code, 1);
  assert.match(out, /^<!doctype html>\n<html lang="en">/);
  assert.match(out, /default-src 'none'/);
  assert.match(out, /It does not work: a policy prevents it\./);
  assert.match(out, /Zscaler: URL blocked by policy &#38; category Games/);
  assert.doesNotMatch(out, /<script|src=|href=/);
  const { out: odd } = await diagnosed(t, offer['a proxy with a name for itself'], ['--html']);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(odd, /[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test('nothing is ok about a request that did not work', async (t) => {
  for (const name of [
    'a server that the proxy cannot reach',
    'a server that forbids without asking',
    'a portal that answers 200 itself',
  ]) {
    const { url, proxy } = await answer[name].start(t);
    const { out } = await run(['diagnose', '--proxy', proxy, url], { env: KNOWN });
    assert.match(out, /^ {2}failed {3}sign-on/m, out);
    assert.match(out, /^It does not work/m);
  }
});

test('text of peers contains no control characters for the terminal', async (t) => {
  for (const args of [[], ['--json']]) {
    const { out } = await diagnosed(t, offer['a proxy with a name for itself'], args);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  }
});

test('colours where they are asked for', async () => {
  const { out } = await run(['diagnose', '--self-test'], { env: { FORCE_COLOR: '1' } });
  assert.match(out, /\u001b\[32mIt works\.\u001b\[0m/);
  assert.doesNotMatch((await run(['diagnose', '--self-test'], { env: { NO_COLOR: '1' } })).out, /\u001b/);
});

test('a command line that cannot be understood', async () => {
  const lines = [[], ['ftp://a/'], ['nonsense'], ['http://a/', 'http://b/'], ['--self-test', 'http://a/']];
  for (const line of [...lines, ['--timeout', '0', 'http://a/'], ['--timeout', 'soon', 'http://a/']]) {
    const { code, out, err } = await run(['diagnose', ...line]);
    assert.deepEqual([code, out], [2, ''], line.join(' '));
    assert.match(err, /^ntlm-wasm/);
  }
});
