// Programs without NTLM support, behind Squid that requires it: `ntlm-wasm run -- PROGRAM`.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareServers, testRun } from './lib/behind-squid.mjs';
import { lab } from './lib/lab.mjs';
import { RUNTIMES } from './lib/runtimes.mjs';

const runtime = (wanted) => RUNTIMES.find(({ name }) => name === wanted).command;
const module = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
const script = (path) => [process.execPath, module(path)];

/** What each program is asked to do in an empty folder, and the file that then is there. */
const INSTALLED = 'node_modules/tiny/package.json';
const FETCH =
  'fetch(process.argv[1]).then((page) => page.text()).then((text) => require("fs").writeFileSync("page", text))';
const PROGRAMS = {
  curl: ({ files }) => ({ command: ['curl', '-sSf', '-o', 'page', `${files}/`], makes: 'page' }),
  wget: ({ files }) => ({ command: ['wget', '-q', '-t', '1', '-O', 'page', `${files}/`], makes: 'page' }),
  git: ({ files }) => ({
    command: ['git', 'clone', '-q', `${files}/repository.git`, 'clone'],
    makes: 'clone/.git/HEAD',
  }),
  'Node 24, fetch': ({ files }) => ({ command: [runtime('Node 24'), '-e', FETCH, `${files}/`], makes: 'page' }),
  npm: ({ npm }) => ({
    command: ['npm', 'install', '--no-audit', '--no-fund', '--fetch-retries=0', `--registry=${npm}/`, 'tiny'],
    makes: INSTALLED,
  }),
  'pnpm 10': ({ npm }) => ({
    command: [...script('pnpm-10/bin/pnpm.cjs'), 'add', `--registry=${npm}/`, '--config.fetch-retries=0', 'tiny'],
    makes: INSTALLED,
  }),
  'pnpm 12': ({ npm }) => ({
    files: { 'package.json': '{}' },
    command: [PNPM, 'add', `--registry=${npm}/`, '--config.fetch-retries=0', 'tiny'],
    makes: INSTALLED,
  }),
  'yarn 1': ({ npm }) => ({
    command: [...script('yarn/bin/yarn.js'), 'add', '--silent', `--registry=${npm}/`, 'tiny'],
    makes: INSTALLED,
  }),
  'yarn 4': ({ npm }) => ({
    files: {
      'package.json': '{}',
      'yarn.lock': '',
      '.yarnrc.yml': [
        `npmRegistryServer: ${npm}`,
        'unsafeHttpWhitelist: [www.corp.example]',
        'nodeLinker: node-modules',
        'enableGlobalCache: false',
        'enableTelemetry: false',
        'httpRetry: 0',
        'npmMinimalAgeGate: 0',
      ].join('\n'),
    },
    command: [...script('@yarnpkg/cli-dist/bin/yarn.js'), 'add', 'tiny'],
    makes: INSTALLED,
  }),
  bun: ({ npm }) => ({
    command: [runtime('Bun'), 'add', '--no-progress', `--registry=${npm}/`, 'tiny'],
    makes: INSTALLED,
  }),
  deno: ({ npm }) => ({
    files: { 'package.json': '{"dependencies":{"tiny":"1"}}', '.npmrc': `registry=${npm}/\n` },
    command: [runtime('Deno'), 'install', '--quiet', '--minimum-dependency-age=0'],
    makes: INSTALLED,
  }),
  pip: ({ files }) => ({
    command: [
      ...[lab.python, '-m', 'pip', 'install', '-q', '--target=site', '--retries=0', '--disable-pip-version-check'],
      ...['--trusted-host=www.corp.example', `--index-url=${files}/python/`, 'tiny'],
    ],
    makes: 'site/tiny.py',
  }),
  uv: ({ files }) => ({
    command: [
      ...[join(lab.python, '../uv'), 'pip', 'install', '-q', '--python', lab.python, '--target=site'],
      ...[`--index-url=${files}/python/`, 'tiny'],
    ],
    env: { UV_HTTP_RETRIES: '0' },
    makes: 'site/tiny.py',
  }),
  cargo: ({ files }) => ({
    files: {
      'Cargo.toml': '[package]\nname = "user"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\ntiny = "1"\n',
      'src/lib.rs': '',
      '.cargo/config.toml': `[source.crates-io]\nreplace-with = "lab"\n[source.lab]\nregistry = "sparse+${files}/cargo/"\n[net]\nretry = 0\n`,
    },
    command: ['cargo', 'fetch', '-q'],
    makes: 'Cargo.lock',
  }),
};

const python = (source) => (address) => ({ command: [lab.python, '-c', source, `${address}/`], makes: 'page' });
const save = 'open("page", "w").write';
/** Libraries of Python, conda's solver and installer, and programs of other languages. */
Object.assign(PROGRAMS, {
  'conda (rattler)': ({ files }) => ({
    command: [lab.python, '-c', CONDA, `${files}/conda`],
    makes: 'env/share/tiny.txt',
  }),
  'Python, urllib': ({ files }) =>
    python(`import sys, urllib.request as r; ${save}(r.urlopen(sys.argv[1]).read().decode())`)(files),
  'Python, requests': ({ files }) =>
    python(`import sys, requests; r = requests.get(sys.argv[1]); r.raise_for_status(); ${save}(r.text)`)(files),
  'Python, httpx': ({ files }) =>
    python(`import sys, httpx; ${save}(httpx.get(sys.argv[1]).raise_for_status().text)`)(files),
  'Python, aiohttp (trust_env)': ({ files }) => python(AIOHTTP)(files),
  'Ruby, open-uri': ({ files }) => ({
    command: ['ruby', '-ropen-uri', '-e', 'File.write("page", URI.open(ARGV[0]).read)', `${files}/`],
    makes: 'page',
  }),
  'Perl, LWP': ({ files }) => ({ command: ['lwp-download', `${files}/index.html`, 'page'], makes: 'page' }),
  lftp: ({ files }) => ({
    command: ['lftp', '-c', `set ssl:ca-file ${lab.ca}; get ${files}/index.html -o page`],
    makes: 'page',
  }),
  // Its protocol for a repository of plain files knows no TLS.
  Mercurial: ({ files }) => ({
    schemes: ['http'],
    command: ['hg', 'clone', '-q', `static-${files}/mercurial`, 'clone'],
    makes: 'clone/tiny.txt',
  }),
  'Node 20, fetch': ({ files }) => ({ command: [runtime('Node 20'), '-e', FETCH, `${files}/`], makes: 'page' }),
  'Node 20, its own agent': ({ files }) => ({
    command: [runtime('Node 20'), '-e', OWN_AGENT, `${files}/`],
    makes: 'page',
  }),
  'Node 24, its own agent': ({ files }) => ({
    command: [runtime('Node 24'), '-e', OWN_AGENT, `${files}/`],
    makes: 'page',
  }),
});
const CONDA = `
import asyncio, os, sys
from rattler import solve, install
async def main():
    records = await solve(sources=[sys.argv[1]], specs=["tiny"], platforms=["linux-64", "noarch"], virtual_packages=[])
    await install(records, target_prefix="env")
asyncio.run(main())
# Its threads may crash while the interpreter ends.
os._exit(0)`;
const AIOHTTP = `
import asyncio, sys, aiohttp
async def main():
    async with aiohttp.ClientSession(trust_env=True, raise_for_status=True) as session:
        async with session.get(sys.argv[1]) as answer: ${save}(await answer.text())
asyncio.run(main())`;
const OWN_AGENT = `
const module_ = require(process.argv[1].startsWith('https') ? 'https' : 'http');
module_.get(process.argv[1], { agent: new module_.Agent() }, (answer) => answer.pipe(require('fs').createWriteStream('page')));`;

/** Settings files of the user that name Squid itself. Gradle's is tested in tests/js/cli. */
const squid = lab.proxies.both.url;
const SETTINGS = {
  'curl, .curlrc': ({ files }) => ({ ...PROGRAMS.curl({ files }), files: { '.curlrc': `proxy = "${squid}"\n` } }),
  'wget, .wgetrc': ({ files }) => ({
    ...PROGRAMS.wget({ files }),
    files: { '.wgetrc': `https_proxy = ${squid}\nhttp_proxy = ${squid}\n` },
  }),
  'git, http.URL.proxy': ({ files }) => ({
    ...PROGRAMS.git({ files }),
    files: { '.gitconfig': `[http "${files}/"]\nproxy = ${squid}\n` },
  }),
  'Mercurial, .hgrc': ({ files }) => ({
    ...PROGRAMS.Mercurial({ files }),
    files: { '.hgrc': `[http_proxy]\nhost = ${new URL(squid).host}\n` },
  }),
  'Maven, settings.xml': ({ files }) => ({
    command: ['mvn', '-q', '-s', 'settings.xml', '-Dmaven.repo.local=repository', 'validate'],
    files: {
      'pom.xml':
        '<project><modelVersion>4.0.0</modelVersion><parent><groupId>tiny</groupId><artifactId>parent</artifactId><version>1</version><relativePath/></parent><artifactId>user</artifactId></project>',
      'settings.xml': `<settings><mirrors><mirror><id>lab</id><mirrorOf>*</mirrorOf><url>${files}/maven</url></mirror></mirrors><proxies><proxy><active>true</active><protocol>http</protocol><host>${new URL(squid).hostname}</host><port>${new URL(squid).port}</port></proxy></proxies></settings>`,
    },
    makes: 'repository/tiny/parent/1/parent-1.pom',
  }),
};
Object.assign(PROGRAMS, SETTINGS);
/** Since version 11 no script, but a program for each system. */
const PNPM = module(`@pnpm/exe.${process.platform}-${process.arch}/pnpm`);

prepareServers();
testRun(PROGRAMS);
