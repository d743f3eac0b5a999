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
