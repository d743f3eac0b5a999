// Bundles the compiled modules into the files that are published, as ES modules and as CommonJS, with their types beside.
// Arguments: node_modules of the tools, the compiled modules, the folder to fill.
//
// Node takes most of a millisecond to find, read and link a file, whatever is in it: a program that authenticates once
// would spend more time on two hundred files than on the handshake.

import { builtinModules, createRequire } from 'node:module';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, compiled, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const require = createRequire(join(tools, 'x.js'));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { rolldown } = await load('rolldown');
const { esmExternalRequirePlugin } = await load('rolldown/plugins');
const { buildSync, transformSync } = require('esbuild');

const slashed = (path) => path.split(sep).join('/');

/** What users import or run; the command is a program and needs one form only. */
const LIBRARY = ['index', 'node/index', 'node/register'];
const PROGRAM = ['node/cli/main'];

/** The end of the names of modules that are in the command a second time. */
const COPY = '?command';

/**
 * What is not needed together is in different files; the rest of the division follows from the dynamic imports. A group
 * takes what its modules import along, unless a group before it has it.
 */
const inDist = (pattern) => (id) => new RegExp(`/dist/(?:${pattern})`).test(slashed(id)) && !id.endsWith(COPY);
const CLIENTS = 'agent|dispatcher(?!/pool)|fetch|register-globally|global';
const GROUPS = [
  { name: 'undici', test: /node_modules[\\/]undici[\\/](?!lib[\\/]web[\\/])/ },
  { name: 'core', test: inDist('[^/]+\\.js$|core/') },
  {
    name: 'network',
    test: inDist(`node/(?!cli|server|proxy|diagnose|routes/pac/|${CLIENTS}|(?:index|register)\\.js$)`),
  },
  { name: 'clients', test: inDist(`node/(?!dispatcher/undici-fetch)(?:${CLIENTS})\\b`) },
].map((group, index, { length }) => ({ ...group, priority: length - index }));

/** The command needs these for its version and its help, when it loads nothing else. They are small and have no state. */
const forTheCommand = {
  name: 'for-the-command',
  resolveId(id, importer) {
    if (importer === undefined || !/\/(version|nearest|url)\.js$/.test(id)) return undefined;
    const ofCommand = slashed(importer).includes('/node/cli/') || importer.endsWith(COPY);
    return ofCommand ? `${join(dirname(importer), id)}${COPY}` : undefined;
  },
  load: (id) => (id.endsWith(COPY) ? readFileSync(id.slice(0, -COPY.length), 'utf8') : undefined),
};

/** undici looks whether there is `node:sqlite`, for a cache that is not part of this. */
const withoutSqlite = {
  name: 'without-sqlite',
  resolveId: (id) => (id === 'node:sqlite' ? '\0sqlite' : undefined),
  load: (id) => (id === '\0sqlite' ? `module.exports = {}; throw new Error('not available');` : undefined),
};

async function bundle({ entries, format, extension, platform = 'node', plugins = [], groups = GROUPS }) {
  const builtins = [/^node:(?!sqlite)/, ...builtinModules];
  const build = await rolldown({
    input: Object.fromEntries(entries.map(([name, file]) => [name, join(compiled, file)])),
    platform,
    // An ES module must not call require: bundlers of other people could not resolve it.
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
    // Names and lines stay as they are: people read them in stack traces.
    minify: false,
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: groups === null ? false : { groups },
  });
  await build.close();
  for (const file of output) if (file.type === 'chunk') write(file);
}

function chunkFolder({ name, moduleIds }) {
  if (name === 'core' || name === 'rolldown-runtime') return '';
  return moduleIds.some((id) => slashed(id).includes('/node/cli/')) ? 'node/cli/' : 'node/';
}

/** Code of others is minified: its lines are not those of its sources either way. ES modules of ours have source maps. */
function write({ fileName, code: written, map, moduleIds }) {
  const path = join(target, fileName);
  mkdirSync(dirname(path), { recursive: true });
  // The bundler imports its helpers also where none is used, which costs a file at the start of a program.
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

/** The sources are published beside dist/, and the map names those. Generated ones are not, nor are those of others. */
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

/** The declarations that users can reach, for both forms. */
function types() {
  const waiting = LIBRARY.map((name) => `${name}.d.ts`);
  const seen = new Set(waiting);
  for (const name of waiting) {
    let text = readFileSync(join(compiled, name), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
    // How the module is loaded is not of users, and needs types that a project may not have.
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
  groups: null,
});
// `run` makes every Node load this one, old ones too: version 14 understands it, and it imports nothing.
buildSync({
  stdin: { contents: "import { preload } from './node/preload.js';\npreload(require);\n", resolveDir: compiled },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node14',
  outfile: join(target, 'node/preload.cjs'),
});
types();
