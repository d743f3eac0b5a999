/** The examples of the README run as they stand, and print what their comments say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

test('there are examples', () => assert.equal(examples.length, 2));

for (const code of examples) {
  const title = code.match(/import .* from '(.*)'/)[1];
  test(`the example of ${title}`, () => {
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
    assert.ok(expected.length > 0, 'an example shows what it prints');
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.deepEqual(stdout.trim().split('\n'), expected, stderr);
  });
}
