// What callers can send to the local proxy, with Squid behind it: llhttp's request vectors, and requests that were changed at
// random. Squid and the origin behind it see whole requests, each of them one that a strict server finds in the same bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from 'ntlm-wasm/node';
import { mutations, send, startOrigin, startReference, vectors } from '../js/proxy/requests.mjs';
import { lab, SquidLog } from './lib/lab.mjs';

const { bob } = lab.users;
const credentials = { username: bob.down_level, password: bob.password };
/** Inputs that are sent at the same time. */
const LANES = 64;
/** Milliseconds without a byte after which a caller leaves; four times as many before the first byte. */
const PATIENCE = 400;

/** Sends one input. It has its own origin and strict server, so that late requests are counted for it. */
async function sendCase(t, proxy, write) {
  const origin = await startOrigin(t);
  const reference = await startReference(t);
  const bytes = write(origin.host);
  await Promise.all([send(reference.port, bytes), send(proxy.port, bytes, PATIENCE)]);
  return { origin, reference, text: JSON.stringify(bytes.toString('latin1')) };
}

for (const [name, cases] of Object.entries({ 'llhttp’s vectors': vectors, '700 changed requests': mutations(700) })) {
  test(`nothing reaches Squid that was not one request: ${name}`, { timeout: 60_000 }, async (t) => {
    const log = new SquidLog();
    const proxy = await startProxy({ proxy: lab.proxies.ntlm.url, credentials, secret: false });
    t.after(() => proxy.close({ grace: 0 }));
    const inputs = cases.values();
    const sent = [];
    const lane = async () => {
      for (const write of inputs) sent.push(await sendCase(t, proxy, write));
    };
    await Promise.all(Array.from({ length: LANES }, lane));

    const entries = await log.requests('');
    // Squid logs bytes that it cannot read as a request under the URL "error:…", as it logs a connection that ends unused.
    const unused = 'error:transaction-end-before-headers';
    const unreadable = entries.filter(({ url }) => url.startsWith('error:') && url !== unused);
    assert.deepEqual(unreadable, []);
    let total = 0;
    for (const { origin, reference, text } of sent) {
      const [found, expected] = [origin.take(), reference.take()];
      for (const { request, fault } of found) {
        assert.equal(fault, undefined, text);
        const at = expected.indexOf(request);
        assert.notEqual(at, -1, `${JSON.stringify(request)} is none of ${JSON.stringify(expected)} in ${text}`);
        expected.splice(at, 1);
      }
      // 407 is a leg of the handshake. An upgrade gets a tunnel.
      const passed = entries.filter(({ url, status }) => url.includes(origin.host) && status === 200);
      assert.equal(passed.length, found.length, text);
      total += found.length;
    }
    t.diagnostic(`${cases.length} inputs, ${total} requests at the origins, ${entries.length} at Squid`);
    assert.ok(total > cases.length / 20, `${total} requests arrived`);
  });
}
