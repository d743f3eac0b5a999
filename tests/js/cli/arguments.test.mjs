import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  COMMANDS,
  nearest,
  parseListen,
  printable,
  printableJson,
  progressLine,
  usesColour,
  wrapped,
} from '../internals.mjs';
import { run } from './run-cli.mjs';

test('the nearest word is the one that was meant, if any', () => {
  const known = ['proxy', 'password-stdin', 'verbose', 'user', 'server'];
  assert.equal(nearest('porxy', known), 'proxy');
  assert.equal(nearest('prox', known), 'proxy');
  assert.equal(nearest('verbos', known), 'verbose');
  assert.equal(nearest('usre', known), 'user');
  assert.equal(nearest('password', known), undefined);
  assert.equal(nearest('zzz', known), undefined);
  assert.equal(nearest('', known), undefined);
});

test('addresses to listen on', () => {
  assert.deepEqual(parseListen('127.0.0.1:3128'), { host: '127.0.0.1', port: 3128 });
  assert.deepEqual(parseListen('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(parseListen('localhost:80'), { host: 'localhost', port: 80 });
  assert.deepEqual(parseListen('3128'), { host: '127.0.0.1', port: 3128 });
  for (const text of ['', ':', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '::1:80', 'a:b', '127.0.0.1:-1']) {
    assert.throws(() => parseListen(text), /is not an address to listen on/, text);
  }
});

test('text for a terminal: wrapped, coloured only for people, without control characters', () => {
  assert.equal(wrapped('one two', 2), '  one two');
  assert.ok(
    wrapped('word '.repeat(60).trim(), 4)
      .split('\n')
      .every((line) => line.length <= 80 && line.startsWith('    word')),
  );
  assert.equal(usesColour({ isTTY: true }, {}), true);
  assert.equal(usesColour({ isTTY: true }, { NO_COLOR: '1' }), false);
  assert.equal(usesColour({ isTTY: true }, { NO_COLOR: '' }), true);
  assert.equal(usesColour({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(usesColour({}, {}), false);
  assert.equal(usesColour({}, { FORCE_COLOR: '1' }), true);
  assert.equal(printable('a\u001b[31mb\r\u0007ü\n\t\u009b\u202e'), 'a\\x1b[31mb\\x0d\\x07ü\\x0a\\x09\\x9b\\u202e');
  const hostile = { 'key\u009b': ['\u001b]0;x\u0007', '\u0085\u2028\u202e\ufeff', 'ü😀'] };
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(printableJson(hostile), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e\ufeff]/);
  assert.deepEqual(JSON.parse(printableJson(hostile)), hostile);
  assert.equal(progressLine(512, 1024), `[${'#'.repeat(15)}${' '.repeat(15)}] 50% of 1.0 KiB`);
  assert.equal(progressLine(5 * 1024 * 1024, undefined), '5.0 MiB');
});

test('help: every command starts with examples, and every line fits 80 columns', async () => {
  const overview = await run(['--help']);
  assert.equal(overview.code, 0);
  assert.match(overview.out, /^Usage: .*\n\n {2}ntlm-wasm run -- npm install\n/);
  const fits = (text) => text.split('\n').every((line) => line.length <= 80);
  assert.ok(fits(overview.out));
  for (const name of Object.keys(COMMANDS)) {
    assert.match(overview.out, new RegExp(`^  ${name} `, 'm'));
    const help = await run([name, '--help']);
    assert.equal(help.code, 0);
    assert.match(help.out, new RegExp(`^Usage: ntlm-wasm ${name}`));
    assert.match(help.out, /^Examples:$/m);
    assert.ok(fits(help.out), name);
    assert.ok(help.out.indexOf('\nExamples:\n') < help.out.indexOf('\nOptions:\n'), name);
    assert.doesNotMatch(help.out, /CORP\\\\/, `${name}: one backslash, as in 'CORP\\alice'`);
    assert.doesNotMatch(help.out, /(?<!')CORP\\alice/, `${name}: single quotes around the backslash`);
    assert.equal((await run(['help', name])).out, help.out);
  }
});

test('the version is that of the package', async () => {
  const { default: manifest } = await import('../../../pkg/package.json', { with: { type: 'json' } });
  assert.deepEqual(await run(['--version']), { code: 0, signal: null, out: `${manifest.version}\n`, err: '' });
});

test('without a command: the help, and status 2', async () => {
  const { code, out, err } = await run([]);
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.match(err, /^Usage: ntlm-wasm COMMAND/);
});

const wrong = {
  'an unknown command': [['fecth'], /unknown command "fecth"\n +did you mean "fetch"\?/],
  'a command that is like nothing': [['constructor'], /unknown command "constructor"\n +see "ntlm-wasm --help"/],
  'an option instead of a command': [['--hlp'], /unknown option --hlp\n +did you mean --help\?/],
  'a short option instead of a command': [['-v'], /unknown option -v\n +did you mean --version\?/],
  'an unknown option': [['fetch', '--prxoy', 'a', 'http://a/'], /unknown option --prxoy\n +did you mean --proxy\?/],
  'an unknown option like nothing': [['fetch', '--zzzzzz'], /unknown option --zzzzzz\n +see "ntlm-wasm fetch --help"/],
  'an unknown short option': [['fetch', '-Z'], /unknown option -Z/],
  'a missing value': [['fetch', '--proxy'], /--proxy/],
  'a value that is not wanted': [['proxy', '--quiet=yes'], /--quiet/],
  'no URL': [['fetch'], /there is no URL/],
  'two URLs': [['fetch', 'http://a/', 'http://b/'], /unexpected "http:\/\/b\/"/],
  'a URL without a scheme': [
    ['fetch', 'example'],
    /"example" is not an http: or https: URL\n +did you mean https:\/\/example\/\?/,
  ],
  'a URL without a scheme to diagnose': [
    ['diagnose', 'www.example:81/a'],
    /did you mean https:\/\/www\.example:81\/a\?/,
  ],
  'a URL of another kind': [['fetch', 'ftp://a/'], /is not an http: or https: URL\n$/],
  'a port that is too high': [
    ['server', '--listen', '127.0.0.1:70000'],
    /"127\.0\.0\.1:70000" is not an address to listen on: the port is above 65535/,
  ],
  'a header that is none': [['fetch', '-H', 'nonsense', 'http://a/'], /is not a header field/],
  'a body that cannot be read': [
    ['fetch', '-d', '@/does/not/exist', 'http://a/'],
    /cannot read \/does\/not\/exist \(ENOENT\)/,
  ],
  'certificates that cannot be read': [
    ['fetch', '--ca', '/does/not/exist', 'http://a/'],
    /cannot read the certificates/,
  ],
  'certificates that are none': [
    ['fetch', '--ca', new URL(import.meta.url).pathname, 'http://a/'],
    /contains no PEM certificate/,
  ],
  'a command to run without --': [['run', 'npm', 'install'], /there is no -- in front of the command/],
  'an option of the command without --': [
    ['run', '-x', 'http://proxy:8080', 'npm', '--version'],
    /there is no -- in front of the command to run\n +write it as: ntlm-wasm run \[options\] -- npm --version/,
  ],
  'a word before --': [['run', 'npm', '--', 'install'], /unexpected "npm" in front of --/],
  'no command to run': [['run', '--'], /there is no command to run/],
  'a command for proxy': [['proxy', 'npm'], /unexpected "npm"\n +to run a command/],
  'a time that is none': [
    ['decode', '--at', 'yesterday', 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw=='],
    /"yesterday" is not a time/,
  ],
  'no handshake to check the password against': [
    ['decode', '--check-password', 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw=='],
    /there is no handshake to check the password against/,
  ],
  'a role that is none': [['server', '--role', 'king'], /"king" is not a role/],
  'a scheme that is none': [['server', '--scheme', 'Basic'], /"Basic" is not a scheme/],
  'a server account without a password': [['server', '--user', 'bob'], /NTLM_PASSWORD is not set/],
  'a user without a name': [['fetch', '--domain', 'CORP', 'http://a/'], /there is no user name/],
};

for (const [name, [args, message]] of Object.entries(wrong)) {
  test(`status 2 and a sentence: ${name}`, async () => {
    const { code, out, err } = await run(args);
    assert.equal(code, 2, err);
    assert.equal(out, '');
    assert.match(err, /^ntlm-wasm: /);
    assert.match(err, message);
    assert.doesNotMatch(err, /\n +at /, 'no stack');
  });
}

test('status 3: a user without a password, and no terminal to ask at', async () => {
  for (const args of [
    ['fetch', '--user', 'bob', 'http://a/'],
    ['run', '--user', 'bob', '--', 'true'],
  ]) {
    const { code, out, err } = await run(args);
    assert.equal(code, 3, err);
    assert.equal(out, '');
    assert.match(err, /^ntlm-wasm: there is no terminal to ask for the password\n +store it with /);
  }
});

test('a password on the command line is refused, and not repeated', async () => {
  for (const args of [
    ['fetch', '--password', 'topsecret', 'http://a/'],
    ['fetch', '--password=topsecret', 'http://a/'],
    ['run', '--pass', 'topsecret', '--', 'true'],
    ['hash', 'topsecret'],
  ]) {
    const { code, out, err } = await run(args);
    assert.equal(code, 2);
    assert.match(err, /not accepted on the command line/);
    assert.doesNotMatch(out + err, /topsecret/);
  }
});

test('a password within a URL is not repeated either', async () => {
  for (const args of [
    ['fetch', 'http://u:topsecret@127.0.0.1:1/'],
    ['fetch', 'u:topsecret@127.0.0.1:1'],
    ['fetch', '--server', 'http://u:topsecret@a.example', 'http://127.0.0.1:1/'],
    ['fetch', '-x', 'http://u:topsecret@127.0.0.1:1', 'http://a.example/'],
    ['fetch', '-x', 'socks5://u:topsecret@127.0.0.1:1', 'http://a.example/'],
    ['fetch', '-x', 'pac+http://u:topsecret@127.0.0.1:1/p', 'http://a.example/'],
    ['diagnose', '-v', '-x', 'http://u:topsecret@127.0.0.1:1', 'http://u:topsecret@a.example/?t=topsecret'],
  ]) {
    const { code, out, err } = await run(args);
    assert.notEqual(code, 0, args.join(' '));
    assert.doesNotMatch(out + err, /topsecret/);
  }
});
