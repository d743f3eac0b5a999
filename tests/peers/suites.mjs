// How each suite is run: its files, the command for one of them, and where its report names the tests.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const NODE = process.env.PEERS_NODE ?? process.execPath;

const below = (folder, pattern) => (cwd) =>
  readdirSync(join(cwd, folder), { recursive: true })
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name))
    .sort();

/** Both reports of `node --test`: TAP. Subtests are indented; only the lines of tests count. */
function tap(out) {
  return [...out.matchAll(/^ *(not )?ok \d+ - (.*?)(?: # .*)?$/gm)].map(([, not, title]) => ({
    title,
    ok: not === undefined,
  }));
}

/** mocha --reporter json prints one object. */
function mocha(out) {
  const start = out.indexOf('{\n  "stats"');
  if (start === -1) return [];
  try {
    const { passes, failures } = JSON.parse(out.slice(start, out.lastIndexOf('}') + 1));
    return [
      ...passes.map(({ fullTitle }) => ({ title: fullTitle, ok: true })),
      ...failures.map(({ fullTitle }) => ({ title: fullTitle, ok: false })),
    ];
  } catch {
    return [];
  }
}

const withMocha = (files, ...options) => ({
  files,
  parallel: 1,
  command: (file) => [NODE, 'node_modules/.bin/mocha', '--reporter', 'json', '--exit', ...options, file],
  parse: mocha,
});

const nodeTest = (files, ...options) => ({
  files,
  command: (file) => [NODE, ...options, '--test-reporter=tap', file],
  parse: tap,
});

/** The tests of undici's fetch, WebSocket and EventSource, which use the global dispatcher. */
const webOfUndici = (cwd) =>
  ['fetch', 'node-fetch', 'websocket', 'eventsource']
    .filter((folder) => existsSync(join(cwd, 'test', folder)))
    .flatMap((folder) => below(join('test', folder), /\.js$/)(cwd));

/** The tests of undici's Agent, Client and Pool over HTTP/1.1, and of what is built on them. */
const dispatcherOfUndici = (cwd) => [
  ...below('test', /^(?!(?:mock|http2|h2c|snapshot|socks5|proxy|env-http|round-robin|jest)\b)[\w-]+\.js$/)(cwd),
  ...below('test/interceptors', /\.js$/)(cwd),
];

export const SUITES = {
  node: {
    files: (cwd) => below('test/parallel', /^test-(http|https|fetch)-.*\.m?js$/)(cwd),
    command: (file) => [NODE, '--expose-gc', '--expose-internals', '--no-warnings', file],
  },
  undici: nodeTest(webOfUndici, '--expose-gc', '--test-timeout=9000'),
  'undici-dispatcher': {
    ...nodeTest((cwd) => [...dispatcherOfUndici(cwd), ...webOfUndici(cwd)], '--expose-gc', '--test-timeout=9000'),
    folder: 'undici',
    product: new URL('./undici-dispatcher.mjs', import.meta.url).href,
  },
  got: {
    files: below('test', /^[\w-]+\.ts$/),
    command: (file) => [NODE, 'node_modules/ava/entrypoints/cli.mjs', '--tap', '--timeout=30s', file],
    imports: ['tsx/esm'],
    parse: tap,
    parallel: 1,
  },
  superagent: withMocha(below('test', /^(node\/)?[\w-]+\.js$/), '--timeout', '15000', '--require', 'should'),
  needle: withMocha(below('test', /_spec\.js$/)),
  request: { files: below('tests', /^test-.*\.js$/), command: (file) => [NODE, file], parse: tap, parallel: 1 },
  ws: withMocha(below('test', /\.test\.js$/), '--throw-deprecation'),
  axios: { ...withMocha(below('test/unit', /\.js$/), '--timeout', '10000'), patience: 300_000 },
  'node-fetch': withMocha(below('test', /^[\w-]+\.js$/), '--timeout', '10000'),
  'follow-redirects': withMocha(below('test', /^test\.js$/), '--timeout', '9000'),
};
