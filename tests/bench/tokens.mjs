/**
 * How many handshakes a second JavaScript gets out of the package: message 1, then message 3 with its integrity code
 * for a challenge of 226 bytes, in base64 as HTTP has it.
 *
 *     node tests/bench/tokens.mjs [--json] [path of the package]
 *
 * Each case runs in rounds of a fixed time, one case after the other within a round, so that a busy machine slows all of
 * them alike. Printed are the median and the spread of the rounds.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { median } from './statistics.mjs';
import { challenge } from './challenge.mjs';

const ROUNDS = 9;
const ROUND_MS = 200;

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const { NtlmClient, ntHash } = await import(positionals[0] ?? 'ntlm-wasm');

const account = { username: 'alice', domain: 'CORP', workstation: 'WS-0042' };
const password = createHash('sha256').update('the password of the benchmark').digest('base64url').slice(0, 12);
const hash = ntHash(password);
const message2 = challenge();
const message2Bytes = new Uint8Array(Buffer.from(message2, 'base64'));
const reused = new NtlmClient({ ...account, password });

const CASES = {
  'message 1 and 3, new client': () => handshake(new NtlmClient({ ...account, password })),
  'message 1 and 3, new client with an NT hash': () => handshake(new NtlmClient({ ...account, ntHash: hash })),
  'message 1 and 3, same client': () => {
    reused.reset();
    return handshake(reused);
  },
  'message 1 and 3, same client, bytes': () => {
    reused.reset();
    reused.negotiateBytes();
    return reused.authenticateBytes(message2Bytes).length;
  },
  'message 1 alone, new client': () => new NtlmClient({ ...account, password }).negotiate().length,
  'new client alone': () => (new NtlmClient({ ...account, password }).done ? 1 : 2),
};

function handshake(client) {
  client.negotiate();
  return client.authenticate(message2).length;
}

/** Handshakes a second in one round. */
function round(work) {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < 200; i++) if (work() === 0) throw new Error('an empty message');
    count += 200;
    elapsed = performance.now() - start;
  } while (elapsed < ROUND_MS);
  return (count / elapsed) * 1000;
}

const rates = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (const work of Object.values(CASES)) round(work);
for (let i = 0; i < ROUNDS; i++) {
  for (const [name, work] of Object.entries(CASES)) rates[name].push(round(work));
}

const report = Object.entries(rates).map(([name, all]) => ({
  name,
  perSecond: Math.round(median(all)),
  microseconds: Number((1e6 / median(all)).toFixed(2)),
  slowest: Math.round(Math.min(...all)),
  fastest: Math.round(Math.max(...all)),
}));
if (values.json)
  console.log(JSON.stringify({ node: process.version, rounds: ROUNDS, roundMs: ROUND_MS, report }, null, 2));
else console.table(report);
