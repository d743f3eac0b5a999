// startServer, the built-in proxy and origin, with real clients.

import assert from 'node:assert/strict';
import { startServer } from 'ntlm-wasm/node';
import { CLIENTS } from './lib/http-clients.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { runProgram } from './lib/run-program.mjs';

const TABLE = 'startServer with clients';
const { alice } = lab.users;
const accounts = { [alice.name]: { password: alice.password } };
const hosts = { 'origin.test': '127.0.0.1' };

/** What the server did for a client: statuses by user, and its counters. */
async function visit({ fetch, isProxy, scheme = 'NTLM' }, user) {
  const served = [];
  const role = isProxy ? 'proxy' : 'origin';
  const onRequest = ({ side, status, username }) => served.push({ side, status, username });
  const server = await startServer({ role, schemes: [scheme], accounts, hosts, onRequest });
  const page = await startServer({ role: 'none' });
  try {
    if (isProxy) await fetch(`http://origin.test:${page.port}/`, user, server.url);
    else await fetch(`${server.url}/`, user);
    return { served, counters: server.counters, role };
  } finally {
    await Promise.all([server.close(), page.close()]);
  }
}

for (const client of CLIENTS) {
  cell(TABLE, 'authenticates', client.name, async () => {
    const { served, counters, role } = await visit(client, alice);
    assert.ok(counters.handshakes >= 1);
    assert.equal(counters.refused, 0);
    const success = ({ side, status, username }) =>
      side === role && status === 200 && username?.toLowerCase() === alice.name;
    assert.ok(served.some(success), JSON.stringify(served));
  });

  cell(TABLE, 'wrong password refused', client.name, async () => {
    const { served, counters } = await visit(client, { ...alice, password: 'not the password' });
    assert.equal(counters.handshakes, 0);
    assert.ok(counters.refused >= 1);
    assert.ok(!served.some(({ status }) => status === 200));
  });
}

cell(TABLE, 'authenticates, CONNECT', 'curl', async () => {
  const proxy = await startServer({ accounts, hosts });
  const page = await startServer({ role: 'none', tls: true });
  try {
    const config = [
      `proxy = "${proxy.url}"`,
      'proxy-ntlm',
      `proxy-user = "${alice.name}:${alice.password}"`,
      `url = "https://origin.test:${page.port}/"`,
    ];
    const args = ['-sS', '-k', '-o', '/dev/null', '-w', '%{http_connect} %{http_code}', '-K', '-'];
    const { stdout, stderr } = await runProgram('curl', args, { input: config.join('\n') });
    assert.equal(stdout, '200 200', stderr);
    assert.equal(proxy.counters.tunnels, 1);
  } finally {
    await Promise.all([proxy.close(), page.close()]);
  }
});
