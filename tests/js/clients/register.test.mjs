import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { credentials, serve } from './servers.mjs';

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
