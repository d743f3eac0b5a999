// Builds the page: one self-contained file with a content security policy that allows exactly its contents.
// Arguments: the folder of the page, the library's compiled modules, node_modules of the tools, the file to write.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

const [folder, library, tools, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { build, buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

/** Compresses a module and encodes it as text. */
function packed(wasm) {
  return deflateRawSync(wasm, { level: 9, memLevel: 9 }).toString('base64');
}

/** The package stores its modules in base64. Here they are compressed, and unpacked before the page is shown. */
const packedModules = {
  name: 'packed-modules',
  setup(bundle) {
    bundle.onLoad({ filter: /\/generated\/\w+-wasm\.js$/ }, ({ path }) => {
      const wasm = join(library, 'src/core/generated', basename(path).replace(/-wasm\.js$/, '.wasm'));
      const contents = `
        import { unpacked } from './src/unpacked.js';
        const bytes = await unpacked('${packed(readFileSync(wasm))}');
        export const wasm = () => bytes;`;
      return { contents, resolveDir: folder };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [join(folder, 'src/main.tsx')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  alias: { 'ntlm-wasm': join(library, 'dist/index.js') },
  nodePaths: [tools],
  plugins: [packedModules],
  tsconfigRaw: {},
  legalComments: 'none',
  write: false,
});
const script = outputFiles[0].text.trim();
// A script in HTML ends at the first end tag, even inside a string.
if (/<\/script/i.test(script)) throw new Error('the script contains an end tag');
const css = buildSync({ entryPoints: [join(folder, 'src/style.css')], bundle: true, minify: true, write: false });
const style = css.outputFiles[0].text.trim();
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  "connect-src 'none'",
  `script-src ${hash(script)} 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const parts = { policy, style, script };
const page = readFileSync(join(folder, 'index.html'), 'utf8').replace(
  /\s*%(policy|style|script)%\s*/g,
  (_, name) => parts[name],
);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, page);
