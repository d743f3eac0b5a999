// Puts the compiled modules together into the few files that are published, and their types beside them.
// Arguments: node_modules of the tools, the compiled modules, the folder to fill.
//
// Node takes most of a millisecond to find, read and link a file, whatever is in it; a program that signs on once would spend
// more time on thirty files than on the sign-on.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';

const [tools, compiled, target] = process.argv.slice(1).filter((argument) => argument !== '--');
const { build } = createRequire(join(tools, 'x.js'))('esbuild');

/**
 * Which file a module goes into; the first that fits counts. One module is in one file only, so that all faces of the package
 * share its state. What is not needed together stays apart: who signs on loads no decoder, who asks for the version nothing.
 */
const FILES = [
  [/^(index|decode|decoded|core\/load-decoder|core\/generated\/explain.*)\.js$/, 'index.js'],
  [/^[^/]*\.js$|^core\//, 'core.js'],
  [/^node\/(index|register)\.js$/, 'node/$1.js'],
  [/^node\/routes\/pac\/generated\/engine\.js$/, 'node/pac-engine.js'],
  [/^node\/(agent|dispatcher|fetch|global)\b/, 'node/clients.js'],
  [/^node\/(diagnose|server)\//, 'node/$1.js'],
  [/^node\/cli\/(main|commands)\.js$/, 'node/cli/main.js'],
  [/^node\/cli\/commands\/(\w+)\.js$/, 'node/cli/$1.js'],
  [/^node\/cli\/(completion|run)\//, 'node/cli/$1.js'],
  [/^node\/cli\/(decode-printer|token-summary)\.js$/, 'node/cli/tokens.js'],
  [/^node\/cli\/(toml|toml-positions)\.js$/, 'node/cli/$1.js'],
  [/^node\/cli\/config-(?:file|import)\.js$/, 'node/cli/config.js'],
  [/^node\/cli\/(diagnosis-printer)\.js$/, 'node/cli/diagnose.js'],
  [/^node\/cli\/connection-arguments\.js$/, 'node/cli/connection.js'],
  [/^node\/cli\/(password-check|leg-printer)\.js$/, 'node/cli/$1.js'],
  [/^node\/cli\//, 'node/cli/shared.js'],
  [/^node\//, 'node/network.js'],
];

/** Faces, which export what they say and nothing else. */
const FACES = ['index.js', 'node/index.js', 'node/register.js', 'node/cli/main.js'];

/** Packages that become part of the file that imports them. */
const INSIDE = new Set(['smol-toml', 'toml-eslint-parser', 'eslint-visitor-keys']);

/** Whoever wants one of these wants nothing else; they are small and have no state, and so stand wherever they are used. */
const EVERYWHERE = /^(?:(core\/generated\/)?version|node\/(?:url|nearest))\.js$/;

const slashed = (path) => path.split(sep).join('/');
const all = readdirSync(compiled, { recursive: true }).map(slashed);
// The thread of a PAC file is inside of generated/engine.js.
const modules = all.filter((name) => /(?<!\/pac\/(worker|sandbox))\.js$/.test(name));

function fileOf(module) {
  for (const [pattern, file] of FILES) {
    const found = pattern.exec(module);
    if (found !== null) return file.replace('$1', found[1]);
  }
  throw new Error(`no file is named for ${module}`);
}

const OPTIONS = {
  bundle: true,
  write: false,
  format: 'esm',
  // Names and lines stay as they are: people read them in stack traces.
  minify: false,
  target: 'es2022',
  charset: 'utf8',
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'inline',
  logLevel: 'warning',
  absWorkingDir: compiled,
};

/**
 * Leaves out of one file what is in another, and what others have made: undici, what a PAC file needs. Each other file is
 * imported from in one place, so that its names are the same all over this one.
 */
const withoutOthers = (own) => ({
  name: 'without-others',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind, namespace }) => {
      if (namespace === 'other') return { path, external: true };
      if (/[\\/]node_modules[\\/]/.test(resolveDir)) return undefined;
      const module = slashed(relative(compiled, join(resolveDir, path)));
      const file = EVERYWHERE.test(module) ? own : fileOf(module);
      if (file === own) return undefined;
      return kind === 'dynamic-import'
        ? { path: wayTo(own, file), external: true }
        : { path: file, namespace: 'other' };
    });
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || INSIDE.has(path) ? undefined : { path, external: true },
    );
    onLoad({ filter: /^/, namespace: 'other' }, ({ path }) => {
      const names = files.get(path).flatMap((module) => wantedOf(module, own));
      return { contents: `export { ${names.join(', ')} } from '${wayTo(own, path)}';`, resolveDir: compiled };
    });
  },
});

function wayTo(from, to) {
  const way = posix.relative(posix.dirname(from), to);
  return way.startsWith('.') ? way : `./${way}`;
}

/** What modules of other files import, by module: a name (`*` where it is imported lazily, and so as a whole), and the file. */
function findWanted() {
  const found = new Map(modules.map((module) => [module, []]));
  for (const module of modules) {
    const text = readFileSync(join(compiled, module), 'utf8');
    const want = (path, names) => {
      const other = posix.join(posix.dirname(module), path);
      if (EVERYWHERE.test(other) || EVERYWHERE.test(module) || fileOf(module) === fileOf(other)) return;
      for (const name of names) found.get(other).push({ name: name.trim().split(' as ')[0], by: fileOf(module) });
    };
    // As the TypeScript compiler writes them.
    for (const [, names, path] of text.matchAll(/^(?:import|export) \{([^}]*)\} from '(\.[^']*)'/gm)) {
      want(
        path,
        names.split(',').filter((name) => name.trim() !== ''),
      );
    }
    for (const [, path] of text.matchAll(/\bimport\('(\.[^']*)'\)/g)) want(path, ['*']);
  }
  return found;
}

/** What one file, or any, imports of a module by name. */
function wantedOf(module, file) {
  const found = wanted.get(module).filter(({ name, by }) => name !== '*' && (file === undefined || by === file));
  return [...new Set(found.map(({ name }) => name))];
}

/** The face of a file that has none of its own: what others want of it. */
function faceOf(file) {
  const lines = files.get(file).map((module) => {
    if (wanted.get(module).some(({ name }) => name === '*')) return `export * from './${module}';`;
    return `export { ${wantedOf(module).join(', ')} } from './${module}';`;
  });
  return lines.join('\n');
}

async function bundle(file, input, ...plugins) {
  const outfile = join(target, file);
  const { outputFiles } = await build({ ...OPTIONS, ...input, outfile, plugins });
  mkdirSync(dirname(outfile), { recursive: true });
  for (const { path, text } of outputFiles) writeFileSync(path, path === outfile ? text : mapFor(file, text));
}

/** The sources are published beside dist/, and the map leads there. What was generated is not, and has no place in it. */
function mapFor(file, text) {
  const map = JSON.parse(text);
  const sources = posix.join(posix.relative(posix.dirname(file), '.'), '../src');
  map.sources = map.sources.map((source) => {
    const [, name] = /\/src\/(?!core\/generated\/)(.+)$/.exec(source) ?? [];
    return name === undefined ? null : `${sources}/${name}`;
  });
  return JSON.stringify(map);
}

const files = new Map();
for (const module of modules.filter((name) => !EVERYWHERE.test(name))) {
  const file = fileOf(module);
  files.set(file, [...(files.get(file) ?? []), module]);
}
const wanted = findWanted();
for (const file of files.keys()) {
  const face = FACES.includes(file);
  const input = face ? { entryPoints: [file] } : { stdin: { contents: faceOf(file), resolveDir: compiled } };
  await bundle(file, input, withoutOthers(file));
}
await bundle('web.js', { entryPoints: ['index.js'] });
// `run` has every Node load it, also old ones.
await bundle('node/preload.cjs', {
  stdin: { contents: "import { preload } from './node/preload.js';\npreload(require);\n", resolveDir: compiled },
  format: 'cjs',
  target: 'node14',
});

for (const name of all.filter((name) => /\.d\.ts(\.map)?$/.test(name))) {
  mkdirSync(dirname(join(target, name)), { recursive: true });
  copyFileSync(join(compiled, name), join(target, name));
}
