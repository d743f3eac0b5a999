// Settings files of the user that name the corporate proxy, under `run`. What the programs do with the copies, where they are
// installed everywhere; the other programs are run in tests/interop.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { certificatesOfStore, commandEnvironment, nonProxyHosts, pemBlocks, trustStore } from '../internals.mjs';
import { cleanEnvironment, run } from './run-cli.mjs';

const CORPORATE = 'http://proxy.corp.example:8080';
const PROXY = {
  url: 'http://ntlm-wasm:s3cret@127.0.0.1:4711',
  host: '127.0.0.1',
  port: 4711,
  secret: 's3cret',
  admitsUser: false,
};
const [CERTIFICATE, OTHER, THIRD] = rootCertificates;
let home;

before(() => (home = mkdtempSync(join(tmpdir(), 'ntlm-wasm-home-'))));
after(() => rmSync(home, { recursive: true, force: true }));

function write(name, ...lines) {
  const file = join(home, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** The environment of a command: { env, hints, text(name), remove }, removed after the test. */
function environment(t, { env = {}, proxy = {}, ...options } = {}) {
  const made = commandEnvironment({
    program: ['tool'],
    proxy: { ...PROXY, ...proxy },
    env: { HOME: home, PATH: process.env.PATH, ...env },
    ...options,
  });
  t.after(made.remove);
  return { ...made, text: (name) => readFileSync(made.env[name], 'utf8') };
}

test('curl: a copy without what names a proxy; everything else stays', (t) => {
  write(
    '.curlrc',
    '# mine',
    `proxy = "${CORPORATE}"`,
    `-x ${CORPORATE}`,
    `--proxy-user x:y`,
    'proxy-ntlm',
    'socks5 h:1',
    'noproxy = a',
    'silent',
    'proxy-header = "A: b"',
  );
  const { env } = environment(t);
  assert.equal(
    readFileSync(join(env.CURL_HOME, '.curlrc'), 'utf8'),
    '# mine\nnoproxy = a\nsilent\nproxy-header = "A: b"\n',
  );
  write('.curlrc', 'silent');
  assert.equal(environment(t).env.CURL_HOME, undefined, 'a file that names none stays where it is');
  const other = dirname(write('elsewhere/.curlrc', 'proxy = a', 'verbose'));
  const moved = environment(t, { env: { CURL_HOME: other } }).env.CURL_HOME;
  assert.equal(readFileSync(join(moved, '.curlrc'), 'utf8'), 'verbose\n');
});

test('wget: a copy that names the local proxy; everything else stays', (t) => {
  write(
    '.wgetrc',
    `http_proxy = ${CORPORATE}`,
    `HTTPS-Proxy=${CORPORATE}`,
    'proxy_user = x',
    'use_proxy = off',
    'tries = 3',
  );
  assert.equal(
    environment(t).text('WGETRC'),
    `tries = 3\nuse_proxy = on\nhttp_proxy = ${PROXY.url}\nhttps_proxy = ${PROXY.url}\n`,
  );
  const named = write('named.wgetrc', 'tries = 4');
  assert.equal(environment(t, { env: { WGETRC: named } }).env.WGETRC, named);
});

test('git: each setting that names a proxy is overridden by a variable', (t) => {
  write(
    '.gitconfig',
    '[http]',
    `proxy = ${CORPORATE}`,
    'sslCAInfo = /nowhere',
    '[http "https://git.corp.example/"]',
    `proxy = ${CORPORATE}`,
    '[http "https://near.corp.example/"]',
    'proxy =',
    '[remote "origin"]',
    `proxy = ${CORPORATE}`,
  );
  const { env } = environment(t, { env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'c' } });
  const names = [0, 1, 2, 3, 4].map((index) => env[`GIT_CONFIG_KEY_${index}`]);
  assert.deepEqual(names, [
    'a.b',
    'http.proxy',
    'http.https://git.corp.example/.proxy',
    'remote.origin.proxy',
    undefined,
  ]);
  assert.equal(env.GIT_CONFIG_COUNT, '4');
  assert.equal(env.GIT_CONFIG_VALUE_3, PROXY.url);
  assert.equal(env.GIT_HTTP_PROXY_AUTHMETHOD, 'basic');
});

test('Mercurial: one more file, in which the host of the proxy is left to the variables', (t) => {
  const own = write('.hgrc', '[http_proxy]', 'host = proxy.corp.example:8080', '[ui]', 'username = me');
  const files = environment(t).env.HGRCPATH.split(delimiter);
  assert.ok(files.includes(own));
  assert.ok(files.includes('/etc/mercurial/hgrc.d'));
  assert.equal(readFileSync(files.at(-1), 'utf8'), '[http_proxy]\nhost =\n');
  write('.hgrc', '[ui]');
  assert.equal(environment(t).env.HGRCPATH, undefined);
});

test('Maven: a copy of the settings file in which each proxy is the local one', (t) => {
  const settings = write(
    'settings.xml',
    '<settings><localRepository>/r</localRepository><proxies><proxy><id>corp</id><active>true</active>',
    '<host>proxy.corp.example</host><port>8080</port><username>x</username><password>y</password>',
    '<nonProxyHosts>*.near</nonProxyHosts></proxy></proxies></settings>',
  );
  const program = ['mvn', '-s', settings, 'verify'];
  const { env } = environment(t, { program, env: { MAVEN_ARGS: '-q' } });
  const [option, file, rest] = env.MAVEN_ARGS.split(' ');
  assert.deepEqual([option, rest], ['-s', '-q']);
  const copy = readFileSync(file, 'utf8');
  assert.match(copy, /<localRepository>\/r<\/localRepository>/);
  assert.match(copy, /<nonProxyHosts>\*\.near<\/nonProxyHosts>/);
  assert.match(copy, /<host>127\.0\.0\.1<\/host><port>4711<\/port><username>ntlm-wasm<\/username><password>s3cret</);
  assert.doesNotMatch(copy, /proxy\.corp\.example|<username>x/);
});

test('Gradle: a home directory of links, with a separate gradle.properties', (t) => {
  const folder = dirname(write('gradle/gradle.properties', 'systemProp.http.proxyHost=proxy.corp.example', 'mine=1'));
  write('gradle/init.d/a.gradle', '// mine');
  const { env } = environment(t, { env: { GRADLE_USER_HOME: folder }, proxy: { admitsUser: true } });
  const properties = readFileSync(join(env.GRADLE_USER_HOME, 'gradle.properties'), 'utf8');
  assert.match(properties, /^mine=1$/m);
  assert.match(properties, /^systemProp\.https\.proxyHost=127\.0\.0\.1$/m);
  assert.doesNotMatch(properties, /proxy\.corp\.example/);
  assert.equal(readFileSync(join(env.GRADLE_USER_HOME, 'init.d/a.gradle'), 'utf8'), '// mine\n');
  writeFileSync(join(env.GRADLE_USER_HOME, 'caches', 'kept'), '');
  assert.ok(existsSync(join(folder, 'caches', 'kept')), 'what a build keeps is kept');
});

test('R: a copy of the file of variables', (t) => {
  write('.Renviron', `https_proxy=${CORPORATE}`, 'R_LIBS_USER=~/r');
  assert.equal(environment(t).text('R_ENVIRON_USER'), 'R_LIBS_USER=~/r\n');
});

test('what cannot be overridden is reported in one line', (t) => {
  write('.bashrc', `export https_proxy=${CORPORATE}`);
  assert.match(environment(t, { program: ['/bin/bash'] }).hints.join('\n'), /\.bashrc sets a proxy variable/);
  assert.deepEqual(environment(t, { program: ['curl'] }).hints, []);
  assert.match(environment(t, { program: ['sudo', 'curl'] }).hints.join('\n'), /sudo -E/);
  assert.deepEqual(environment(t, { program: ['sudo', '-E', 'curl'] }).hints, []);
  assert.match(environment(t, { program: ['gradle'] }).hints.join('\n'), /--no-secret/);
  assert.deepEqual(environment(t, { program: ['gradle'], proxy: { admitsUser: true } }).hints, []);
});

test('the copies are in a folder that only this user can read, and it is removed', (t) => {
  write('.curlrc', 'proxy = a');
  const { env, remove } = environment(t);
  const folder = dirname(env.CURL_HOME);
  if (process.platform !== 'win32') {
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(env.CURL_HOME, '.curlrc')).mode & 0o777, 0o600);
  }
  remove();
  assert.equal(existsSync(folder), false);
});

test('this machine is left out unless NO_PROXY says otherwise; without ::1, which httpx cannot read', (t) => {
  assert.equal(environment(t).env.NO_PROXY, 'localhost,127.0.0.1');
  assert.equal(environment(t, { env: { NO_PROXY: 'a' } }).env.no_proxy, 'a');
});

test('--ca adds to the file that each variable named, or to the usual certificates', (t) => {
  const own = write('own.pem', OTHER);
  const made = environment(t, {
    certificates: CERTIFICATE,
    env: { CURL_CA_BUNDLE: own, NODE_EXTRA_CA_CERTS: own, CONDA_SSL_VERIFY: 'false', SSL_CERT_FILE: '/nowhere' },
  });
  const own2 = (name) => pemBlocks(made.text(name));
  assert.deepEqual(own2('CURL_CA_BUNDLE'), [OTHER, CERTIFICATE]);
  assert.deepEqual(own2('NODE_EXTRA_CA_CERTS'), [OTHER, CERTIFICATE]);
  assert.deepEqual(own2('REQUESTS_CA_BUNDLE'), [OTHER, CERTIFICATE], 'requests reads CURL_CA_BUNDLE too');
  assert.equal(made.env.CONDA_SSL_VERIFY, 'false');
  assert.ok(own2('SSL_CERT_FILE').length >= rootCertificates.length);
  assert.ok(own2('SSL_CERT_FILE').includes(THIRD));
});

test('--ca reaches curl, wget, git, Mercurial, PHP, Perl and Java by their own settings', (t) => {
  const own = write('own.pem', OTHER);
  write('.curlrc', `cacert = "${own}"`);
  write('.wgetrc', `ca_certificate = ${own}`);
  write('.hgrc', '[web]', `cacerts = ${own}`);
  write('.gitconfig', '[http]', `sslCAInfo = ${own}`);
  const made = environment(t, { certificates: CERTIFICATE });
  const named = (text, pattern) => pemBlocks(readFileSync(pattern.exec(text)[1], 'utf8'));
  const both = [OTHER, CERTIFICATE];
  assert.deepEqual(named(readFileSync(join(made.env.CURL_HOME, '.curlrc'), 'utf8'), /cacert = "(.*)"/), both);
  assert.deepEqual(named(made.text('WGETRC').split('\n').slice(1).join('\n'), /ca_certificate = (.*)/), both);
  assert.deepEqual(pemBlocks(made.text('GIT_SSL_CAINFO')), both);
  assert.deepEqual(named(readFileSync(made.env.HGRCPATH.split(delimiter).at(-1), 'utf8'), /cacerts = (.*)/), both);
  const ini = readFileSync(join(made.env.PHP_INI_SCAN_DIR.slice(1), 'ntlm-wasm.ini'), 'utf8');
  assert.ok(named(ini, /curl\.cainfo="(.*)"/).includes(CERTIFICATE));
  assert.ok(pemBlocks(made.text('PERL_LWP_SSL_CA_FILE')).includes(CERTIFICATE));
  const store = /-Djavax\.net\.ssl\.trustStore=(\S+)/.exec(made.env.JAVA_TOOL_OPTIONS)[1];
  assert.ok(certificatesOfStore(readFileSync(store)).length >= rootCertificates.length);
});

test('a Java store of certificates: what is written is read again, once each', () => {
  const store = trustStore([], [CERTIFICATE, OTHER, CERTIFICATE]);
  const read = certificatesOfStore(store).map((der) => Buffer.from(der).toString('base64'));
  assert.deepEqual(
    read,
    [CERTIFICATE, OTHER].map((pem) => pem.replace(/-----.*?-----|\s/g, '')),
  );
  assert.deepEqual(certificatesOfStore(trustStore(certificatesOfStore(store), [])), certificatesOfStore(store));
  assert.deepEqual(certificatesOfStore(Buffer.from('feedfeed', 'hex')), []);
  assert.deepEqual(certificatesOfStore(Buffer.from('no store at all')), []);
});

test('NO_PROXY as Java writes it', () => {
  assert.equal(
    nonProxyHosts('localhost, .corp.example,10.0.0.0/8 *.near:8080,127.0.0.1,[::1]'),
    'localhost|*.localhost|corp.example|*.corp.example|near|*.near|127.0.0.1|::1',
  );
});

// Behind a proxy that demands NTLM: curl, wget and git, each with a file that names that proxy.
const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
const SETTINGS = {
  curl: { file: '.curlrc', text: (url) => `proxy = "${url}"\n`, command: (url) => ['curl', '-sSf', `${url}/page`] },
  wget: {
    file: '.wgetrc',
    text: (url) => `http_proxy = ${url}\n`,
    command: (url) => ['wget', '-q', '-t1', '-O-', `${url}/page`],
  },
  git: {
    file: '.gitconfig',
    text: (url, origin) => `[http "${origin}/"]\nproxy = ${url}\n`,
    command: (url) => ['git', 'ls-remote', url],
  },
};

for (const [name, { file, text, command }] of Object.entries(SETTINGS)) {
  const missing = await promisify(execFile)(name, ['--version']).then(
    () => false,
    () => `${name} is not installed`,
  );
  test(`${name} with a ${file} that names the corporate proxy`, { skip: missing }, async (t) => {
    const proxy = await startServer({ hosts: { 'registry.corp.example': '127.0.0.1' } });
    const seen = [];
    const origin = createServer((request, response) => {
      seen.push(request.url);
      response.end(request.url.startsWith('/info/refs') ? `${'a'.repeat(40)}\trefs/heads/main\n` : 'a page');
    });
    await new Promise((resolve) => origin.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-settings-'));
    t.after(async () => {
      origin.closeAllConnections();
      origin.close();
      await proxy.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const url = `http://registry.corp.example:${origin.address().port}`;
    writeFileSync(join(folder, file), text(proxy.url, url));
    const env = { HOME: folder, GIT_TERMINAL_PROMPT: '0' };
    await assert.rejects(
      promisify(execFile)(command(url)[0], command(url).slice(1), { env: cleanEnvironment(env), timeout: 20_000 }),
    );
    assert.deepEqual(seen, [], 'fails without run');
    const { code, err } = await run(['run', '-x', proxy.url, '--', ...command(url)], { env: { ...env, ...ALICE } });
    assert.equal(code, 0, err);
    assert.notDeepEqual(seen, []);
  });
}
