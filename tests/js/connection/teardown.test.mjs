/** Connections that are given up at awkward moments. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

// In a child process, because the failure is a crash.
const PROGRAM = `
  import { createFetch, startServer } from ${JSON.stringify(new URL('../../../pkg/dist/node/index.js', import.meta.url))};
  const server = await startServer({ role: 'origin', tls: true });
  const anonymous = createFetch({ proxy: 'DIRECT', servers: [server.url], credentials: 'system', tls: { ca: server.certificate } });
  for (let time = 0; time < 3; time += 1) await anonymous(server.url + '/').catch(({ code }) => console.log(code));
  await server.close();
`;

test('no credentials right after the TLS handshake', () => {
  const env = { PATH: process.env.PATH, NTLM_ADDON: 'missing.node' };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    encoding: 'utf8',
    env,
  });
  assert.equal(stdout, 'ERR_NTLM_SSO_UNAVAILABLE\n'.repeat(3), stderr);
  assert.deepEqual({ status, signal }, { status: 0, signal: null });
});
