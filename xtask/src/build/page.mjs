// Puts the page together: one file, with everything in it and a policy that allows exactly that.
// Arguments: the folder of the page, the package, node_modules of the tools, the file to write.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [folder, library, tools, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

const { outputFiles } = buildSync({
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
  tsconfigRaw: {},
  legalComments: 'none',
  write: false,
});
const script = outputFiles[0].text.trim();
// A script within HTML ends at its end tag, wherever that stands.
if (/<\/script/i.test(script)) throw new Error('the script holds an end tag of its own');
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
