// Wraps parts of fflate in functions, so that they are evaluated at their first use: fflate computes tables, which takes longer
// than loading everything else in the package's main entry.
// Arguments: node_modules of the tools, the folder to fill.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [tools, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

/** For archives among the input of the decoder, and for the modules in a bundle for browsers. */
const PARTS = { archives: ['Gunzip', 'Inflate', 'Unzlib', 'unzipSync'], inflate: ['inflateSync'] };

for (const [part, names] of Object.entries(PARTS)) {
  const { outputFiles } = buildSync({
    stdin: { contents: `export { ${names} } from 'fflate/browser';`, resolveDir: join(tools, '..') },
    bundle: true,
    minify: true,
    format: 'iife',
    globalName: 'library',
    legalComments: 'none',
    target: 'es2022',
    write: false,
  });
  writeFileSync(
    join(target, `fflate-${part}.js`),
    `/*! fflate, MIT licence, Copyright (c) 2023 Arjun Barrett */
function evaluate() {
  ${outputFiles[0].text.trim()}
  return library;
}
let evaluated;
export const fflate = () => (evaluated ??= evaluate());
`,
  );
  writeFileSync(
    join(target, `fflate-${part}.d.ts`),
    `/** Returns a part of the library. */
export declare const fflate: () => Pick<typeof import('fflate'), ${names.map((name) => `'${name}'`).join(' | ')}>;
`,
  );
}
