/**
 * Runs the example against the built-in server, with the right password and with a wrong one.
 *
 *     node run.mjs EXAMPLE
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startServer } from 'ntlm-wasm/node';

const [example] = process.argv.slice(2);
const server = await startServer({ accounts: { alice: 'opensesame' } });
const fetchWith = (password) =>
  promisify(execFile)(example, [new URL(server.url).host, `${server.url}/echo`, 'alice', password]);
try {
  const { stdout, stderr } = await fetchWith('opensesame');
  assert.match(stderr, /^200/);
  assert.equal(JSON.parse(stdout).method, 'GET');
  await assert.rejects(fetchWith('wrong'), /Rejected|rejected/);
  assert.equal(server.counters.handshakes, 1);
} finally {
  await server.close();
}
