// Wraps a library in a function, so that it is evaluated at its first use: fflate computes tables, which takes longer than
// loading everything else in the package's main entry.
// Arguments: node_modules of the tools, the folder to fill.

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [tools, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { buildSync } = createRequire(join(tools, 'x.js'))('esbuild');

const NAMES = ['Gunzip', 'Inflate', 'Unzlib', 'unzipSync'];

const { outputFiles } = buildSync({
  stdin: { contents: `export { ${NAMES} } from 'fflate/browser';`, resolveDir: join(tools, '..') },
  bundle: true,
  minify: true,
  format: 'iife',
  globalName: 'library',
  legalComments: 'none',
  target: 'es2022',
  write: false,
});
writeFileSync(
  join(target, 'fflate.js'),
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
  join(target, 'fflate.d.ts'),
  `/** Returns the library. */
export declare const fflate: () => Pick<typeof import('fflate'), ${NAMES.map((name) => `'${name}'`).join(' | ')}>;
`,
);
