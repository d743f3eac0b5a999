// Sixteen workers of `hey` through the local proxy in front of Squid: no request fails.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { lab } from './lib/lab.mjs';
import { startProxy } from 'ntlm-wasm/node';

const { bob } = lab.users;
const credentials = { username: bob.name, domain: bob.domain, password: bob.password };

/** Returns the number of responses by status, and the errors, as `hey` prints them. */
async function load({ url, count, options = [], ...limits }) {
  const proxy = await startProxy({ proxy: lab.proxies.ntlm.url, credentials, secret: false, ...limits });
  try {
    const args = ['-n', count, '-c', 16, '-x', `http://127.0.0.1:${proxy.port}`, ...options, url].map(String);
    const { stdout } = await promisify(execFile)('hey', args, { timeout: 120_000 });
    const [, statuses, errors] = /Status code distribution:\n([^]*?)\n\n([^]*)$/.exec(stdout) ?? [
      undefined,
      '',
      stdout,
    ];
    return { statuses: statuses.trim(), errors: errors.trim() };
  } finally {
    await proxy.close({ grace: 0 });
  }
}

const { http, https } = lab.origins.apache;

test('hey: 8,000 requests over keep-alive connections', async () => {
  const result = await load({ url: `${http}/1k.bin`, count: 8000 });
  assert.deepEqual(result, { statuses: '[200]\t8000 responses', errors: '' });
});

test('hey: 8,000 requests inside tunnels', async () => {
  const result = await load({ url: `${https}/1k.bin`, count: 8000 });
  assert.deepEqual(result, { statuses: '[200]\t8000 responses', errors: '' });
});

test('hey: 480 new tunnels with 8 places: callers wait', async () => {
  const options = ['-disable-keepalive'];
  const result = await load({ url: `${https}/1k.bin`, count: 480, maxConnections: 8, options });
  assert.deepEqual(result, { statuses: '[200]\t480 responses', errors: '' });
});
