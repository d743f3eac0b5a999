// The local proxy between curl and Squid: every way in, and every way out that it can choose.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { startProxy } from 'ntlm-wasm/node';
import { lab, publishPage } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { runProgram } from './lib/run-program.mjs';

const TABLE = 'The local proxy with curl, behind Squid';
const { down_level: username, password } = lab.users.alice;
const SECRET = 'the-secret';

/** A port at which nothing listens. */
async function deadPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const squid = new URL(lab.proxies.ntlm.url);
const UPSTREAM = {
  'one proxy': async () => ({ proxy: squid.href, throughSquid: true }),
  'second of two proxies': async () => ({
    proxy: `PROXY 127.0.0.1:${await deadPort()}; PROXY ${squid.host}`,
    throughSquid: true,
  }),
  'fallback: direct': async () => ({
    proxy: `http://127.0.0.1:${await deadPort()}`,
    fallback: 'direct',
    throughSquid: false,
  }),
};

const WAYS = {
  'HTTP proxy, http:': ({ port }, { http }) => ['-x', `http://ntlm-wasm:${SECRET}@127.0.0.1:${port}`, http],
  'HTTP proxy, https:': ({ port }, { https }) => ['-x', `http://ntlm-wasm:${SECRET}@127.0.0.1:${port}`, https],
  'SOCKS5, http:': ({ socksUrl }, { http }) => ['-x', socksUrl.replace('socks5:', 'socks5h:'), http],
  'SOCKS5, https:': ({ socksUrl }, { https }) => ['-x', socksUrl.replace('socks5:', 'socks5h:'), https],
  'forwarded port': ({ forwardedPorts: [port] }, { http }) => {
    const { pathname } = new URL(http);
    return ['--noproxy', '*', `http://127.0.0.1:${port}${pathname}`];
  },
};

for (const [way, argumentsFor] of Object.entries(WAYS)) {
  for (const [name, upstream] of Object.entries(UPSTREAM)) {
    cell(TABLE, way, name, async () => {
      const { throughSquid, ...options } = await upstream();
      const page = publishPage('a page by the local proxy\n');
      const proxy = await startProxy({
        ...options,
        credentials: { username, password },
        secret: SECRET,
        socks: { port: 0 },
        forwards: [{ port: 0, target: new URL(page.http).host }],
      });
      try {
        const args = ['-sS', '--max-time', '20', '--cacert', lab.ca, ...argumentsFor(proxy, page)];
        // The second request finds the dead proxy at the end of the list.
        for (let visit = 0; visit < 2; visit += 1) {
          const { stdout, stderr } = await runProgram('curl', args);
          assert.equal(stdout, 'a page by the local proxy\n', stderr);
        }
        assert.equal(proxy.status().upstream.at(-1), throughSquid ? squid.href.replace(/\/$/, '') : 'direct');
        assert.equal(proxy.status().connections > 0, throughSquid);
      } finally {
        page.remove();
        await proxy.close({ grace: 0 });
      }
    });
  }
}
