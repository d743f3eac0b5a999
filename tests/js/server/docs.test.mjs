/** The examples of docs/test-server.md run as they stand, and print what their comments say. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const page = await readFile(new URL('../../../pkg-template/docs/test-server.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
const face = new URL('../../../pkg/dist/node/index.js', import.meta.url).href;

test('there are two examples', () => assert.equal(examples.length, 2));

for (const [index, code] of examples.entries()) {
  test(`example ${index + 1}`, { timeout: 30_000 }, async () => {
    const expected = [...code.matchAll(/^(?:console\.log\(.*\); )?\/\/ (.*)$/gm)].map(([, comment]) => comment);
    const source = code.replace("'ntlm-wasm/node'", `'${face}'`);
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], { cwd });
    assert.deepEqual(stdout.trim().split('\n'), expected);
  });
}
