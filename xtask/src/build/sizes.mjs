// Prints the size of a browser bundle of NtlmClient, then that of each file: raw, gzip and brotli, at maximum compression.
// Arguments: node_modules of the tools, the package's web.js, the files.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const [tools, web, ...files] = process.argv.slice(1).filter((argument) => argument !== '--');
const { buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

const { outputFiles } = buildSync({
  stdin: { contents: `export { NtlmClient } from './${basename(web)}';`, resolveDir: dirname(web) },
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  write: false,
});
for (const bytes of [outputFiles[0].contents, ...files.map((file) => readFileSync(file))]) {
  console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);
}
