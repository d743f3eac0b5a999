// The packed package without an addon for single sign-on: everything else works, and what is missing is said.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Consumer } from './consumer.mjs';

const consumer = new Consumer();
after(() => consumer.remove());
const manifest = JSON.parse(readFileSync(join(consumer.dir, 'node_modules/ntlm-wasm/package.json'), 'utf8'));

test('nothing has to be installed besides; addons are optional, and of exactly this version', () => {
  const { dependencies, peerDependencies, optionalDependencies = {} } = manifest;
  assert.deepEqual([dependencies, peerDependencies], [undefined, undefined]);
  const names = Object.keys(optionalDependencies);
  for (const name of names) assert.match(name, /^ntlm-wasm-(darwin|linux|win32)-(x64|arm64)(-gnu|-musl)?$/);
  for (const version of Object.values(optionalDependencies)) assert.equal(version, manifest.version);
});

const PROGRAM = `
  const proxy = await startServer();
  const page = \`\${proxy.url}/\`;
  const { status } = await createFetch({ proxy: proxy.url, credentials: demoAccount })(page);
  console.log(status);
  await createFetch({ proxy: proxy.url, credentials: 'system' })(page).catch(({ name, code, message, advice }) => {
    console.log([name, code, message, advice].join('|'));
  });
  await proxy.close();`;

const EXPECTED =
  /^200\nNtlmError\|ERR_NTLM_SSO_UNAVAILABLE\|single sign-on needs the addon .*\(ntlm-wasm-\w+-\w+.*: it is not installed.*\)\|install it with .*\n$/;

test('an ES module: explicit credentials work, single sign-on says what is missing', () => {
  const file = consumer.write(
    'app.mjs',
    `import { createFetch, demoAccount, startServer } from 'ntlm-wasm/node'; ${PROGRAM}`,
  );
  assert.match(consumer.node(file), EXPECTED);
});

test('CommonJS: the same', () => {
  const file = consumer.write(
    'app.cjs',
    `const { createFetch, demoAccount, startServer } = require('ntlm-wasm/node'); (async () => {${PROGRAM}})();`,
  );
  assert.match(consumer.node(file), EXPECTED);
});
