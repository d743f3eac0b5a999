import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { windowsCommand, withhold } from '../internals.mjs';
import { run, start } from './run-cli.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
const node = (source) => [process.execPath, '-e', source];
let folder;
let proxy;
let origin;
let ca;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-run-'));
  // The registry of these tests is known to the proxy alone.
  const hosts = { 'registry.corp.example': '127.0.0.1' };
  origin = await startServer({ role: 'none', tls: true });
  proxy = await startServer({ hosts });
  ca = join(folder, 'ca.pem');
  await writeFile(ca, origin.certificate);
});

after(async () => {
  await Promise.all([proxy.close(), origin.close(), rm(folder, { recursive: true, force: true })]);
});

const behind = (args, program, options) =>
  run(['run', '-x', proxy.url, ...args, '--', ...program], { env: ALICE, ...options });

test('the exit status, both outputs and the input are the command’s', async () => {
  const source =
    'process.stdin.on("data", (d) => { process.stdout.write("out " + d); process.stderr.write("err"); process.exitCode = 7 })';
  assert.deepEqual(await behind([], node(source), { input: 'typed' }), {
    code: 7,
    signal: null,
    out: 'out typed',
    err: 'err',
  });
});

test('exit status as in a shell: ended by a signal, missing, not executable', async () => {
  assert.equal((await behind([], node('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000)'))).code, 143);
  const missing = await behind([], ['no-such-command-here']);
  assert.equal(missing.code, 127);
  assert.match(missing.err, /command not found/);
  assert.equal((await behind([], [ca])).code, 126);
});

test('signals reach the command, and this program waits for it', async (t) => {
  const source =
    'process.on("SIGTERM", () => { console.log("told"); process.exit(5) }); console.log("ready"); setInterval(() => {}, 1000)';
  const child = start(['run', '-x', proxy.url, '--', ...node(source)], { env: ALICE });
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => (out += piece));
  while (!out.includes('ready')) await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  assert.deepEqual([code, out], [5, 'ready\ntold\n']);
});

test('the command receives the proxy URL, but neither password nor hash', async () => {
  const { out } = await behind([], node('console.log(JSON.stringify(process.env))'), {
    env: { ...ALICE, NTLM_HASH: '', NO_PROXY: 'mine.example' },
  });
  const env = JSON.parse(out);
  for (const name of [
    'http_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'npm_config_https_proxy',
    'CARGO_HTTP_PROXY',
    'PIP_PROXY',
    'YARN_HTTP_PROXY',
  ]) {
    assert.match(env[name], /^http:\/\/ntlm-wasm:[\w-]{32,}@127\.0\.0\.1:\d+$/, name);
  }
  assert.equal(env.NO_PROXY, 'mine.example');
  assert.equal(env.no_proxy, 'mine.example');
  assert.equal(env.NTLM_PASSWORD, undefined);
  assert.equal(env.NTLM_HASH, undefined);
  assert.equal(env.NTLM_USERNAME, undefined);
});

test(
  'Java gets the proxy where programs of this user need no secret',
  { skip: process.platform !== 'linux' },
  async () => {
    const java = node('console.log(process.env.JAVA_TOOL_OPTIONS)');
    const env = { ...ALICE, JAVA_TOOL_OPTIONS: '-Xmx1g' };
    assert.match((await behind([], java, { env })).out, /^-Xmx1g -Dhttp\.proxyHost=127\.0\.0\.1 /);
    assert.equal((await behind(['--secret-only'], java, { env })).out, '-Xmx1g\n');
  },
);

test(
  'a program of this user needs no secret, unless --secret-only',
  { skip: process.platform !== 'linux' },
  async () => {
    const url = `http://registry.corp.example:${proxy.port}/bytes/9`;
    const bare = ['sh', '-c', `curl -s -o /dev/null -w '%{http_code}' -x "http://\${http_proxy#*@}" ${url}`];
    assert.equal((await behind([], bare)).out, '200');
    assert.equal((await behind(['--secret-only'], bare)).out, '407');
  },
);

test('--no-secret: Java gets the proxy as system properties', async () => {
  const { out } = await behind(
    ['--no-secret'],
    node('console.log(process.env.JAVA_TOOL_OPTIONS, process.env.http_proxy)'),
    {
      env: { ...ALICE, JAVA_TOOL_OPTIONS: '-Xmx1g' },
    },
  );
  assert.match(
    out,
    /^-Xmx1g -Dhttp\.proxyHost=127\.0\.0\.1 -Dhttp\.proxyPort=\d+ -Dhttps.proxyHost=\S+ -Dhttps.proxyPort=\d+ -Dhttp.nonProxyHosts=localhost\|\*\.localhost\|127\.0\.0\.1 http:\/\/127\.0\.0\.1:\d+\n$/,
  );
});

test('--ca: variables name files with these certificates, which are removed afterwards', async () => {
  const { out } = await behind(
    ['--ca', ca],
    node(
      'const { readFileSync } = require("fs"); for (const name of ["NODE_EXTRA_CA_CERTS", "PIP_CERT"]) console.log(process.env[name]); console.log(readFileSync(process.env.PIP_CERT, "utf8").includes(readFileSync(process.env.NODE_EXTRA_CA_CERTS, "utf8").trim().slice(-1000)))',
    ),
    { env: { ...ALICE, NODE_EXTRA_CA_CERTS: '' } },
  );
  const [extra, bundle, contained] = out.split('\n');
  assert.equal(contained, 'true');
  assert.equal(existsSync(bundle), false);
  assert.equal(existsSync(extra), false);
});

test('curl gets through with it, plainly and by TLS, and not without it', async () => {
  const plain = `http://registry.corp.example:${proxy.port}/bytes/9`;
  const secure = `https://localhost:${origin.port}/bytes/9`;
  const env = { ...ALICE, NO_PROXY: '' };
  assert.equal((await behind([], ['curl', '-sS', plain], { env })).out, 'ntlm-wasm');
  assert.equal((await behind(['--ca', ca], ['curl', '-sS', secure], { env })).out, 'ntlm-wasm');
  await assert.rejects(promisify(execFile)('curl', ['-sS', '-m', '5', plain]), { code: 6 });
});

test('npm installs a package with it', { timeout: 60_000 }, async (t) => {
  const registry = await startRegistry(t);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0' }));
  const install = [
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--registry',
    `http://registry.corp.example:${registry.port}/`,
    '--cache',
    join(folder, 'cache'),
    'tiny-thing',
  ];
  const { code, out, err } = await behind([], install, { cwd: folder, env: { ...ALICE, HOME: folder } });
  assert.equal(code, 0, out + err);
  assert.equal(
    await readFile(join(folder, 'node_modules', 'tiny-thing', 'index.js'), 'utf8'),
    'module.exports = 42;\n',
  );
});

/** Serves one package, which npm itself has packed. */
async function startRegistry(t) {
  const source = await mkdtemp(join(tmpdir(), 'ntlm-wasm-package-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  await writeFile(join(source, 'package.json'), JSON.stringify({ name: 'tiny-thing', version: '1.0.0' }));
  await writeFile(join(source, 'index.js'), 'module.exports = 42;\n');
  await promisify(execFile)('npm', ['pack', '--silent'], { cwd: source });
  const tarball = await readFile(join(source, 'tiny-thing-1.0.0.tgz'));
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    if (request.url.endsWith('.tgz')) return response.end(tarball);
    const url = `http://${request.headers.host}/tiny-thing-1.0.0.tgz`;
    const version = { name: 'tiny-thing', version: '1.0.0', dist: { tarball: url } };
    return response.end(
      JSON.stringify({ name: 'tiny-thing', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address();
}

test('a refusal by the proxy is reported once, besides the output of the command', async () => {
  const program = [
    'sh',
    '-c',
    `for n in 1 2 3; do curl -s -o /dev/null -w '%{http_code} ' http://registry.corp.example:${proxy.port}/; done`,
  ];
  const { out, err } = await behind([], program, { env: { ...ALICE, NTLM_PASSWORD: 'wrong' } });
  assert.equal(out, '502 502 502 ');
  assert.equal(err.match(/ERR_NTLM_REJECTED/g).length, 1);
  assert.equal((await behind(['-q'], program, { env: { ...ALICE, NTLM_PASSWORD: 'wrong' } })).err, '');
});

test('on Windows a batch file gets its arguments through cmd.exe unharmed', () => {
  const env = {
    Path: 'C:\\Windows;C:\\Program Files\\nodejs',
    PATHEXT: '.COM;.EXE;.BAT;.CMD',
    ComSpec: 'C:\\Windows\\cmd.exe',
  };
  const files = new Set(['C:\\Program Files\\nodejs\\npm.cmd', 'C:\\Windows\\git.exe']);
  const exists = (file) => files.has(file);
  assert.deepEqual(windowsCommand('git', ['clone', 'a b', 'say "hi"', 'end\\', ''], env, exists), {
    file: 'C:\\Windows\\git.exe',
    line: ['clone', '"a b"', '"say \\"hi\\""', 'end\\', '""'],
  });
  const { file, line } = windowsCommand('npm', ['run', 'a & del *', '%PATH%'], env, exists);
  assert.equal(file, 'C:\\Windows\\cmd.exe');
  assert.deepEqual(line.slice(0, 3), ['/d', '/s', '/c']);
  assert.equal(line[3], '"^"C:\\Program^ Files\\nodejs\\npm.cmd^" run ^^^"a^^^ ^^^&^^^ del^^^ ^^^*^^^" ^^^%PATH^^^%"');
  assert.equal(windowsCommand('missing', [], env, exists).file, 'missing');
});

test('credentials are withheld in whatever letters Windows has the variables', () => {
  const names = ['Ntlm_Password', 'NTLM_HASH', 'ntlm_wasm_secret', 'NTLM_USERNAME', 'NTLM_DOMAIN', 'NTLM_PROXY'];
  const env = { ...Object.fromEntries(names.map((name) => [name, 'x'])), Path: '/bin', NTLM_AGENTS: 'replace' };
  withhold(env);
  assert.deepEqual(env, { Path: '/bin', NTLM_AGENTS: 'replace' });
});
