// Every client class against every kind of target, in every runtime.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { ca, lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { runProgram } from './lib/run-program.mjs';
import { RUNTIMES } from './lib/runtimes.mjs';

const TABLE = 'Clients, targets and runtimes';
const PROGRAM = fileURLToPath(new URL('clients/visit.mjs', import.meta.url));
const CLIENTS = ['createFetch', 'NtlmDispatcher', 'NtlmAgent', 'axios', 'got', 'node-fetch', 'superagent'];

const { alice } = lab.users;
const { apache, squid_accel: accel, epa } = lab.origins;
const base = {
  credentials: { username: alice.name, domain: alice.domain, password: alice.password },
  tls: { ca: ca.toString() },
};
const through = (proxy) => ({ ...base, proxy: proxy.url });
/** By a name that only the proxy can resolve: a client that goes around it gets nowhere. */
const behindProxy = (url) => url.replace(lab.ip, 'www.corp.example');
const directTo = (origin) => ({ ...base, proxy: 'DIRECT', servers: [origin] });
const bound = epa.https['ecdsa-sha256'];
const required = '/winbind/require/ntlm?bytes=1024';
const [plain, secure] = [apache.http, apache.https].map((origin) => `${behindProxy(origin)}/1k.bin`);

const VISITS = {
  'http: through a proxy': { url: plain, options: through(lab.proxies.both) },
  'https: through a proxy': { url: secure, options: through(lab.proxies.both) },
  'http: through an https: proxy': { url: plain, options: through(lab.proxies.tls) },
  'https: through an https: proxy': { url: secure, options: through(lab.proxies.tls) },
  'NTLM server': { url: `${accel.http}/1k.bin`, options: directTo(accel.http) },
  'NTLM server, channel bindings required': { url: bound + required, options: directTo(bound) },
  'proxy and such a server at once': {
    url: behindProxy(bound) + required,
    options: { ...directTo(behindProxy(bound)), proxy: lab.proxies.both.url },
  },
};

for (const { name: runtime, command, args } of RUNTIMES) {
  for (const client of CLIENTS) {
    let results; // one start of the runtime serves all targets
    const visitAll = async () => {
      const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
        env: { VISIT: JSON.stringify({ client, visits: VISITS }) },
      });
      assert.ok(stdout.startsWith('{'), stderr);
      return JSON.parse(stdout);
    };
    for (const target of Object.keys(VISITS)) {
      cell(TABLE, `${client}, ${target}`, runtime, async () => {
        assert.deepEqual((await (results ??= visitAll()))[target], { status: 200, bytes: 1024 });
      });
    }
  }
}

const REGISTERED = fileURLToPath(new URL('clients/registered.mjs', import.meta.url));

for (const { name: runtime, command } of RUNTIMES.filter(({ name }) => name.startsWith('Node'))) {
  cell(TABLE, '--import ntlm-wasm/register', runtime, async () => {
    const args = ['--import', import.meta.resolve('ntlm-wasm/register'), REGISTERED, plain, secure];
    const env = {
      HTTP_PROXY: lab.proxies.both.url,
      HTTPS_PROXY: lab.proxies.both.url,
      NTLM_USERNAME: alice.down_level,
      NTLM_PASSWORD: alice.password,
      NODE_EXTRA_CA_CERTS: lab.ca,
    };
    const { stdout, stderr } = await runProgram(command, args, { env });
    const got = { fetch: 1024, 'http.get': 1024 };
    assert.equal(stdout, `${JSON.stringify([got, got])}\n`, stderr);
  });
}
