// What the command does only at a terminal: passwords without echo, a progress bar, colours.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFetch, demoAccount, startServer } from '../../pkg/dist/node/index.js';
import { atTerminal, NTLM_WASM } from './terminal.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-terminal-'));
let server;
/** A handshake as a log shows it. */
const handshake = join(folder, 'handshake.txt');

before(async () => {
  const legs = [];
  server = await startServer({ onLeg: (leg) => legs.push(leg) });
  await createFetch({ proxy: server.url, credentials: demoAccount })(server.url);
  const lines = legs.map(
    ({ direction, scheme, token }) => `${direction === 'sent' ? '<' : '>'} X: ${scheme} ${token}\n`,
  );
  writeFileSync(handshake, lines.join(''));
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a password is asked for without echo', async (t) => {
  const terminal = atTerminal(t, `${NTLM_WASM} hash`);
  await terminal.sees(/Password: /);
  // A wrong key taken back, and a character of four bytes.
  terminal.type('Passwore\u007fd😀\u007f\r');
  assert.equal(await terminal.ended, 0);
  assert.match(terminal.screen(), /a4f49c406510bdcab6824ee7c30fd852/);
  assert.doesNotMatch(terminal.screen().replace('Password: ', ''), /Passwor/);
});

test('Ctrl-C at the question ends the command as it ends others', async (t) => {
  const terminal = atTerminal(t, `${NTLM_WASM} hash; echo status $?`);
  await terminal.sees(/Password: /);
  terminal.type('secret\u0003');
  await terminal.sees(/status 130/);
  assert.doesNotMatch(terminal.screen(), /secret/);
});

test('fetch asks for the password of --user', async (t) => {
  const terminal = atTerminal(
    t,
    `${NTLM_WASM} fetch -x ${server.url} -u ${demoAccount.username} ${server.url}/bytes/9`,
  );
  await terminal.sees(/Password of alice: /);
  terminal.type(`${demoAccount.password}\r`);
  assert.equal(await terminal.ended, 0);
  assert.match(terminal.screen(), /ntlm-wasm/);
  assert.ok(!terminal.screen().includes(demoAccount.password));
});

test('a download shows how far it is, and ends its line', async (t) => {
  const file = join(folder, 'big');
  const size = 32 * 1024 * 1024;
  const command = `${NTLM_WASM} fetch -x ${server.url} -o ${file} ${server.url}/bytes/${size}`;
  const terminal = atTerminal(t, command, { env: ALICE });
  assert.equal(await terminal.ended, 0);
  assert.equal(statSync(file).size, size);
  const shown = [...terminal.screen().matchAll(/\r\[(#*) *\] +(\d+)% of 32\.0 MiB/g)];
  assert.ok(shown.length >= 1, JSON.stringify(terminal.screen()));
  assert.equal(shown.at(-1)[2], '100');
  assert.match(terminal.screen(), /100% of 32\.0 MiB[^\n]*\n$/);
  const quiet = atTerminal(t, `${command} -q`, { env: ALICE });
  assert.equal(await quiet.ended, 0);
  assert.equal(quiet.screen(), '');
});

test('colours for a person, none where NO_COLOR is set', async (t) => {
  const coloured = atTerminal(t, `${NTLM_WASM} decode @${handshake}`);
  assert.equal(await coloured.ended, 0);
  assert.match(coloured.screen(), /\u001b\[1mNEGOTIATE_MESSAGE/);
  const plain = atTerminal(t, `${NTLM_WASM} decode @${handshake}`, { env: { NO_COLOR: '1' } });
  assert.equal(await plain.ended, 0);
  assert.ok(!plain.screen().includes('\u001b'));
});

test('a password is tried on a handshake that comes through a pipe', async (t) => {
  for (const [password, status, says] of [
    [
      demoAccount.password,
      0,
      /yes: message 3 was made with this password \(NTLMv2\)\s+the message integrity code is correct/,
    ],
    ['wrong', 3, /no: message 3 was made with another password/],
  ]) {
    const terminal = atTerminal(t, `${NTLM_WASM} decode --check-password < ${handshake}`, { env: { NO_COLOR: '1' } });
    await terminal.sees(/Password to check: /);
    terminal.type(`${password}\r`);
    assert.equal(await terminal.ended, status);
    assert.match(terminal.screen(), says);
    assert.ok(!terminal.screen().includes(password));
    assert.doesNotMatch(terminal.screen(), /exported session key/);
  }
});

test('what a peer says cannot steer the terminal', async (t) => {
  const file = join(folder, 'hostile');
  const token = Buffer.from(readFileSync(handshake, 'latin1').match(/> X: NTLM (\S+)\n$/)[1], 'base64');
  const user = token.subarray(token.readUInt32LE(40), token.readUInt32LE(40) + token.readUInt16LE(36));
  user.write('\u001b\u009b\u202e\n', 0, 'utf16le');
  writeFileSync(file, token.toString('base64'));
  for (const option of ['', '--json']) {
    const terminal = atTerminal(t, `${NTLM_WASM} decode ${option} @${file}`, { env: { NO_COLOR: '1' } });
    assert.equal(await terminal.ended, 0);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(terminal.screen(), /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202e]/);
    assert.match(
      terminal.screen(),
      option === '' ? /UserName: \\x1b\\x9b\\u202e\\x0ae/ : /"userName": "\\u001b\\u009b\\u202e\\ne"/,
    );
  }
});
