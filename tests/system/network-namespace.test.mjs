// Another machine, as far as the network goes: a namespace with two addresses, of which one is allowed.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startProxy, startServer } from '../../pkg/dist/node/index.js';

const run = promisify(execFile);
const NAME = `ntlm-wasm-${process.pid}`;
const HERE = '10.203.7.1';
const ALLOWED = '10.203.7.2';
const REFUSED = '10.203.7.3';
const SECRET = 'the-secret';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const inside = (...args) => ip('netns', 'exec', NAME, ...args);

function createNamespace(t) {
  ip('netns', 'add', NAME);
  t.after(() => ip('netns', 'del', NAME));
  const outer = `nw${process.pid % 100_000}`;
  ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'inner');
  ip('link', 'set', 'inner', 'netns', NAME);
  ip('addr', 'add', `${HERE}/24`, 'dev', outer);
  ip('link', 'set', outer, 'up');
  for (const address of [ALLOWED, REFUSED]) inside('ip', 'addr', 'add', `${address}/24`, 'dev', 'inner');
  inside('ip', 'link', 'set', 'inner', 'up');
}

/** curl from the namespace, by one of its addresses: its exit status and the HTTP status. */
async function curl(from, proxy, url) {
  const args = [
    '-sS',
    '--max-time',
    '20',
    '--interface',
    from,
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '-x',
    proxy,
    url,
  ];
  const result = await run('ip', ['netns', 'exec', NAME, 'curl', ...args]).catch((error) => error);
  return { code: result.code ?? 0, status: result.stdout };
}

test('a namespace reaches the proxy upstream by --allow; an address that is not allowed gets nothing', async (t) => {
  createNamespace(t);
  const origin = http.createServer((_req, res) => res.end('page'));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  t.after(() => origin.close());
  const server = await startServer({ accounts: { alice: 'pw' } });
  t.after(() => server.close({ grace: 0 }));
  const requests = [];
  const proxy = await startProxy({
    proxy: server.url,
    credentials: { username: 'alice', password: 'pw' },
    secret: SECRET,
    host: '0.0.0.0',
    allow: [ALLOWED],
    socks: { host: '0.0.0.0', port: 0 },
    onRequest: (request) => requests.push(request),
  });
  t.after(() => proxy.close({ grace: 0 }));
  const url = `http://127.0.0.1:${origin.address().port}/`;
  const at = (scheme, port) => `${scheme}://ntlm-wasm:${SECRET}@${HERE}:${port}`;
  const socks = at('socks5h', /:(\d+)$/.exec(proxy.socksUrl)[1]);
  assert.deepEqual(await curl(ALLOWED, at('http', proxy.port), url), { code: 0, status: '200' });
  assert.deepEqual(await curl(ALLOWED, socks, url), { code: 0, status: '200' });
  const withoutSecret = await curl(ALLOWED, `http://${HERE}:${proxy.port}`, url);
  assert.equal(withoutSecret.status, '407', 'the secret is required as well');
  const before = requests.length;
  for (const proxyUrl of [at('http', proxy.port), socks]) {
    const { code, status } = await curl(REFUSED, proxyUrl, url);
    assert.notEqual(code, 0);
    assert.equal(status, '000', 'not a byte of an answer');
  }
  assert.equal(requests.length, before);
});
