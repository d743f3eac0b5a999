// The packed package in the programs that people put around it: Jest, other bundlers, TypeScript's resolution modes, got.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { Consumer, Folder, tools } from './consumer.mjs';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const { build: esbuild } = createRequire(join(tools, 'package.json'))('esbuild');
const consumer = new Consumer();
after(() => consumer.remove());

/** A handshake with the built-in proxy, and a PAC file in its thread. */
const HANDSHAKE = `
  const proxy = await startServer();
  const page = await startServer({ role: 'none' });
  const account = { proxy: proxy.url, credentials: demoAccount };
  const pac = 'data:,' + encodeURIComponent('function FindProxyForURL(u, host) { return isResolvable(host) && "PROXY ' + new URL(proxy.url).host + '"; }');
  const seen = [];
  for (const options of [account, { ...account, proxy: pac }]) seen.push((await createFetch(options)(page.url + '/')).status);
  await Promise.all([proxy.close(), page.close()]);`;
const IMPORTS = `{ createFetch, demoAccount, NtlmError, startServer }`;
const commonjs = consumer.write(
  'app.cjs',
  `const ${IMPORTS} = require('ntlm-wasm/node');
   (async () => {${HANDSHAKE} console.log(seen.join(), typeof NtlmError); })();`,
);
const esm = consumer.write(
  'app.mjs',
  `import ${IMPORTS} from 'ntlm-wasm/node';
   (async () => {${HANDSHAKE} console.log(seen.join(), typeof NtlmError); })();`,
);
const RAN = '200,200 function\n';

test('Jest as it comes', () => {
  consumer.write(
    'jest/app.test.js',
    `const { NtlmClient } = require('ntlm-wasm');
     const ${IMPORTS} = require('ntlm-wasm/node');
     test('tokens', () => expect(new NtlmClient({ username: 'a', password: 'b' }).negotiate()).toMatch(/^TlRM/));
     test('handshake and PAC', async () => {${HANDSHAKE} expect(seen).toEqual([200, 200]); }, 60_000);`,
  );
  const jest = join(modules, 'jest', 'bin', 'jest.js');
  consumer.node(jest, '--rootDir', join(consumer.dir, 'jest'), '--watchman=false', '--forceExit');
});

/** Runs a bundle away from everything that it could load by name. */
function works(text, extension = 'cjs') {
  const alone = new Folder();
  try {
    assert.equal(alone.node(alone.write(`bundle.${extension}`, text)), RAN);
  } finally {
    alone.remove();
  }
}

for (const [form, entry] of [
  ['cjs', commonjs],
  ['cjs', esm],
  ['esm', esm],
]) {
  test(`esbuild: ${entry.slice(-3)} to ${form}`, async () => {
    const options = { bundle: true, platform: 'node', format: form, write: false, logLevel: 'silent' };
    const { outputFiles, warnings } = await esbuild({ ...options, entryPoints: [entry] });
    // The one place that looks for the addon next to itself falls back to the program.
    const unexpected = warnings.filter(({ id }) => id !== 'empty-import-meta');
    assert.deepEqual(unexpected, []);
    works(outputFiles[0].text, form === 'esm' ? 'mjs' : 'cjs');
  });
}

for (const entry of [commonjs, esm]) {
  test(`webpack: ${entry.slice(-3)}`, async () => {
    const path = join(consumer.dir, `webpack-${entry.slice(-3)}`);
    const options = { mode: 'production', target: 'node20', context: consumer.dir, entry };
    const output = { path, filename: 'out.cjs', chunkFormat: 'commonjs' };
    const stats = await promisify(webpack)({ ...options, output, performance: false });
    assert.equal(stats.toString({ preset: 'errors-warnings' }), 'webpack compiled successfully');
    assert.equal(consumer.node(join(path, 'out.cjs')), RAN);
  });
}

test('rollup', async () => {
  const warnings = [];
  const resolver = {
    name: 'installed',
    resolveId: (id) =>
      id === 'ntlm-wasm/node' ? join(consumer.dir, 'node_modules/ntlm-wasm/dist/node/index.js') : null,
  };
  const external = [/^node:/, ...builtinModules];
  const bundle = await rollup({
    input: esm,
    plugins: [resolver],
    external,
    onwarn: (warning) => warnings.push(warning.message),
  });
  const dir = join(consumer.dir, 'rollup');
  await bundle.write({ dir, format: 'es', entryFileNames: 'out.mjs' });
  assert.deepEqual(warnings, []);
  assert.equal(consumer.node(join(dir, 'out.mjs')), RAN);
});

test('vite, for a server', async () => {
  const outDir = join(consumer.dir, 'vite');
  const options = { root: consumer.dir, logLevel: 'silent', configFile: false, ssr: { noExternal: true } };
  await vite({ ...options, build: { ssr: esm, outDir, target: 'node20' } });
  const file = ['app.js', 'app.mjs'].map((name) => join(outDir, name)).find(existsSync);
  assert.equal(consumer.node(file), RAN);
});

test('ncc', () => {
  const ncc = join(modules, '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const out = join(consumer.dir, 'ncc');
  consumer.node(ncc, 'build', commonjs, '--out', out);
  assert.equal(consumer.node(join(out, existsSync(join(out, 'index.cjs')) ? 'index.cjs' : 'index.js')), RAN);
});

test('got: types and use of the agent', () => {
  consumer.link('@types/node');
  consumer.link('undici-types');
  consumer.link('got', modules);
  consumer.write('got/package.json', JSON.stringify({ type: 'module' }));
  consumer.write(
    'got/app.ts',
    `import got from 'got';
     import { NtlmAgent } from 'ntlm-wasm/node';
     const agent = new NtlmAgent({ proxy: 'http://127.0.0.1:3128' });
     export const text: Promise<string> = got('https://a.example/', { agent: { http: agent, https: agent } }).text();`,
  );
  const compilerOptions = {
    module: 'nodenext',
    strict: true,
    noEmit: true,
    target: 'es2022',
    types: ['node'],
    skipLibCheck: true,
  };
  consumer.write('got/tsconfig.json', JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  consumer.node(join(tools, 'typescript', 'bin', 'tsc'), '--project', join(consumer.dir, 'got'));
});

test('TypeScript 5: node10, node16 from CommonJS', () => {
  consumer.link('@types/node');
  const text = `import { NtlmClient } from 'ntlm-wasm'; import { createFetch, NtlmDispatcher, NtlmError } from 'ntlm-wasm/node'; import 'ntlm-wasm/register';
    export const token: string = new NtlmClient({ username: 'a', password: 'b' }).negotiate();
    export const proxied: typeof fetch = createFetch({ proxy: 'http://127.0.0.1:1' });
    export const response = fetch('http://a.example/', { dispatcher: new NtlmDispatcher() });
    export const code: string = new NtlmError('A', 'b').code;`;
  for (const [name, options] of [
    ['node10', { module: 'commonjs', moduleResolution: 'node10' }],
    ['node16', { module: 'node16', moduleResolution: 'node16' }],
  ]) {
    consumer.write(`${name}/package.json`, JSON.stringify({ private: true }));
    consumer.write(`${name}/app.ts`, text);
    const compilerOptions = {
      ...options,
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022'],
      types: ['node'],
      skipLibCheck: false,
    };
    consumer.write(`${name}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    consumer.node(join(modules, 'typescript5', 'bin', 'tsc'), '--project', join(consumer.dir, name));
  }
});
