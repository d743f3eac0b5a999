/** Every export has a doc comment, and every class, function and constant an example. types.test.mjs compiles the examples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as everywhere from 'ntlm-wasm';
import * as node from 'ntlm-wasm/node';
import { documented } from './doc-comments.mjs';

test('all exports are read from the sources', () => {
  for (const [entry, exports] of Object.entries({ 'ntlm-wasm': everywhere, 'ntlm-wasm/node': node })) {
    const names = documented.filter((one) => one.entry === entry && one.isValue).map(({ name }) => name);
    assert.deepEqual(names.sort(), Object.keys(exports).sort());
  }
});

test('each export has a summary that is a sentence', () => {
  assert.deepEqual(
    documented.filter(({ summary }) => !/^\p{Lu}[^]{10,}[.:)]$/u.test(summary)).map(({ id, summary }) => [id, summary]),
    [],
  );
});

test('each class, function and constant has an example', () => {
  const without = documented.filter(({ isValue, examples }) => isValue && examples.length === 0);
  assert.deepEqual(
    without.map(({ id }) => id),
    [],
  );
});

test('an example names what it is about', () => {
  for (const { id, name, isValue, examples } of documented) {
    if (isValue)
      assert.ok(
        examples.some((code) => code.includes(name)),
        id,
      );
  }
});
