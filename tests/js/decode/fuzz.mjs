// Mutates inputs for the decoder for some minutes: `cargo xtask fuzz unwrap`. Argument: how many seconds.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decode, explainConversations, findTokens, NtlmClient } from 'ntlm-wasm';
import { KINDS, SPELLINGS, wrap } from './wrappings.mjs';

const seconds = Number(process.argv[2] ?? 60);
const INPUTS = new URL('inputs/', import.meta.url);
const token = (mechanism) =>
  new Uint8Array(Buffer.from(new NtlmClient({ username: 'a', password: 'b', mechanism }).negotiate(), 'base64'));
const wrapped = Object.entries(KINDS).flatMap(([kind, names]) =>
  Object.keys(names).map((name) => wrap(token('negotiate'), 'a header', [[kind, name]])),
);
const spelled = Object.keys(SPELLINGS).map((spelling) => wrap(token('ntlm'), spelling, []));
const files = readdirSync(INPUTS).map((name) => readFileSync(new URL(name, INPUTS)));
const seeds = [...wrapped, ...spelled, ...files].map(
  (seed) => new Uint8Array(typeof seed === 'string' ? Buffer.from(seed, 'latin1') : seed),
);

/** People would notice a search that takes longer than this CPU time, in milliseconds. */
const SLOWEST = 2_000;
const end = performance.now() + 1_000 * seconds;
let count = 0;

const change = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 12 }),
  by: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .constantFrom(
        'NTLMSSP\0',
        'TlRMTVNTUAAD',
        '\\x',
        '%4',
        '&#',
        '=\r\n',
        '\n> ',
        '\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n',
        '0x4e, ',
        '\x1f\x8b\x08\0',
        'PK\x03\x04',
      )
      .map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  ),
});

fc.assert(
  fc.property(fc.constantFrom(...seeds), fc.array(change, { maxLength: 6 }), fc.boolean(), (seed, changes, cut) => {
    let input = Buffer.from(seed);
    for (const { at, length, by } of changes) {
      const from = at % (input.length + 1);
      input = Buffer.concat([input.subarray(0, from), by, input.subarray(from + length)]);
    }
    if (cut) input = input.subarray(0, Math.floor(input.length / 2));
    const start = process.cpuUsage();
    for (const found of findTokens(new Uint8Array(input))) {
      assert.ok(found.start >= 0 && found.start <= found.end && found.end <= input.length);
      const { tree, bytes } = decode(found.bytes);
      assert.deepEqual([tree.start, tree.end], [0, bytes.length / 2]);
    }
    for (const { summary } of explainConversations(new Uint8Array(input)).conversations) assert.ok(summary.length > 0);
    const { user, system } = process.cpuUsage(start);
    const taken = (user + system) / 1_000;
    assert.ok(taken < SLOWEST, `${Math.round(taken)} ms for ${input.length} bytes`);
    count++;
  }),
  { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: 1_000 * seconds, endOnFailure: true },
);
assert.ok(performance.now() >= end - 1_000, 'the whole time was used');
console.log(`${count} inputs`);
