import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { diffLines, setInSection, setProperty, setYaml, TOOLS } from '../internals.mjs';
import { run } from './run-cli.mjs';

const SECRET = 'a-secret_of-the-proxy';
const URL_OF_PROXY = `http://ntlm-wasm:${SECRET}@127.0.0.1:3128`;

function home(t) {
  const HOME = mkdtempSync(join(tmpdir(), 'ntlm-wasm-setup-'));
  t.after(() => rmSync(HOME, { recursive: true, force: true }));
  const unset = {
    NPM_CONFIG_USERCONFIG: undefined,
    XDG_CONFIG_HOME: '',
    PIP_CONFIG_FILE: '',
    CARGO_HOME: '',
    GRADLE_USER_HOME: '',
  };
  const env = { HOME, NTLM_WASM_SECRET: SECRET, GIT_CONFIG_GLOBAL: undefined, ...unset };
  return { HOME, env };
}

/** What people have in these files. */
const FILES = {
  npm: ['.npmrc', '; mine\r\nregistry = https://npm.corp.example/\r\nproxy=http://old:1\r\n'],
  yarn: [
    '.yarnrc.yml',
    'nodeLinker: node-modules\nhttpProxy: "http://old:1"\n\nnpmScopes:\n  a:\n    npmRegistryServer: "x"\n',
  ],
  git: [
    '.gitconfig',
    '[user]\n\tname = Alice\n[http "https://a.example"]\n\tproxy = http://other:1\n[http]\n\tsslVerify = true\n\n[alias]\n\tst = status\n',
  ],
  pip: ['.config/pip/pip.conf', '[install]\nuser = yes\n'],
  conda: [
    '.condarc',
    'channels:\n  - a\nproxy_servers:\n  http: http://old:1\n  https: http://old:1\nssl_verify: true\n',
  ],
  cargo: ['.cargo/config.toml', '[build]\njobs = 1\n[http]\nproxy = "http://old:1"\n'],
  gradle: ['.gradle/gradle.properties', 'org.gradle.daemon=true\nsystemProp.http.proxyHost=old\n'],
  maven: ['.m2/settings.xml', '<?xml version="1.0"?>\n<settings>\n  <offline>false</offline>\n</settings>\n'],
  docker: ['.docker/config.json', '{\n\t"auths": { "a": {} },\n\t"proxies": { "tcp://b": { "httpProxy": "c" } }\n}'],
};

function fill(HOME) {
  for (const [file, text] of Object.values(FILES)) {
    mkdirSync(dirname(join(HOME, file)), { recursive: true });
    writeFileSync(join(HOME, file), text);
  }
}

const snapshot = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file, [readFileSync(file, 'utf8'), statSync(file).mode & 0o777]]),
  );

test('each tool gets the proxy, keeps its other settings, and is restored to the byte', async (t) => {
  const { HOME, env } = home(t);
  fill(HOME);
  chmodSync(join(HOME, '.npmrc'), 0o640);
  const before = snapshot(HOME);
  const names = Object.keys(FILES);
  const { code, out, err } = await run(['setup', '--yes', ...names], { env });
  assert.equal(code, 0, err);
  assert.doesNotMatch(out + err, new RegExp(SECRET), 'the secret is not printed');
  const text = (name) => readFileSync(join(HOME, FILES[name][0]), 'utf8');
  assert.equal(
    text('npm'),
    `; mine\r\nregistry = https://npm.corp.example/\r\nproxy=${URL_OF_PROXY}\r\nhttps-proxy=${URL_OF_PROXY}\r\nnoproxy=localhost,127.0.0.1\r\n`,
  );
  assert.equal(statSync(join(HOME, '.npmrc')).mode & 0o777, 0o640);
  assert.match(
    text('git'),
    /\[http "https:\/\/a\.example"\]\n\tproxy = http:\/\/other:1\n\[http\]\n\tsslVerify = true\n\tproxy = http:\/\/ntlm-wasm:/,
  );
  assert.match(text('pip'), /^\[install\]\nuser = yes\n\n\[global\]\nproxy = http:\/\/ntlm-wasm:.*\n$/);
  assert.equal(
    text('conda'),
    `channels:\n  - a\nproxy_servers:\n  http: "${URL_OF_PROXY}"\n  https: "${URL_OF_PROXY}"\nssl_verify: true\n`,
  );
  assert.match(
    text('yarn'),
    /^nodeLinker: node-modules\nhttpProxy: "http:\/\/ntlm.*"\n\nnpmScopes:\n  a:\n.*\nhttpsProxy: "http/,
  );
  assert.equal(text('cargo'), `[build]\njobs = 1\n[http]\nproxy = "${URL_OF_PROXY}"\n`);
  assert.match(text('gradle'), /^systemProp\.http\.proxyHost=127\.0\.0\.1$/m);
  assert.match(text('gradle'), new RegExp(`^systemProp\\.https\\.proxyPassword=${SECRET}$`, 'm'));
  assert.match(
    text('maven'),
    /<offline>false<\/offline>\n {2}<proxies>[^]*<protocol>https<\/protocol>[^]*<\/proxies>\n<\/settings>\n$/,
  );
  const docker = JSON.parse(text('docker'));
  assert.deepEqual(Object.keys(docker.proxies), ['tcp://b', 'default']);
  assert.match(docker.proxies.default.httpProxy, /@host\.docker\.internal:3128$/);
  // Again changes nothing.
  const second = await run(['setup', '--yes', ...names], { env });
  assert.equal((second.out.match(/is set up already/g) ?? []).length, names.length);
  const undone = await run(['setup', '--undo'], { env });
  assert.equal(undone.code, 0, undone.err);
  assert.deepEqual(snapshot(HOME), before);
});

test('files that were not there are gone after --undo; another port and back is one change', async (t) => {
  const { HOME, env } = home(t);
  assert.equal((await run(['setup', '-y', 'npm', 'cargo'], { env })).code, 0);
  assert.equal(statSync(join(HOME, '.npmrc')).mode & 0o777, 0o600, 'it holds the secret');
  assert.equal((await run(['setup', '-y', 'npm', '--listen', '127.0.0.1:3999'], { env })).code, 0);
  assert.match(readFileSync(join(HOME, '.npmrc'), 'utf8'), /:3999/);
  assert.equal((await run(['setup', '--undo', 'npm'], { env })).code, 0);
  assert.equal(existsSync(join(HOME, '.npmrc')), false);
  assert.equal(existsSync(join(HOME, '.cargo/config.toml')), true, 'only what was named');
  assert.equal((await run(['setup', '--undo'], { env })).code, 0);
  assert.deepEqual(snapshot(HOME), {});
  assert.match((await run(['setup', '--undo'], { env })).out, /nothing was changed/);
});

test('what the user has changed since is left alone', async (t) => {
  const { HOME, env } = home(t);
  await run(['setup', '-y', 'npm'], { env });
  const file = join(HOME, '.npmrc');
  writeFileSync(file, `${readFileSync(file, 'utf8')}fund=false\n`);
  const { code, err } = await run(['setup', '--undo'], { env });
  assert.equal(code, 1);
  assert.match(err, /was changed since/);
  assert.match(readFileSync(file, 'utf8'), /fund=false/);
});

test('a link stays a link; --dry-run and no terminal change nothing', async (t) => {
  const { HOME, env } = home(t);
  mkdirSync(join(HOME, 'dotfiles'));
  writeFileSync(join(HOME, 'dotfiles/npmrc'), 'fund=false\n');
  symlinkSync(join(HOME, 'dotfiles/npmrc'), join(HOME, '.npmrc'));
  const dry = await run(['setup', '--dry-run', 'npm'], { env });
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.out, /^ {2}fund=false\n\+ proxy=http:\/\/ntlm-wasm:\(secret\)@127\.0\.0\.1:3128$/m);
  assert.equal(readFileSync(join(HOME, '.npmrc'), 'utf8'), 'fund=false\n');
  assert.match((await run(['setup', '--dry-run', 'git'], { env })).out, /^\+ \tproxy = /m);
  const asked = await run(['setup', 'npm'], { env });
  assert.equal(asked.code, 2);
  assert.match(asked.err, /no terminal to ask at/);
  assert.equal((await run(['setup', '-y', 'npm'], { env })).code, 0);
  assert.match(readFileSync(join(HOME, 'dotfiles/npmrc'), 'utf8'), /proxy=/);
  assert.equal((await run(['setup', '--undo'], { env })).code, 0);
  assert.equal(readFileSync(join(HOME, 'dotfiles/npmrc'), 'utf8'), 'fund=false\n');
});

test('what cannot be understood is refused, and nothing is lost', async (t) => {
  const { HOME, env } = home(t);
  mkdirSync(join(HOME, '.docker'));
  writeFileSync(join(HOME, '.docker/config.json'), '{ broken');
  const { code, err } = await run(['setup', '-y', 'docker'], { env });
  assert.equal(code, 2);
  assert.match(err, /config\.json cannot be parsed/);
  assert.equal(readFileSync(join(HOME, '.docker/config.json'), 'utf8'), '{ broken');
  assert.match((await run(['setup', 'nmp'], { env })).err, /"nmp" is not a supported tool/);
});

test('edits touch their own line alone', () => {
  assert.equal(setProperty('', 'a', '1'), 'a=1\n');
  assert.equal(setProperty('ab=2\n#a=3', 'a', '1'), 'ab=2\n#a=3\na=1\n');
  assert.equal(setInSection('', 's', 'k', 'v'), '[s]\nk = v\n');
  assert.equal(setInSection('[s]\n\n[t]\nk = 1\n', 's', 'k', 'v'), '[s]\nk = v\n\n[t]\nk = 1\n');
  assert.equal(setYaml('a:\n  b: 1\nc: 2\n', 'a', ['a: 3']), 'a: 3\nc: 2\n');
  assert.deepEqual(diffLines('a\nb\nc\n', 'a\nx\nc\n'), ['  a', '- b', '+ x', '  c']);
  assert.ok(Object.keys(TOOLS).length >= 9);
});
