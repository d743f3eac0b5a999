// Further programs behind Squid, too large for every run of the tests: `tests/interop/run --programs` installs and runs them.
// `arrives`: the registry has not what the program wants, so its request behind Squid is what counts.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareServers, testRegister, testRun } from '../lib/behind-squid.mjs';
import { lab } from '../lib/lab.mjs';
import { RUNTIMES } from '../lib/runtimes.mjs';
import { npmModule, pythonProgram } from './install.mjs';

const library = fileURLToPath(new URL('../clients/library.mjs', import.meta.url));
const runtime = (wanted) => RUNTIMES.find(({ name }) => name === wanted).command;
const host = (address) => address.replace(/^\w+:\/\//, '');
/** A command line of the shell whose output is the file `page`. */
const page = (line) => ({ command: ['sh', '-c', `${line} > page`], makes: 'page' });
const arrives = (command, env = {}) => ({ command, env, arrives: true, seconds: 50 });
const python = (source) => (address) => ({
  command: [pythonProgram('python'), '-c', source, `${address}/`],
  makes: 'page',
});
const save = 'open("page", "w").write';

const JAVA = {
  'Java, HttpURLConnection': [
    'new java.net.URL(args[0]).openStream().transferTo(new java.io.FileOutputStream("page"));',
    'Get.java',
  ],
  'Java, HttpClient': [
    'var answer = java.net.http.HttpClient.newHttpClient().send(java.net.http.HttpRequest.newBuilder(java.net.URI.create(args[0])).build(), java.net.http.HttpResponse.BodyHandlers.ofString()); if (answer.statusCode() != 200) System.exit(1); java.nio.file.Files.writeString(java.nio.file.Path.of("page"), answer.body());',
    'Get.java',
  ],
};

const OTHERS = {
  ...Object.fromEntries(
    Object.entries(JAVA).map(([name, [body, file]]) => [
      name,
      ({ files }) => ({
        files: { [file]: `class Get { public static void main(String[] args) throws Exception { ${body} } }` },
        command: ['java', file, `${files}/`],
        makes: 'page',
      }),
    ]),
  ),
  Gradle: ({ files }) => ({
    files: {
      'settings.gradle': '',
      'build.gradle': `repositories { maven { url '${files}/maven' } }
configurations { wanted { transitive = false } }
dependencies { wanted 'tiny:parent:1@pom' }
task get(type: Copy) { from configurations.wanted; into 'got' }`,
    },
    command: ['gradle', '--no-daemon', '-q', 'get'],
    makes: 'got/parent-1.pom',
    timeout: 200,
    seconds: 180,
  }),
  'R, download.file': ({ files }) => ({
    command: ['Rscript', '-e', `download.file("${files}/", "page", method = "libcurl", quiet = TRUE)`],
    makes: 'page',
  }),
  // The system's store does not have the lab's certificate, and aria2 reads no variable for another.
  aria2: ({ files }) => ({
    command: ['aria2c', '-q', `--ca-certificate=${lab.ca}`, '-o', 'page', `${files}/index.html`],
    makes: 'page',
  }),
  Subversion: ({ files }) => arrives(['svn', 'ls', '--non-interactive', `${files}/subversion`]),
  rclone: ({ files }) => ({
    command: ['rclone', 'copyurl', '--retries=1', '--low-level-retries=1', `--ca-cert=${lab.ca}`, `${files}/`, 'page'],
    makes: 'page',
  }),
  restic: ({ files }) =>
    arrives(['restic', '-r', `rest:${files}/restic`, `--cacert=${lab.ca}`, 'snapshots'], { RESTIC_PASSWORD: 'x' }),
  cpanm: ({ files }) =>
    arrives(['cpanm', '--mirror-only', `--mirror=${files}/cpan`, '--local-lib-contained=lib', 'Tiny::Tiny']),
  HTTPie: ({ files }) => page(`http --ignore-stdin --check-status --body ${files}/index.html`),
};

const PYTHON = {
  'AWS CLI': ({ files }) => ({
    files: { config: '[default]\nregion = x\ns3 =\n  addressing_style = path\n' },
    command: [
      ...[pythonProgram('aws'), 's3api', 'get-object', '--no-sign-request', `--endpoint-url=${files}`],
      ...['--bucket=conda', '--key=noarch/repodata.json', 'page'],
    ],
    env: { AWS_CONFIG_FILE: 'config', AWS_MAX_ATTEMPTS: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    makes: 'page',
  }),
  boto3: ({ files }) =>
    python(
      `import sys, boto3, botocore
s3 = boto3.client("s3", endpoint_url=sys.argv[1].rstrip("/"), region_name="x", config=botocore.config.Config(signature_version=botocore.UNSIGNED, s3={"addressing_style": "path"}))
open("page", "wb").write(s3.get_object(Bucket="conda", Key="noarch/repodata.json")["Body"].read())`,
    )(files),
  niquests: ({ files }) =>
    python(`import sys, niquests; r = niquests.get(sys.argv[1]); r.raise_for_status(); ${save}(r.text)`)(files),
  'websocket-client': ({ files }) =>
    python(`import sys, websocket; ${save}(websocket.create_connection(sys.argv[1].replace("http", "ws", 1)).recv())`)(
      files,
    ),
  'pycurl, with CAINFO': ({ files }) =>
    python(
      `import sys, pycurl, io; b = io.BytesIO(); c = pycurl.Curl(); c.setopt(c.URL, sys.argv[1]); c.setopt(c.CAINFO, "${lab.ca}"); c.setopt(c.FAILONERROR, True); c.setopt(c.WRITEDATA, b); c.perform(); ${save}(b.getvalue().decode())`,
    )(files),
  huggingface_hub: ({ files }) =>
    arrives([pythonProgram('python'), '-c', 'import huggingface_hub as h; h.HfApi().model_info("a/b")'], {
      HF_ENDPOINT: files,
    }),
  'openai, Python': ({ files }) =>
    arrives([pythonProgram('python'), '-c', 'import openai; openai.OpenAI(max_retries=0).models.list()'], {
      OPENAI_API_KEY: 'x',
      OPENAI_BASE_URL: files,
    }),
  'azure-storage-blob, Python': ({ files }) =>
    arrives([
      ...[pythonProgram('python'), '-c'],
      `from azure.storage.blob import BlobServiceClient as B; B("${files}/none", retry_total=0).get_service_properties()`,
    ]),
  'google-cloud-storage, Python': ({ files }) =>
    arrives([
      ...[pythonProgram('python'), '-c'],
      `from google.cloud import storage as s; c = s.Client.create_anonymous_client(); c._connection.API_BASE_URL = "${files}"; c.get_bucket("x", retry=None)`,
    ]),
  pipx: ({ files }) =>
    arrives([pythonProgram('pipx'), 'install', `--index-url=${files}/python/`, 'tiny'], {
      PIPX_HOME: 'pipx',
      PIP_TRUSTED_HOST: 'www.corp.example',
    }),
  twine: ({ files }) =>
    arrives([
      'sh',
      '-c',
      `mkdir tiny-1.0.0 && printf 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0.0\\n' > tiny-1.0.0/PKG-INFO && tar -czf tiny-1.0.0.tar.gz tiny-1.0.0 && ${pythonProgram('twine')} upload --non-interactive --repository-url ${files}/python/ -u a -p b tiny-1.0.0.tar.gz`,
    ]),
  conan: ({ files }) =>
    arrives([
      'sh',
      '-c',
      `export CONAN_HOME=$PWD/conan; ${pythonProgram('conan')} remote add lab ${files}/conan; ${pythonProgram('conan')} list -r lab 'tiny/*'`,
    ]),
  'ansible-galaxy': ({ files }) =>
    arrives([pythonProgram('ansible-galaxy'), 'collection', 'install', '-s', `${files}/galaxy/`, 'tiny.tiny'], {
      LC_ALL: 'C.UTF-8',
      PATH: `${pythonProgram('..')}/bin:${process.env.PATH}`,
    }),
};

const node24 = runtime('Node 24');
const TOOLS = {
  Playwright: ({ files }) =>
    arrives([node24, npmModule('playwright-core/cli.js'), 'install', 'chromium-headless-shell'], {
      PLAYWRIGHT_DOWNLOAD_HOST: `${files}/browsers`,
      PLAYWRIGHT_BROWSERS_PATH: 'browsers',
    }),
  Puppeteer: ({ files }) =>
    arrives([
      ...[node24, npmModule('@puppeteer/browsers/lib/main-cli.js'), 'install', 'chrome@120.0.6099.109'],
      ...[`--base-url=${files}/chrome`, '--path=browsers'],
    ]),
  Cypress: ({ files }) =>
    arrives([node24, npmModule('cypress/bin/cypress'), 'install', '--force'], {
      CYPRESS_INSTALL_BINARY: `${files}/cypress.zip`,
      CYPRESS_CACHE_FOLDER: 'cypress',
      CI: '1',
    }),
  Prisma: ({ files }) =>
    arrives([node24, npmModule('@prisma/engines/dist/scripts/postinstall.js')], {
      PRISMA_ENGINES_MIRROR: `${files}/prisma`,
    }),
  'prebuild-install': ({ files }) => ({
    ...arrives([node24, npmModule('prebuild-install/bin.js'), '--verbose', `--download=${files}/tiny.tar.gz`]),
    files: { 'package.json': '{"name":"tiny","version":"1.0.0"}' },
  }),
  'Firebase CLI': ({ files }) =>
    arrives([node24, npmModule('firebase-tools/lib/bin/firebase.js'), 'projects:list', '--non-interactive'], {
      FIREBASE_TOKEN: 'token',
      FIREBASE_TOKEN_URL: files,
      FIREBASE_AUTH_URL: files,
      FIREBASE_GOOGLE_URL: files,
    }),
  'Netlify CLI': ({ files }) =>
    arrives([node24, npmModule('netlify-cli/bin/run.js'), 'api', 'listSites'], {
      NETLIFY_API_URL: `${files}/netlify`,
      NETLIFY_AUTH_TOKEN: 'token',
    }),
  Wrangler: ({ files }) =>
    arrives([node24, npmModule('wrangler/bin/wrangler.js'), 'whoami'], {
      CLOUDFLARE_API_BASE_URL: files,
      CLOUDFLARE_API_TOKEN: 'token',
      WRANGLER_SEND_METRICS: 'false',
    }),
};

/** Node's libraries, each in a separate process. */
const libraries = (version, names) =>
  Object.fromEntries(
    names.map((name) => [
      `${version}, ${name}`,
      ({ files }) => ({
        command: [runtime(version), library, name, `${files}/`],
        env: { MODULES: npmModule('x.js') },
        makes: 'page',
      }),
    ]),
  );
const ANY = ['phin', 'request', 'undici 7', '@electron/get'];

prepareServers();
testRun({ ...OTHERS, ...PYTHON, ...TOOLS, ...libraries('Node 24', [...ANY, 'mqtt']) });
testRegister(libraries('Node 24', ['phin', 'request', 'undici 7']));
