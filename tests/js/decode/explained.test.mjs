// The output of the decoder, word for word. Rust is tested against the same file (tests/core/explain_vectors.rs).
// After a change of wording: `node tests/js/decode/explained.test.mjs --write`.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from 'ntlm-wasm';

const VECTORS = new URL('../../vectors/explained.json', import.meta.url);
const vectors = JSON.parse(readFileSync(VECTORS, 'utf8'));
const { cases } = vectors;
const bytes = (hex) => (hex === undefined ? undefined : new Uint8Array(Buffer.from(hex, 'hex')));

/** A node and all below, a line each; flags too, a line each behind their node. */
function lines(node, flags) {
  const { id, start, end, label, value, meaning, problem, sensitive, bits = [], children } = node;
  const own = `${id} ${start}-${end} ${label} = ${value} (${meaning})`;
  return [
    own + (problem === undefined ? '' : ` but ${problem}`) + (sensitive ? ' sensitive' : ''),
    // The flags of messages are in the first case only.
    ...bits
      .filter(({ letter }) => flags || letter === '')
      .map(({ mask, letter, name, meaning, set }) => `${mask} ${letter} ${name} (${meaning}) ${set}`),
    ...children.flatMap((child) => lines(child, flags)),
  ];
}

const said = ({ token, negotiate, challenge, now }, index) => {
  const decoded = decode(bytes(token), {
    negotiate: bytes(negotiate),
    challenge: bytes(challenge),
    now: now === undefined ? undefined : new Date(now),
  });
  return {
    tree: lines(decoded.tree, index === 0),
    findings: decoded.findings.map(
      ({ severity, id, node, text, advice }) => `${severity} ${id} at ${node}: ${text} -> ${advice}`,
    ),
  };
};

if (process.argv.includes('--write')) {
  vectors.cases = cases.map((entry, index) => ({ ...entry, ...said(entry, index) }));
  writeFileSync(VECTORS, `${JSON.stringify(vectors, null, 1)}\n`);
} else {
  cases.forEach((entry, index) =>
    test(entry.name, () => {
      const { tree, findings } = said(entry, index);
      assert.deepEqual(tree, entry.tree);
      assert.deepEqual(findings, entry.findings);
    }),
  );
}
