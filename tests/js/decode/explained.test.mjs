// What the decoder says, word for word: the core's own tests hold Rust to the same file, and JavaScript has the words from a
// table of its own.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from 'ntlm-wasm';

const { cases } = JSON.parse(readFileSync(new URL('../../vectors/explained.json', import.meta.url), 'utf8'));
const bytes = (hex) => (hex === undefined ? undefined : new Uint8Array(Buffer.from(hex, 'hex')));

/** A node and all below, a line each; flags too, a line each behind their node. */
function lines(node, flags) {
  const { id, start, end, label, value, meaning, problem, sensitive, bits = [], children } = node;
  const own = `${id} ${start}-${end} ${label} = ${value} (${meaning})`;
  return [
    own + (problem === undefined ? '' : ` but ${problem}`) + (sensitive ? ' sensitive' : ''),
    // Those of messages stand in the first case only.
    ...bits
      .filter(({ letter }) => flags || letter === '')
      .map(({ mask, letter, name, meaning, set }) => `${mask} ${letter} ${name} (${meaning}) ${set}`),
    ...children.flatMap((child) => lines(child, flags)),
  ];
}

for (const [index, { name, token, negotiate, challenge, now, tree, findings }] of cases.entries()) {
  test(name, () => {
    const decoded = decode(bytes(token), {
      negotiate: bytes(negotiate),
      challenge: bytes(challenge),
      now: now === undefined ? undefined : new Date(now),
    });
    assert.deepEqual(lines(decoded.tree, index === 0), tree);
    assert.deepEqual(
      decoded.findings.map(({ severity, id, node, text }) => `${severity} ${id} at ${node}: ${text}`),
      findings,
    );
  });
}
