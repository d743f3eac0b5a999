// One small package in every form that installers fetch, on a server of the test's own, http and https:
// an npm registry, a Python index, a sparse cargo registry, a git repository (dumb protocol), a page.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { lab } from './lab.mjs';

const NAME = 'tiny';
const VERSION = '1.0.0';
/** Only the lab's proxies can resolve it: a program that goes around them gets nowhere. */
const HOST = 'www.corp.example';

export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const tls = {
    key: readFileSync(`${lab.dir}/ca/rsa-sha256.key`),
    cert: readFileSync(`${lab.dir}/ca/rsa-sha256.chain`),
  };
  const servers = { http: http.createServer(), https: https.createServer(tls) };
  const origins = {};
  for (const [scheme, server] of Object.entries(servers)) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origins[scheme] = `${scheme}://${HOST}:${server.address().port}`;
    const root = join(folder, scheme);
    fill(root, origins[scheme]);
    server.on('request', (request, response) => serve(root, request, response));
  }
  return {
    ...origins,
    async close() {
      for (const server of Object.values(servers)) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
      rmSync(folder, { recursive: true });
    },
  };
}

function serve(root, request, response) {
  const path = join(root, normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)));
  const found = [path, join(path, 'index.html')].find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, found.endsWith('.html') ? { 'Content-Type': 'text/html' } : {}).end(readFileSync(found));
}

function fill(root, origin) {
  const write = (path, content) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const archive = (path, folder, files) => {
    const work = mkdtempSync(join(tmpdir(), 'archive-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, folder, name)), { recursive: true });
      writeFileSync(join(work, folder, name), content);
    }
    mkdirSync(dirname(join(root, path)), { recursive: true });
    execFileSync('tar', ['-czf', join(root, path), '-C', work, folder]);
    rmSync(work, { recursive: true });
    return readFileSync(join(root, path));
  };

  write('index.html', 'the registry\n');
  fillNpm(write, archive, origin);
  fillPython(write, archive);
  fillCargo(write, archive, origin);
  fillGit(root);
}

function fillNpm(write, archive, origin) {
  const manifest = { name: NAME, version: VERSION };
  const tarball = archive(`npm/-/${NAME}.tgz`, 'package', { 'package.json': JSON.stringify(manifest) });
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { tarball: `${origin}/npm/-/${NAME}.tgz`, integrity };
  const versions = { [VERSION]: { ...manifest, dist } };
  write(`npm/${NAME}`, JSON.stringify({ name: NAME, 'dist-tags': { latest: VERSION }, versions }));
}

function fillPython(write, archive) {
  archive(`python/files/${NAME}-${VERSION}.tar.gz`, `${NAME}-${VERSION}`, {
    'setup.py': `from setuptools import setup\nsetup(name="${NAME}", version="${VERSION}", py_modules=["${NAME}"])\n`,
    [`${NAME}.py`]: '',
    'PKG-INFO': `Metadata-Version: 2.1\nName: ${NAME}\nVersion: ${VERSION}\n`,
  });
  write(`python/${NAME}/index.html`, `<a href="../files/${NAME}-${VERSION}.tar.gz">${NAME}-${VERSION}.tar.gz</a>`);
}

function fillCargo(write, archive, origin) {
  const crate = archive(`cargo/files/${NAME}-${VERSION}.crate`, `${NAME}-${VERSION}`, {
    'Cargo.toml': `[package]\nname = "${NAME}"\nversion = "${VERSION}"\nedition = "2021"\n`,
    'src/lib.rs': '',
  });
  const cksum = createHash('sha256').update(crate).digest('hex');
  write('cargo/config.json', JSON.stringify({ dl: `${origin}/cargo/files/{crate}-{version}.crate` }));
  const entry = { name: NAME, vers: VERSION, deps: [], features: {}, yanked: false, cksum };
  write(`cargo/${NAME.slice(0, 2)}/${NAME.slice(2, 4)}/${NAME}`, `${JSON.stringify(entry)}\n`);
}

function fillGit(root) {
  const repository = join(root, 'repository.git');
  const who = ['-c', 'user.name=registry', '-c', 'user.email=registry@corp.example'];
  const git = (...args) => execFileSync('git', [...who, '-C', repository, ...args], { encoding: 'utf8' }).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository]);
  const tree = git('hash-object', '-t', 'tree', '-w', '/dev/null');
  git('update-ref', 'refs/heads/main', git('commit-tree', '-m', 'empty', tree));
  git('update-server-info');
}
