// Bundles the compiled modules into the published files, as ES modules and as CommonJS, with their types.
// Arguments: node_modules of the tools, the compiled modules, the folder to fill.
//
// Node takes most of a millisecond to find, read and link a file of any size: a program that authenticates once would spend
// more time on two hundred files than on the handshake.

import { builtinModules, createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const [tools, compiled, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const require = createRequire(join(tools, 'x.js'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { rolldown } = await load('rolldown');
const { esmExternalRequirePlugin } = await load('rolldown/plugins');
const { buildSync, transformSync } = require('esbuild');

const slashed = (path) => path.split(sep).join('/');

/** The files that users import or run; the command is a program and needs only one format. */
const LIBRARY = ['index', 'node/index', 'node/register'];
const PROGRAM = ['node/cli/main'];

/** The module name suffix of the command's second copies. */
const COPY = '?command';

/**
 * Code that is not needed together is split into files; the other splits follow from the dynamic imports. A group includes the
 * imports of its modules unless an earlier group has them.
 */
const inDist = (pattern) => {
  const expression = new RegExp(`^/(?:${pattern})`);
  const start = slashed(compiled);
  return (id) =>
    slashed(id).startsWith(start) && !id.endsWith(COPY) && expression.test(slashed(id).slice(start.length));
};
const CLIENTS = 'agent|dispatcher(?!/pool)|fetch|register-globally|global';
const GROUPS = [
  { name: 'undici', test: /node_modules[\\/]undici[\\/](?!lib[\\/]web[\\/])/ },
  {
    name: 'core',
    test: inDist('(?!index|decode|conversations)[^/]+\\.js$|core/(?!load-decoder|generated/(?:explain|fflate))'),
  },
  { name: 'decoder', test: inDist('(?:decode|conversations)\\.js$|unwrap/|core/') },
  {
    name: 'network',
    test: inDist(`node/(?!cli|server|proxy|diagnose|routes/pac/|${CLIENTS}|(?:index|register)\\.js$)`),
  },
  { name: 'clients', test: inDist(`node/(?!dispatcher/undici-f(?:etch|orm))(?:${CLIENTS})\\b`) },
].map((group, index, { length }) => ({ ...group, priority: length - index }));

/** The command needs only these for its version and its help. They are small and stateless. */
const forTheCommand = {
  name: 'for-the-command',
  resolveId(id, importer) {
    if (importer === undefined || !/\/(version|nearest|url)\.js$/.test(id)) return undefined;
    const ofCommand = slashed(importer).includes('/node/cli/') || importer.endsWith(COPY);
    return ofCommand ? `${join(dirname(importer), id)}${COPY}` : undefined;
  },
  load: (id) => (id.endsWith(COPY) ? readFileSync(id.slice(0, -COPY.length), 'utf8') : undefined),
};

/** undici probes for `node:sqlite`, which it needs for a cache that this package does not use. */
const withoutSqlite = {
  name: 'without-sqlite',
  resolveId: (id) => (id === 'node:sqlite' ? '\0sqlite' : undefined),
  load: (id) => (id === '\0sqlite' ? `module.exports = {}; throw new Error('not available');` : undefined),
};

/** Base64 of a module hardly compresses, so a bundle for browsers holds the modules compressed. */
const compressed = {
  name: 'compressed',
  load(id) {
    const [, template, name] = /^(.*)\/dist\/core\/generated\/(\w+)-wasm\.js$/.exec(slashed(id)) ?? [];
    if (name === undefined) return undefined;
    const packed = deflateRawSync(readFileSync(`${template}/src/core/generated/${name}.wasm`), { level: 9 });
    return `import { bytesOf } from '../bytes.js';
      import { fflate } from './fflate-inflate.js';
      export const wasm = () => fflate().inflateSync(bytesOf('${packed.toString('base64')}'));`;
  },
};

async function bundle({ entries, format, extension, platform = 'node', plugins = [], groups = GROUPS }) {
  const builtins = [/^node:(?!sqlite)/, ...builtinModules];
  const build = await rolldown({
    input: Object.fromEntries(entries.map(([name, file]) => [name, join(compiled, file)])),
    platform,
    // An ES module must not call require: other bundlers could not resolve it.
    plugins: [
      withoutSqlite,
      forTheCommand,
      ...plugins,
      ...(format === 'esm' ? [esmExternalRequirePlugin({ external: builtins })] : []),
    ],
    ...(format === 'esm' ? {} : { external: builtins }),
    logLevel: 'warn',
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const { output } = await build.generate({
    dir: target,
    format,
    exports: 'named',
    sourcemap: 'hidden',
    entryFileNames: `[name].${extension}`,
    chunkFileNames: (chunk) => `${chunkFolder(chunk)}${chunk.name}.${extension}`,
    // Names and lines are kept, because they appear in stack traces.
    minify: false,
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: groups === null ? false : { groups },
  });
  await build.close();
  for (const file of output) if (file.type === 'chunk') write(file);
}

function chunkFolder({ name, moduleIds }) {
  if (['core', 'decoder', 'rolldown-runtime'].includes(name)) return '';
  return moduleIds.some((id) => slashed(id).includes('/node/cli/')) ? 'node/cli/' : 'node/';
}

/** Third-party code is minified, because its lines differ from its sources anyway. The package's ES modules have source maps. */
function write({ fileName, code: written, map, moduleIds }) {
  const path = join(target, fileName);
  mkdirSync(dirname(path), { recursive: true });
  // The bundler imports its helpers even if unused, which costs one file at startup.
  const code = written.replace(/^import "[./]+rolldown-runtime\.js";$/m, '');
  if (moduleIds.length > 0 && moduleIds.every((id) => !id.startsWith(compiled) || id.includes('generated'))) {
    const options = { minify: true, target: 'es2022', legalComments: 'none', charset: 'utf8' };
    writeFileSync(path, transformSync(code, options).code);
    return;
  }
  const mapped = map !== null && fileName.endsWith('.js');
  writeFileSync(path, mapped ? `${code.trimEnd()}\n//# sourceMappingURL=${posix.basename(fileName)}.map\n` : code);
  if (mapped) writeFileSync(`${path}.map`, sourceMap(fileName, map));
}

/** The sources are published next to dist/, and the map refers to them. Generated and third-party sources are not published. */
function sourceMap(fileName, map) {
  const own = (source) => {
    const inCompiled = slashed(relative(compiled, join(dirname(join(target, fileName)), source.replace(COPY, ''))));
    if (inCompiled.startsWith('..') || inCompiled.includes('generated')) return null;
    const from = posix.dirname(fileName);
    return `${posix.relative(from, '.') || '.'}/../src/${inCompiled.replace(/\.js$/, '.ts')}`;
  };
  const { version, names, mappings } = map;
  return JSON.stringify({ version, file: posix.basename(fileName), names, mappings, sources: map.sources.map(own) });
}

/** The declarations that users can import, for both formats. */
function types() {
  const waiting = LIBRARY.map((name) => `${name}.d.ts`);
  const seen = new Set(waiting);
  for (const name of waiting) {
    let text = readFileSync(join(compiled, name), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
    // The module loaders are internal, and their types may not exist in a user's project.
    if (name.includes('/generated/'))
      text = text.split('export type InitInput')[0].replace(/^.*\[Symbol\.dispose\].*\n/gm, '');
    for (const [, specifier] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g)) {
      const next = `${posix.join(posix.dirname(name), specifier)}.d.ts`;
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
    mkdirSync(dirname(join(target, name)), { recursive: true });
    writeFileSync(join(target, name), text);
    writeFileSync(
      join(target, name.replace(/\.d\.ts$/, '.d.cts')),
      text.replace(/(['"])(\.[^'"]+)\.js\1/g, '$1$2.cjs$1'),
    );
  }
}

const entries = (names) => names.map((name) => [name, `${name}.js`]);
await bundle({
  entries: entries([...LIBRARY, ...PROGRAM]),
  format: 'esm',
  extension: 'js',
});
await bundle({ entries: entries(LIBRARY), format: 'cjs', extension: 'cjs' });
await bundle({
  entries: [['web', 'index.js']],
  format: 'esm',
  extension: 'js',
  platform: 'browser',
  plugins: [compressed],
  groups: null,
});
// `run` preloads this file in every Node, including old ones: it works in version 14 and imports nothing.
buildSync({
  stdin: { contents: "import { preload } from './node/preload.js';\npreload(require);\n", resolveDir: compiled },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node14',
  outfile: join(target, 'node/preload.cjs'),
});
// Loaded by `certificateFrom` when an old PKCS#12 file needs it.
buildSync({
  entryPoints: [join(compiled, 'node/legacy-pkcs12.js')],
  bundle: true,
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  format: 'cjs',
  platform: 'node',
  target: 'es2022',
  outfile: join(target, 'node/legacy-pkcs12.cjs'),
});
types();
