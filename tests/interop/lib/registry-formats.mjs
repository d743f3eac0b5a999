// The same small package for more installers: a Go module, a gem, a Composer package, a Debian package, a container image, a
// package manager for corepack, Node's headers for node-gyp; and a page for the GitHub CLI.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lab } from './lab.mjs';

export const PACKAGE = { name: 'tiny', version: '1.0.0' };

export function fillFormats(root, origin) {
  fillGo(join(root, 'go/tiny.example/tiny/@v'));
  fillComposer(join(root, 'composer'), `${origin}/composer`);
  fillDebian(join(root, 'debian'));
  fillImage(join(root, 'v2/tiny'));
  fillCorepack(join(root, 'corepack/pnpm'), `${origin}/corepack/pnpm`);
  fillNodeHeaders(join(root, 'node/v20.0.0'));
  fillGems(join(root, 'gems-source'));
  write(join(root, 'api/v3/tiny'), '{"name":"tiny"}');
}

function fillGo(root) {
  const module = 'module tiny.example/tiny\n\ngo 1.19\n';
  const folder = 'tiny.example/tiny@v1.0.0';
  write(join(root, 'list'), 'v1.0.0\n');
  write(join(root, 'v1.0.0.info'), JSON.stringify({ Version: 'v1.0.0', Time: '2026-01-01T00:00:00Z' }));
  write(join(root, 'v1.0.0.mod'), module);
  makeZip(join(root, 'v1.0.0.zip'), { [`${folder}/go.mod`]: module, [`${folder}/tiny.go`]: 'package tiny\n' });
}

function fillComposer(root, address) {
  pack(join(root, 'tiny.tar.gz'), 'tiny', { 'composer.json': '{"name":"tiny/tiny"}' });
  const dist = { type: 'tar', url: `${address}/tiny.tar.gz` };
  const versions = { '1.0.0': { name: 'tiny/tiny', version: '1.0.0', dist } };
  write(join(root, 'packages.json'), JSON.stringify({ packages: { 'tiny/tiny': versions } }));
}

/** A flat repository of apt with one package. */
function fillDebian(root) {
  const work = mkdtempSync(join(tmpdir(), 'archive-'));
  const control =
    'Package: tiny\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Tests <tests@corp.example>\nDescription: tiny\n';
  write(join(work, 'DEBIAN/control'), control);
  mkdirSync(root, { recursive: true });
  const name = 'tiny_1.0.0_all.deb';
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', work, join(root, name)], { stdio: 'ignore' });
  rmSync(work, { recursive: true });
  const bytes = readFileSync(join(root, name));
  write(join(root, 'Packages'), `${control}Filename: ./${name}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`);
}

/** The files that a registry of container images answers with. */
function fillImage(root) {
  const layer = pack(join(root, 'layer.tar.gz'), 'tiny', { 'tiny.txt': 'tiny\n' });
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const blob = (bytes, mediaType) => {
    const digest = `sha256:${sha256(bytes)}`;
    write(join(root, 'blobs', digest), bytes);
    return { mediaType, size: bytes.length, digest };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: blob(Buffer.from(config), 'application/vnd.docker.container.image.v1+json'),
    layers: [blob(layer, 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
  };
  write(join(root, 'manifests/latest'), JSON.stringify(manifest));
  write(join(root, '../index.html'), '{}');
}

function fillCorepack(root, address) {
  const manifest = { name: 'pnpm', version: '9.9.9', bin: { pnpm: 'bin/pnpm.cjs' } };
  const tarball = pack(join(root, '-/pnpm-9.9.9.tgz'), 'package', {
    'package.json': JSON.stringify(manifest),
    'bin/pnpm.cjs': 'console.log("tiny")\n',
  });
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  write(
    join(root, '9.9.9'),
    JSON.stringify({ ...manifest, dist: { tarball: `${address}/-/pnpm-9.9.9.tgz`, integrity } }),
  );
}

function fillNodeHeaders(root) {
  const name = 'node-v20.0.0-headers.tar.gz';
  const bytes = pack(join(root, name), 'node-v20.0.0', { 'include/node/common.gypi': '{}\n' });
  write(join(root, 'SHASUMS256.txt'), `${sha256(bytes)}  ${name}\n`);
}

const GEMS = `
require 'rubygems/package'
require 'zlib'
spec = Gem::Specification.new do |s|
  s.name, s.version, s.summary, s.authors, s.files = 'tiny', '1.0.0', 'tiny', ['tests'], ['tiny.rb']
end
File.write 'tiny.rb', ''
Dir.mkdir 'gems'
Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Gem::Package.build spec, true, false, 'gems/tiny-1.0.0.gem' }
all = [['tiny', spec.version, 'ruby']]
{ 'specs' => all, 'latest_specs' => all, 'prerelease_specs' => [] }.each do |name, list|
  File.binwrite "#{name}.4.8.gz", Zlib.gzip(Marshal.dump(list))
end
Dir.mkdir 'quick'
Dir.mkdir 'quick/Marshal.4.8'
File.binwrite 'quick/Marshal.4.8/tiny-1.0.0.gemspec.rz', Zlib.deflate(Marshal.dump(spec))`;

function fillGems(root) {
  mkdirSync(root, { recursive: true });
  execFileSync('ruby', ['-e', GEMS], { cwd: root });
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A compressed archive of one folder with these files. @returns its bytes */
export function pack(path, folder, files) {
  const work = mkdtempSync(join(tmpdir(), 'archive-'));
  for (const [name, content] of Object.entries(files)) write(join(work, folder, name), content);
  mkdirSync(dirname(path), { recursive: true });
  execFileSync('tar', ['-czf', path, '-C', work, folder]);
  rmSync(work, { recursive: true });
  return readFileSync(path);
}

export function makeZip(path, files) {
  const program =
    'import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n for n, t in json.load(sys.stdin).items(): z.writestr(n, t)';
  mkdirSync(dirname(path), { recursive: true });
  execFileSync(lab.python, ['-c', program, path], { input: JSON.stringify(files) });
}

export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
