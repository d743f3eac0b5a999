/**
 * What programs hold on to, by name: it may grow, and a name goes or changes only with a new major version.
 *
 * The lists in interface.json are written by `node tests/js/interface.test.mjs --write`.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as everywhere from 'ntlm-wasm';
import * as node from 'ntlm-wasm/node';
import { COMMANDS, ExitCode } from './internals.mjs';

const LISTS = new URL('interface.json', import.meta.url);
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const sorted = (words) => [...new Set(words)].sort();
const matches = (text, pattern) => sorted([...text.matchAll(pattern)].map((match) => match[1]));

function decoderFindings() {
  return matches(
    read('src/explain/findings/remarks.rs'),
    /^ {4}[A-Z0-9_]+ (?:Broken|Dangerous|Weak|Note) "([a-z0-9-]+)"/gm,
  );
}

async function options() {
  const entries = Object.entries(COMMANDS).map(async ([name, { load }]) => {
    const { command } = await load();
    return [name, sorted(Object.keys(command.options))];
  });
  return Object.fromEntries(await Promise.all(entries));
}

const inCode = {
  exports: { 'ntlm-wasm': sorted(Object.keys(everywhere)), 'ntlm-wasm/node': sorted(Object.keys(node)) },
  subpaths: sorted(Object.keys(JSON.parse(read('pkg/package.json')).exports)),
  // tests/js/docs.test.mjs holds this page against the code.
  errorCodes: matches(read('pkg/docs/errors.md'), /^\| `(ERR_NTLM_[A-Z0-9_]+)/gm),
  decoderFindings: decoderFindings(),
  diagnosisFindings: matches(read('pkg-template/dist/node/diagnose/findings.js'), /^ {4}'?([a-z][a-z0-9.-]+)'?: \[/gm),
  events: matches(read('pkg-template/dist/node/diagnostics.js').match(/NAMES = \[([^\]]+)\]/)[1], /'([^']+)'/g),
  exitCodes: { ...ExitCode },
  options: await options(),
};

if (process.argv.includes('--write')) {
  writeFileSync(LISTS, `${JSON.stringify(inCode, null, 2)}\n`);
} else {
  const agreed = JSON.parse(readFileSync(LISTS, 'utf8'));
  for (const name of Object.keys(agreed)) {
    test(`the interface is the one that was agreed on: ${name}`, () => {
      assert.deepEqual(inCode[name], agreed[name], 'see "Releases" in CONTRIBUTING.md, then update the lists');
      assert.ok(JSON.stringify(agreed[name]).length > 10, 'there is something to hold on to');
    });
  }
}
