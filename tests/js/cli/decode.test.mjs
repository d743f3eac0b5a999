import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFetch, demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { run } from './run-cli.mjs';

const NEGOTIATE = 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==';
let folder;
/** A handshake as a log shows it. */
let log;
let response;
/** The base64 of messages 1 to 3. */
let tokens;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-decode-'));
  const legs = [];
  const server = await startServer({ onLeg: (leg) => legs.push(leg) });
  await createFetch({ proxy: server.url, credentials: demoAccount })(server.url);
  await server.close({ grace: 0 });
  tokens = legs.map(({ token }) => token);
  const field = ({ direction }) => (direction === 'sent' ? '< Proxy-Authenticate' : '> Proxy-Authorization');
  log = legs.map((leg) => `${field(leg)}: ${leg.scheme} ${leg.token}\r\n> Host: a\r\n`).join('');
  const message = Buffer.from(legs[2].token, 'base64');
  response = message.subarray(message.readUInt32LE(24), message.readUInt32LE(24) + 16).toString('hex');
});

after(() => rm(folder, { recursive: true, force: true }));

test('a token as an argument, from standard input, from a file', async () => {
  const file = join(folder, 'token');
  await writeFile(file, `NTLM ${NEGOTIATE}`);
  for (const [args, input] of [
    [[NEGOTIATE]],
    [['-'], NEGOTIATE],
    [[], `Authorization: NTLM ${NEGOTIATE}`],
    [[`@${file}`]],
  ]) {
    const { code, out, err } = await run(['decode', ...args], { input });
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^A client offers NTLM, only message 1 is here: no user name yet$/m);
    assert.match(out, /^NEGOTIATE_MESSAGE, 40 bytes/m);
    assert.match(out, /NegotiateFlags: a2088207: [^:]*REQUEST_TARGET, OEM, UNICODE/);
    assert.doesNotMatch(out, /MaxLen|BufferOffset|reserved/);
  }
  const { out } = await run(['decode', '--all', NEGOTIATE]);
  assert.match(out, /MaxLen: 0/);
  assert.match(out, /\+ NTLMSSP_NEGOTIATE_UNICODE: UTF-16LE text is supported/);
  assert.match(out, /- NTLMSSP_NEGOTIATE_SEAL: /);
});

test('a whole handshake out of a log, without what could be used to search for the password', async () => {
  const { out } = await run(['decode'], { input: log });
  assert.deepEqual(out.match(/^[A-Z]+_MESSAGE/gm), ['NEGOTIATE_MESSAGE', 'CHALLENGE_MESSAGE', 'AUTHENTICATE_MESSAGE']);
  assert.match(out, /UserName: alice/);
  assert.match(out, /NtChallengeResponse: \(hidden\)/);
  assert.ok(!out.includes(response));
  assert.match(out, /MIC: \(hidden\)/);
  // What the proof was made over is no secret.
  assert.match(out, /MsvAvFlags: 00000002: MIC/);
  assert.match(out, /MsvAvTargetName: HTTP\/127/);
  assert.ok((await run(['decode', '--show-responses'], { input: log })).out.includes(response));
});

test('--json: a list, complete', async () => {
  const { out } = await run(['decode', '--json'], { input: log });
  const decoded = JSON.parse(out);
  assert.deepEqual(
    decoded.map(({ type }) => type),
    [1, 2, 3],
  );
  assert.equal(decoded[2].userName, 'alice');
  assert.equal(decoded[1].source.header, 'Proxy-Authenticate');
  assert.ok(out.includes(response));
});

test('a HAR file, with escapes as some programs write them', async () => {
  const header = (name, token) => ({ name, value: `NTLM ${token}` });
  const entry = (request, response) => ({ request: { headers: request }, response: { headers: response } });
  const archive = {
    log: {
      entries: [
        entry([header('Proxy-Authorization', tokens[0])], [header('Proxy-Authenticate', tokens[1])]),
        entry([header('Proxy-Authorization', tokens[2])], []),
      ],
    },
  };
  const file = join(folder, 'capture.har');
  for (const text of [
    JSON.stringify(archive, undefined, 2),
    JSON.stringify(archive).replaceAll('/', '\\/').replaceAll('+', '\\u002B'),
  ]) {
    await writeFile(file, text);
    const decoded = JSON.parse((await run(['decode', '--json', `@${file}`])).out);
    assert.deepEqual(
      decoded.map(({ type, source }) => [type, source.header]),
      [
        [1, 'Proxy-Authorization'],
        [2, 'Proxy-Authenticate'],
        [3, 'Proxy-Authorization'],
      ],
    );
    assert.equal(decoded[2].userName, 'alice');
  }
});

test('--at: clocks that were wrong then', async () => {
  assert.doesNotMatch((await run(['decode'], { input: log })).out, /clock-skew/);
  assert.doesNotMatch((await run(['decode', '--at', 'now'], { input: log })).out, /clock-skew/);
  assert.match((await run(['decode', '--at', '2020-02-29T12:00Z'], { input: log })).out, /days from now[^]*clock-skew/);
});

test('--check-password: with the password or the hash of the environment', async () => {
  const check = (env, ...more) => run(['decode', '--check-password', ...more], { input: log, env });
  const right = await check({ NTLM_PASSWORD: demoAccount.password });
  assert.equal(right.code, 0, right.err);
  assert.match(
    right.out,
    /yes: message 3 was made with this password \(NTLMv2\)\n {2}the message integrity code is correct/,
  );
  assert.doesNotMatch(right.out, /session key: [0-9a-f]{32}/);
  const wrong = await check({ NTLM_PASSWORD: 'wrong' });
  assert.equal(wrong.code, 3);
  assert.match(wrong.out, /no: message 3 was made with another password/);
  const { out: hash } = await run(['hash'], { input: demoAccount.password });
  const shown = await check({ NTLM_HASH: hash.trim() }, '--show-responses');
  assert.match(shown.out, /exported session key: [0-9a-f]{32}/);
  const { passwordChecks } = JSON.parse((await check({ NTLM_HASH: hash.trim() }, '--json')).out);
  assert.deepEqual(
    passwordChecks.map(({ userName, matches, mic }) => [userName, matches, mic]),
    [['alice', true, 'right']],
  );
});

test('the answer comes first: one sentence, then findings with what to do, then fields', async () => {
  const { out } = await run(['decode'], { input: log });
  const [sentence, ...rest] = out.split(/\n(?= {2}\w)/);
  assert.match(
    sentence.replace(/\s+/g, ' '),
    /^DEMO\\alice to proxy\.demo\.example \(HTTP\/127\.0\.0\.1\), NTLMv2, integrity code present, no channel binding, .* UTC$/,
  );
  assert.match(rest[0], /^ {2}(weak|note) +message \d: [^]*\n {12}→ /);
  assert.ok(out.indexOf('(no-channel-binding)') < out.indexOf('NEGOTIATE_MESSAGE,'), 'findings come before fields');
  for (const line of out.split('\n')) {
    // Words that are longer than a line stay whole.
    assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
  }
});

test('many tokens: all of them, with a list of the conversations first', async () => {
  const { out } = await run(['decode'], { input: log.repeat(100) });
  assert.match(out, /^100 conversations\n\n1\. DEMO\\alice /);
  assert.equal(out.match(/^AUTHENTICATE_MESSAGE/gm).length, 100);
  assert.equal(JSON.parse((await run(['decode', '--json'], { input: log.repeat(100) })).out).at(-1).conversation, 99);
});

test('what holds no token, and what cannot be read', async () => {
  const none = await run(['decode', 'hello']);
  assert.equal(none.code, 2);
  assert.match(none.err, /there is no NTLM or SPNEGO token in the input/);
  assert.equal((await run(['decode', '@/does/not/exist'])).code, 2);
  assert.equal((await run(['decode', 'NTLM', NEGOTIATE])).code, 2);
});
