/**
 * What callers can send, against the local proxy: the llhttp request vectors, and requests that were changed at random. What
 * reaches the origin must be whole requests, each framed once, and only such as a strict server finds in the same bytes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from 'ntlm-wasm/node';
import { mutations, send, startOrigin, startReference, vectors } from './requests.mjs';

for (const [name, cases] of Object.entries({ 'llhttp’s vectors': vectors, '700 changed requests': mutations(700) })) {
  test(`nothing reaches the origin that was not one request: ${name}`, { timeout: 300_000 }, async (t) => {
    const origin = await startOrigin(t);
    const reference = await startReference(t);
    const proxy = await startProxy({ proxy: 'direct', secret: false });
    t.after(() => proxy.close({ grace: 0 }));
    let forwarded = 0;
    for (const write of cases) {
      const bytes = write(origin.host);
      await send(reference.port, bytes);
      await send(proxy.port, bytes);
      const found = origin.take();
      const expected = reference.take();
      const text = JSON.stringify(bytes.toString('latin1'));
      for (const { request, fault } of found) {
        assert.equal(fault, undefined, text);
        assert.ok(
          expected.includes(request),
          `${JSON.stringify(request)} is none of ${JSON.stringify(expected)} in ${text}`,
        );
      }
      assert.ok(found.length <= expected.length, text);
      forwarded += found.length;
    }
    assert.ok(forwarded > cases.length / 20, `${forwarded} requests were forwarded`);
  });
}
