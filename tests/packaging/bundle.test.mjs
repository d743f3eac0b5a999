// A browser user's bundle of the packed package.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import webpack from 'webpack';
import { Consumer, smokeFile, tools, vectorsFile } from './consumer.mjs';

const { build } = createRequire(join(tools, 'package.json'))('esbuild');
const consumer = new Consumer();
after(() => consumer.remove());

/** Keeps the bundle from growing unnoticed. */
const LIMIT = 64 * 1024;

/** Bundles `text` and returns the path of the bundle. */
async function bundle(name, text, options = {}) {
  const outfile = join(consumer.dir, `${name}.out.mjs`);
  const result = await build({
    stdin: { contents: text, resolveDir: consumer.dir },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outfile,
    logLevel: 'silent',
    ...options,
  });
  assert.deepEqual(result.warnings, []);
  return outfile;
}

test('tokens for a browser: no plugin, no asset, no module of Node, within its limit', async (t) => {
  const file = await bundle('tokens', `export { NtlmClient } from 'ntlm-wasm';`);
  const text = readFileSync(file, 'utf8');
  assert.doesNotMatch(text, /import\.meta|\bfetch\(|node:/);
  const size = gzipSync(text, { level: 9 }).length;
  t.diagnostic(`NtlmClient, minified ${text.length}, gzip ${size} of ${LIMIT} bytes`);
  assert.ok(size <= LIMIT, `${size} bytes minified and gzip, more than ${LIMIT}`);
});

const smoke = `
  import * as ntlm from 'ntlm-wasm';
  import vectors from ${JSON.stringify(vectorsFile)};
  import { checkMsNlmp } from ${JSON.stringify(smokeFile)};
  export const checked = checkMsNlmp(ntlm, vectors);`;

test("esbuild's bundle works", async () => {
  const { checked } = await import(pathToFileURL(await bundle('smoke', smoke)));
  assert.match(checked, /^MS-NLMP 4\.2\.4: /);
});

test("webpack's bundle works", async () => {
  const options = {
    mode: 'production',
    target: ['web', 'es2022'],
    context: consumer.dir,
    entry: consumer.write('webpack-entry.mjs', smoke),
    experiments: { outputModule: true },
    output: { path: consumer.dir, filename: 'webpack.out.mjs', library: { type: 'module' } },
    performance: false,
  };
  const stats = await promisify(webpack)(options);
  assert.equal(stats.toString({ preset: 'errors-warnings' }), 'webpack compiled successfully');
  const { checked } = await import(pathToFileURL(join(consumer.dir, 'webpack.out.mjs')));
  assert.match(checked, /^MS-NLMP 4\.2\.4: /);
});

test('what is not used is left out', async () => {
  const file = await bundle('error', `export { NtlmError } from 'ntlm-wasm';`);
  const text = readFileSync(file, 'utf8');
  assert.ok(!text.includes('AGFzbQ'), 'importing only NtlmError brings the WebAssembly module along');
  // The classes of wasm-bindgen's glue remain: it assigns to their prototypes, which bundlers must keep.
  assert.ok(text.length < 16_384, `${text.length} bytes`);
});
