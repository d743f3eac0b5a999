// Builds the PAC engine: the worker's code with QuickJS's JavaScript as one text, and QuickJS's module compressed.
// Arguments: the folder of the PAC sources, node_modules of the tools, the file to write.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [sources, tools, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

function bundle(file, options) {
  const common = { bundle: true, minify: true, write: false, charset: 'utf8', legalComments: 'none', tsconfigRaw: {} };
  return buildSync({ ...common, entryPoints: [join(sources, file)], ...options }).outputFiles[0].text;
}

const sandbox = bundle('sandbox.ts', { format: 'iife', platform: 'neutral', target: 'es2023' });
const worker = bundle('worker.ts', {
  format: 'cjs',
  platform: 'node',
  target: 'es2022',
  define: { SANDBOX: JSON.stringify(sandbox) },
});
const parameters = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
const module = brotliCompressSync(readFileSync(join(tools, 'quickjs-wasi/quickjs.wasm')), { params: parameters });

mkdirSync(dirname(target), { recursive: true });
const text = (value) => JSON.stringify(value);
writeFileSync(
  target,
  `export const QUICKJS = ${text(module.toString('base64'))};\nexport const WORKER = ${text(worker)};\n`,
);
writeFileSync(
  target.replace(/\.js$/, '.d.ts'),
  `/** QuickJS's WebAssembly module, compressed by Brotli, in base64. */
export declare const QUICKJS: string;
/** The script of the worker that runs a PAC file. */
export declare const WORKER: string;
`,
);
