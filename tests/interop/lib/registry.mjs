// One small package in every form that installers fetch, on servers of the test's own, http and https:
// an npm registry, a Python index, a sparse cargo registry, a conda channel, a Maven repository, repositories of git and
// Mercurial, what registry-formats.mjs lists, a page, a WebSocket.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { makeRepository, serveGit } from './git-backend.mjs';
import { lab } from './lab.mjs';
import { startNpmRegistry } from './npm-registry.mjs';
import { fillFormats, makeZip, pack, PACKAGE, write } from './registry-formats.mjs';
import { acceptWebSocket } from './web-socket.mjs';

const { name: NAME, version: VERSION } = PACKAGE;
/** Only the lab's proxies can resolve it: a program that goes around them gets nowhere. */
const HOST = 'www.corp.example';

/** `registry.http.files` and `registry.https.files` hold everything but npm's packages, `.npm` those. */
export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const tls = {
    key: readFileSync(`${lab.dir}/ca/rsa-sha256.key`),
    cert: readFileSync(`${lab.dir}/ca/rsa-sha256.chain`),
  };
  const manifest = { name: NAME, version: VERSION };
  const tarball = pack(join(folder, 'npm.tgz'), 'package', { 'package.json': JSON.stringify(manifest) });
  const npm = await startNpmRegistry({ folder, tls, manifest, tarball });
  const files = { http: http.createServer(), https: https.createServer(tls) };
  for (const [scheme, server] of Object.entries(files)) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const root = join(folder, scheme);
    fill(root, origin(scheme, server));
    server.on('request', (request, response) => void serve(root, request, response));
    server.on('upgrade', acceptWebSocket);
  }
  const origins = (scheme) => ({ files: origin(scheme, files[scheme]), npm: origin(scheme, npm[scheme]) });
  return {
    http: origins('http'),
    https: origins('https'),
    async close() {
      for (const server of [...Object.values(files), ...Object.values(npm)]) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
      rmSync(folder, { recursive: true });
    },
  };
}

function origin(scheme, server) {
  return `${scheme}://${HOST}:${server.address().port}`;
}

async function serve(root, request, response) {
  const { pathname } = new URL(request.url, 'http://x');
  if (pathname.startsWith('/repository.git/')) return serveGit(root, request, response);
  const path = join(root, normalize(decodeURIComponent(pathname)));
  const found = [path, join(path, 'index.html')].find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (!found) return response.writeHead(404).end();
  const bytes = readFileSync(found);
  response.writeHead(200, { 'Content-Type': contentType(found, bytes), 'Content-Length': bytes.length });
  return response.end(request.method === 'HEAD' ? undefined : bytes);
}

function contentType(path, bytes) {
  if (path.endsWith('.html')) return 'text/html';
  if (path.includes('/manifests/')) return JSON.parse(bytes).mediaType;
  return path.endsWith('.json') || path.includes('/api/') ? 'application/json' : 'application/octet-stream';
}

function fill(root, origin) {
  write(join(root, 'index.html'), 'the registry\n');
  fillPython(join(root, 'python'));
  fillCargo(join(root, 'cargo'), `${origin}/cargo`);
  makeRepository(join(root, 'repository.git'));
  fillConda(join(root, 'conda'));
  write(
    join(root, 'maven/tiny/parent/1/parent-1.pom'),
    '<project><modelVersion>4.0.0</modelVersion><groupId>tiny</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging></project>',
  );
  fillMercurial(join(root, 'mercurial'));
  fillFormats(root, origin);
}

/** A channel with one package (.tar.bz2) for any platform. */
function fillConda(root) {
  const record = { name: NAME, version: VERSION, build: '0', build_number: 0, depends: [], subdir: 'noarch' };
  const index = { ...record, noarch: 'generic', timestamp: 1_700_000_000_000, license: 'MIT' };
  const text = 'from a channel\n';
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const path = { _path: 'share/tiny.txt', path_type: 'hardlink', sha256: sha256(text), size_in_bytes: text.length };
  const work = mkdtempSync(join(tmpdir(), 'archive-'));
  write(join(work, 'share/tiny.txt'), text);
  write(join(work, 'info/index.json'), JSON.stringify(index));
  write(join(work, 'info/files'), 'share/tiny.txt\n');
  write(join(work, 'info/paths.json'), JSON.stringify({ paths: [path], paths_version: 1 }));
  const name = `${NAME}-${VERSION}-0.tar.bz2`;
  mkdirSync(join(root, 'noarch'), { recursive: true });
  execFileSync('tar', ['-cjf', join(root, 'noarch', name), '-C', work, 'info', 'share']);
  rmSync(work, { recursive: true });
  const bytes = readFileSync(join(root, 'noarch', name));
  const md5 = createHash('md5').update(bytes).digest('hex');
  const packages = { [name]: { ...index, md5, sha256: sha256(bytes), size: bytes.length } };
  for (const [subdir, entries] of Object.entries({ noarch: packages, 'linux-64': {} })) {
    const repodata = { info: { subdir }, packages: entries, 'packages.conda': {}, removed: [], repodata_version: 1 };
    write(join(root, subdir, 'repodata.json'), JSON.stringify(repodata));
  }
}

/** Served as files, for `static-http`. */
function fillMercurial(root) {
  write(join(root, 'tiny.txt'), 'tiny\n');
  const hg = (...args) => execFileSync('hg', ['--cwd', root, ...args], { env: { ...process.env, HGRCPATH: '' } });
  hg('init');
  hg('commit', '--addremove', '--quiet', '--user', 'test', '--message', 'first');
}

function fillPython(root) {
  const wheel = `${NAME}-${VERSION}-py3-none-any.whl`;
  const info = `${NAME}-${VERSION}.dist-info`;
  const files = {
    [`${NAME}.py`]: '',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${NAME}\nVersion: ${VERSION}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  files[`${info}/RECORD`] = `${[...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,`).join('\n')}\n`;
  makeZip(join(root, 'files', wheel), files);
  write(join(root, NAME, 'index.html'), `<a href="../files/${wheel}">${wheel}</a>`);
}

function fillCargo(root, address) {
  const crate = pack(join(root, `files/${NAME}-${VERSION}.crate`), `${NAME}-${VERSION}`, {
    'Cargo.toml': `[package]\nname = "${NAME}"\nversion = "${VERSION}"\nedition = "2021"\n`,
    'src/lib.rs': '',
  });
  const cksum = createHash('sha256').update(crate).digest('hex');
  write(join(root, 'config.json'), JSON.stringify({ dl: `${address}/files/{crate}-{version}.crate` }));
  const entry = { name: NAME, vers: VERSION, deps: [], features: {}, yanked: false, cksum };
  write(join(root, NAME.slice(0, 2), NAME.slice(2, 4), NAME), `${JSON.stringify(entry)}\n`);
}
