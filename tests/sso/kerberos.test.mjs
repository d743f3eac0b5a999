// Kerberos with a ticket and no password, from every runtime: through the proxies and to the servers.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ca, lab, LogTail, publishPage, SquidLog } from '../interop/lib/lab.mjs';
import { runProgram } from '../interop/lib/run-program.mjs';
import { RUNTIMES } from '../interop/lib/runtimes.mjs';
import { behindProxy, byName, environment, scratchFolder, ticketOf } from './lib/sso.mjs';

const PROGRAM = fileURLToPath(new URL('../interop/clients/visit.mjs', import.meta.url));
const ticket = ticketOf('alice', scratchFolder(after));
const page = publishPage('x'.repeat(1024));
after(() => page.remove());

const { apache, epa } = lab.origins;
const base = { credentials: 'system', tls: { ca: ca.toString() } };
const through = (proxy) => ({ ...base, proxy: byName(proxy.url) });
const directTo = (origin) => ({ ...base, proxy: 'direct', servers: [origin] });
const [plain, secure] = [behindProxy(page.http), behindProxy(page.https)];
const bound = Object.fromEntries(Object.entries(epa.https).map(([name, url]) => [name, byName(url)]));
const required = '/gssapi/require/negotiate?bytes=1024';

const VISITS = {
  'Squid, Negotiate and NTLM': { url: plain, options: through(lab.proxies.both) },
  'Squid, Negotiate and NTLM, tunnel': { url: secure, options: through(lab.proxies.both) },
  'Squid, Negotiate only': { url: plain, options: through(lab.proxies.negotiate) },
  'Squid, Negotiate only, tunnel': { url: secure, options: through(lab.proxies.negotiate) },
  "Squid's own Kerberos helper": { url: plain, options: through(lab.proxies.wrapper) },
  "Squid's own Kerberos helper, tunnel": { url: secure, options: through(lab.proxies.wrapper) },
  'an https: proxy': { url: plain, options: through(lab.proxies.tls) },
  'Apache, Kerberos only': {
    url: `${byName(apache.http)}/krb/1k.bin`,
    options: directTo(byName(apache.http)),
  },
  'Apache, Kerberos and NTLM, TLS': {
    url: `${byName(apache.https)}/both/1k.bin`,
    options: directTo(byName(apache.https)),
  },
  ...Object.fromEntries(
    ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256', 'ecdsa-sha384', 'rsapss-sha256'].map((certificate) => [
      `channel bindings required, ${certificate}`,
      { url: bound[certificate] + required, options: directTo(bound[certificate]) },
    ]),
  ),
};

for (const { name: runtime, command, args } of RUNTIMES) {
  for (const client of ['createFetch', 'NtlmDispatcher', 'NtlmAgent']) {
    test(`${runtime}, ${client}: ${Object.keys(VISITS).length} targets`, async () => {
      const { stdout, stderr } = await runProgram(command, [...args, PROGRAM], {
        env: environment({ ticket, VISIT: JSON.stringify({ client, visits: VISITS }) }),
      });
      assert.ok(stdout.startsWith('{'), stderr);
      const expected = Object.fromEntries(Object.keys(VISITS).map((name) => [name, { status: 200, bytes: 1024 }]));
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }
}

const node = (visits) =>
  runProgram(process.execPath, [PROGRAM], {
    env: environment({ ticket, VISIT: JSON.stringify({ client: 'NtlmAgent', visits }) }),
  });

test('the servers saw alice, by Kerberos, bound to their certificates', async () => {
  const squid = new SquidLog();
  const seen = new LogTail(epa.log);
  await node(VISITS);
  const requests = await squid.requests(page.name, 4);
  assert.deepEqual(
    new Set(requests.filter(({ status }) => status === 200).map(({ user }) => user)),
    new Set(['CORP\\alice']),
  );
  const served = (await seen.settled((lines) => lines.length >= 6)).map((line) => JSON.parse(line));
  assert.deepEqual(
    served.filter(({ ok }) => ok).map(({ user, mechanism, policy }) => [user, mechanism, policy]),
    Object.keys(bound).map(() => ['alice@CORP.EXAMPLE', 'krb5', 'require']),
  );
});

test('a binding to another certificate is refused, so the right one counts', async () => {
  const [url] = Object.values(bound);
  const options = { ...directTo(url), channelBindings: 'off' };
  const { stdout } = await node({ off: { url: url + required, options } });
  assert.match(JSON.parse(stdout).off.error ?? '', /credentials were refused/);
});
