/** The page of error codes lists those that exist, and no other. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../pkg/dist', import.meta.url));
const page = readFileSync(new URL('../../pkg/docs/errors.md', import.meta.url), 'utf8');

test('every error code is on the page of errors', () => {
  const scripts = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'));
  const inCode = scripts.flatMap(
    (name) => readFileSync(join(dist, name), 'utf8').match(/\bERR_NTLM_[A-Z0-9_]*[A-Z0-9]\b/g) ?? [],
  );
  // The addon's codes are in Rust: its messages come from the operating system.
  const reasons = readFileSync(new URL('../../src/sspi/failure.rs', import.meta.url), 'utf8').split(
    '\nreasons! {\n',
  )[1];
  const ofAddon = reasons.split('\n}\n')[0].match(/(?<=^ {4}\w+ ")[A-Z_]+(?="$)/gm) ?? [];
  assert.ok(ofAddon.length > 10);
  inCode.push(...ofAddon.map((code) => `ERR_NTLM_SSO_${code}`));
  const listed = page.match(/(?<=^\| `)ERR_NTLM_[A-Z0-9_]+/gm) ?? [];
  assert.ok(listed.length > 50);
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(inCode)].sort());
});

test('the page has the texts of the core, word for word', () => {
  const source = readFileSync(new URL('../../src/error.rs', import.meta.url), 'utf8').split('\nkinds! {\n')[1];
  const kinds = [...source.matchAll(/^ {4}\w+ \w+ "([A-Z0-9_]+)"\n +"(.*)"\n +"(.*)"$/gm)];
  assert.ok(kinds.length > 35);
  const rows = page.split('\n').map((line) => line.replace(/ +\|/g, ' |'));
  // The codes of the addon are on the page with the texts of src/sspi/failure.rs.
  const missing = kinds
    .filter(([, code]) => !code.startsWith('SSO_'))
    .map(([, code, text, advice]) => `| \`ERR_NTLM_${code}\` | ${text} | ${advice} |`)
    .filter((row) => !rows.includes(row));
  assert.deepEqual(missing, []);
});
