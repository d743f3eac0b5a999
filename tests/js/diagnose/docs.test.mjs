/* The page of the diagnosis says of every finding what the report says of it, and its schema knows them all. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FINDING_IDS, finding } from '../internals.mjs';
import { schema } from './schema.mjs';

const page = readFileSync(new URL('../../../pkg/docs/diagnose.md', import.meta.url), 'utf8');

test('every finding is on the page, word for word, and no other', () => {
  const lines = page.split('\n').map((line) => line.replace(/ +\|/g, ' |'));
  const rows = lines.filter((line) => /^\| `[a-z0-9.-]+` \| (error|warning|note), /.test(line));
  const expected = FINDING_IDS.map((id) => {
    const { severity, fault, text, nextStep } = finding(id);
    return `| \`${id}\` | ${severity}, ${fault} | ${text} | ${nextStep} |`;
  });
  assert.deepEqual(rows, expected);
});

test('the schema counts the findings', () => {
  assert.deepEqual(schema.definitions.finding.properties.id.enum, FINDING_IDS);
});
