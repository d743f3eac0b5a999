import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { credentials, received, serve } from './servers.mjs';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('./programs', import.meta.url));

/** Runs a program that knows nothing of proxies, behind one. Returns what it printed, and what the proxy saw. */
async function behindProxy(t, args, env = {}) {
  const proxy = await serve(t);
  const secure = await serve(t, { role: 'none', tls: true });
  const plain = await serve(t, { role: 'none' });
  const environment = {
    PATH: process.env.PATH,
    HTTP_PROXY: proxy.server.url,
    HTTPS_PROXY: proxy.server.url,
    NO_PROXY: '',
    NTLM_USERNAME: `${credentials.domain}\\${credentials.username}`,
    NTLM_PASSWORD: credentials.password,
    NODE_EXTRA_CA_CERTS: await secure.certificateFile(),
    ...env,
  };
  const { stdout } = await run(process.execPath, [...args, plain.server.url, secure.server.url], {
    cwd: folder,
    env: environment,
    timeout: 20_000,
  });
  return { lines: stdout.trim().split('\n'), counters: proxy.server.counters };
}

const ways = {
  '--import': { args: ['--import', 'ntlm-wasm/register'] },
  '--require': { args: ['--require', 'ntlm-wasm/register'] },
  NODE_OPTIONS: { args: [], env: { NODE_OPTIONS: '--import ntlm-wasm/register' } },
};

for (const [way, { args, env }] of Object.entries(ways)) {
  for (const program of ['fetch.mjs', 'http-request.mjs', 'http-request.cjs', 'worker.mjs', 'agent-false.mjs']) {
    test(`${way}: ${program}`, async (t) => {
      const { lines, counters } = await behindProxy(t, [...args, program], env);
      assert.deepEqual(lines, ['200', '200']);
      assert.equal(counters.tunnels, 1);
      assert.equal(counters.handshakes, 2);
    });
  }
}

test('an agent that the program makes itself is left alone', async (t) => {
  const { lines, counters } = await behindProxy(t, ['--import', 'ntlm-wasm/register', 'own-agent.mjs']);
  assert.deepEqual(lines, ['200', '200']);
  assert.equal(counters.requests, 0);
});

test('options of the global agent count, and an agent for one request keeps nothing', async (t) => {
  const secure = await serve(t, { role: 'none', tls: true });
  const args = ['--import', 'ntlm-wasm/register', 'global-options.mjs', secure.server.url, secure.server.certificate];
  const { stdout } = await run(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, NO_PROXY: '*' },
    timeout: 20_000,
  });
  assert.deepEqual(stdout.trim().split('\n'), [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    '200',
    '200',
    'false false true',
    'true true https:',
  ]);
});

test('http, https and fetch of a registered process try a wrong password once', async (t) => {
  const { server, legs } = await serve(t, { accounts: { alice: 'right' } });
  const program = `
    import { register } from 'ntlm-wasm/node';
    import http from 'node:http';
    import https from 'node:https';
    register({ proxy: process.argv[1], credentials: { username: 'alice', password: 'wrong' } });
    const get = (client, url, options) =>
      new Promise((resolve) => client.get(url, options, (response) => resolve(response.resume().statusCode)).on('error', resolve));
    await Promise.all([
      get(http, 'http://a.test/'), get(https, 'https://a.test/'), fetch('http://b.test/').catch(() => {}),
      ...Array.from({ length: 5 }, () => get(http, 'http://a.test/', { agent: false })),
    ]);
    process.exit();`;
  await run(process.execPath, ['--input-type=module', '-e', program, server.url], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    timeout: 20_000,
  });
  assert.equal(received(legs, 3), 1);
});
