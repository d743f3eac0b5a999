// Bundles the whole command into one CommonJS file that needs only Node, and writes its SHA-256 to a file next to it.
// Arguments: node_modules of the tools, the compiled modules, the file to write, the version.
// Prints the folders of the bundled packages, as JSON.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const [tools, compiled, target, version] = process.argv.slice(1).filter((argument) => argument !== '--');
const { build } = createRequire(join(tools, 'x.js'))('esbuild');

const banner = `/*! ntlm-wasm ${version}, the whole command in one file | MIT OR Apache-2.0
 * Licences of what is inside: THIRD-PARTY-LICENSES in the npm package ntlm-wasm and next to this file in a release.
 * Usage: node ${basename(target)} --help
 */
const __fileUrl = require("node:url").pathToFileURL(__filename).href;`;

/**
 * To keep the download small, the protocol modules are compressed, and of undici's two HTTP parsers the one without SIMD
 * is left out, because the supported Node versions do not need it.
 */
const small = {
  name: 'small',
  setup({ onLoad }) {
    onLoad({ filter: /\/generated\/\w+-wasm\.js$/ }, ({ path }) => {
      const module = path.replace(/dist([\\/]core[\\/]generated[\\/]\w+)-wasm\.js$/, 'src$1.wasm');
      const packed = brotliCompressSync(readFileSync(module)).toString('base64');
      const contents = `import { brotliDecompressSync } from 'node:zlib';
        export const wasm = () => new Uint8Array(brotliDecompressSync(Buffer.from('${packed}', 'base64')));`;
      return { contents };
    });
    onLoad({ filter: /\/llhttp\/llhttp-wasm\.js$/ }, () => ({ contents: `module.exports = Buffer.alloc(0);` }));
  },
};

const { metafile, outputFiles } = await build({
  entryPoints: [join(compiled, 'node/cli/main.js')],
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  define: { 'import.meta.url': '__fileUrl' },
  banner: { js: banner },
  // undici probes for it, for a cache that this package does not use.
  external: ['node:sqlite'],
  plugins: [small],
  metafile: true,
  write: false,
});
const { contents } = outputFiles[0];
writeFileSync(target, contents, { mode: 0o755 });
writeFileSync(`${target}.sha256`, `${createHash('sha256').update(contents).digest('hex')}  ${basename(target)}\n`);

const folders = Object.keys(metafile.inputs).flatMap((input) => {
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(input).replaceAll('\\', '/'));
  return found === null ? [] : [found[1]];
});
const elsewhere = ['fflate', 'node-forge', 'quickjs-wasi'].map((name) => join(tools, name));
console.log(JSON.stringify([...new Set([...folders, ...elsewhere])].sort()));
