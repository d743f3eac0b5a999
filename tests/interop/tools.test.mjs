// More programs without NTLM support behind Squid: tools and package managers of other languages under `ntlm-wasm run`, and
// Node's libraries under `run` and under `ntlm-wasm/register`.

import { fileURLToPath } from 'node:url';
import { prepareServers, testRegister, testRun } from './lib/behind-squid.mjs';
import { lab } from './lib/lab.mjs';
import { RUNTIMES } from './lib/runtimes.mjs';

const module = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
const library = fileURLToPath(new URL('clients/library.mjs', import.meta.url));
const runtime = (wanted) => RUNTIMES.find(({ name }) => name === wanted).command;
const node20 = runtime('Node 20');
const shell = (line) => ['sh', '-c', line];

const TOOLS = {
  'go mod download': ({ files }) => ({
    files: { 'go.mod': 'module user\n\ngo 1.19\n\nrequire tiny.example/tiny v1.0.0\n' },
    command: ['go', 'mod', 'download'],
    env: { GOPROXY: `${files}/go`, GOSUMDB: 'off', GOFLAGS: '-modcacherw', GOPATH: '', GOTOOLCHAIN: 'local' },
    makes: 'go/pkg/mod/tiny.example/tiny@v1.0.0/tiny.go',
  }),
  gem: ({ files }) => ({
    command: [
      'gem',
      'install',
      '--no-document',
      '--install-dir=gems',
      '--clear-sources',
      `--source=${files}/gems-source/`,
      'tiny',
    ],
    makes: 'gems/gems/tiny-1.0.0/tiny.rb',
  }),
  Composer: ({ files }) => ({
    files: {
      'composer.json': JSON.stringify({
        repositories: [{ type: 'composer', url: `${files}/composer` }, { 'packagist.org': false }],
        require: { 'tiny/tiny': '1.0.0' },
        config: { 'secure-http': false },
      }),
    },
    command: ['composer', 'update', '--quiet', '--no-interaction'],
    env: { COMPOSER_ALLOW_SUPERUSER: '1' },
    makes: 'vendor/tiny/tiny/composer.json',
  }),
  'apt-get': ({ files }) => ({
    files: {
      'sources.list': `deb [trusted=yes] ${files}/debian ./\n`,
      'lists/partial/.keep': '',
      'archives/partial/.keep': '',
      // The store of the system, which apt trusts, does not have the lab's certificate.
      'apt.sh': `apt() { apt-get -q -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD" -o Dir::Cache::archives="$PWD/archives" -o Acquire::Retries=0 -o Acquire::https::CAInfo=${lab.ca} "$@"; }
apt update && apt download tiny`,
    },
    command: ['sh', 'apt.sh'],
    makes: 'tiny_1.0.0_all.deb',
  }),
  skopeo: ({ files }) => ({
    command: [
      ...[
        'skopeo',
        '--insecure-policy',
        'copy',
        '-q',
        ...(files.startsWith('https') ? [] : ['--src-tls-verify=false']),
      ],
      ...[`docker://${files.replace(/^\w+:\/\//, '')}/tiny:latest`, 'dir:image'],
    ],
    makes: 'image/manifest.json',
  }),
  'GitHub CLI': ({ files }) => ({
    schemes: ['https'],
    command: shell('gh api tiny > page'),
    env: { GH_HOST: files.replace(/^\w+:\/\//, ''), GH_ENTERPRISE_TOKEN: 'token', GH_NO_UPDATE_NOTIFIER: '1' },
    makes: 'page',
  }),
  'nc -X connect': ({ files }) => ({
    schemes: ['http'],
    command: shell(
      `proxy=\${http_proxy#*//}; proxy=\${proxy##*@}; (printf 'GET / HTTP/1.0\\r\\n\\r\\n'; sleep 1) | nc -X connect -x "\${proxy%/}" ${files.replace(/^\w+:\/\//, '').replace(':', ' ')} > page && grep -q registry page`,
    ),
    makes: 'page',
  }),
  'PHP, curl': ({ files }) => ({
    command: [
      'php',
      '-r',
      '$c = curl_init($argv[1]); curl_setopt($c, CURLOPT_RETURNTRANSFER, true); curl_setopt($c, CURLOPT_FAILONERROR, true); file_put_contents("page", curl_exec($c) ?: exit(1));',
      `${files}/`,
    ],
    makes: 'page',
  }),
};

const NODE_TOOLS = {
  corepack: ({ files }) => ({
    command: [process.execPath, module('corepack/dist/corepack.js'), 'pnpm@9.9.9', '--version'],
    env: { COREPACK_NPM_REGISTRY: `${files}/corepack`, COREPACK_INTEGRITY_KEYS: '0' },
    makes: 'cache/node/corepack/v1/pnpm/9.9.9/bin/pnpm.cjs',
  }),
  'node-gyp': ({ files }) => ({
    command: [
      ...[process.execPath, module('node-gyp/bin/node-gyp.js'), 'install', '20.0.0', '--ensure', '--loglevel=error'],
      ...[`--dist-url=${files}/node`, '--devdir=headers'],
    ],
    makes: 'headers/20.0.0/include/node/common.gypi',
  }),
};

/** Node's libraries, each in a separate process, which writes the file. */
const libraries = (names) =>
  Object.fromEntries(
    names.map((name) => [
      `Node 20, ${name}`,
      ({ files }) => ({ command: [node20, library, name, `${files}/`], makes: 'page' }),
    ]),
  );

/** A library that sends its requests to the proxy itself. */
const ABSOLUTE_FORM = {
  'Node 24, absolute form': ({ files }) => ({
    schemes: ['http'],
    command: [runtime('Node 24'), library, 'absolute form', `${files}/`],
    makes: 'page',
  }),
};

prepareServers();
testRun({ ...TOOLS, ...NODE_TOOLS, ...libraries(['axios', 'gaxios', 'AWS SDK', 'ws']), ...ABSOLUTE_FORM });
testRegister({ ...NODE_TOOLS, ...libraries(['axios', 'gaxios', 'make-fetch-happen']) });
testRegister(libraries(['AWS SDK', 'ws', 'custom agent']), { NTLM_AGENTS: 'replace' });
