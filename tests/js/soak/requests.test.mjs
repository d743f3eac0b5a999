import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { startServer } from 'ntlm-wasm/node';
import { adapters } from '../clients/both.mjs';
import { startDyingRelay } from './dying-relay.mjs';
import { generator, long, memory } from './support.mjs';

const accounts = { alice: 'Wonderland-1865', bob: 'Looking-Glass-1871' };
const users = Object.keys(accounts);
const LANES = 50;
const COUNT = long ? 200_000 : 2_000;

/** An NTLM proxy that notes whose connection each request came by, and a page behind it that says what it was asked. */
async function network(t, foreign) {
  const page = createServer(({ url }, response) => response.end(`${url}\n`)).listen(0, '127.0.0.1');
  // It is the relay that closes connections here: the end of Node's five seconds could meet a request behind the proxy.
  page.keepAliveTimeout = 0;
  await once(page, 'listening');
  t.after(() => page.close());
  const proxy = await startServer({
    accounts,
    onRequest({ username, target, status }) {
      if (status === 200 && !new URL(target).pathname.startsWith(`/${username}/`)) foreign.push({ username, target });
    },
  });
  t.after(() => proxy.close({ grace: 0 }));
  const relay = await startDyingRelay(t, proxy.port, { chance: 0.02, end: '\n', random: generator(1865) });
  return { proxy, relay, url: `http://127.0.0.1:${page.address().port}` };
}

for (const [name, make] of Object.entries(adapters)) {
  const title = `${name}: ${COUNT} requests of two users over ${LANES} connections that die at random: none lost, none mixed up`;
  test(title, { timeout: long ? 1_800_000 : 120_000 }, async (t) => {
    const foreign = [];
    const { proxy, relay, url } = await network(t, foreign);
    // One pool for both: only what it keeps apart by itself is apart.
    const { send } = make(t, {
      credentials: undefined,
      proxy: ({ pathname }) => {
        const user = pathname.split('/')[1];
        return `http://${user}:${accounts[user]}@127.0.0.1:${relay.port}`;
      },
    });
    let started = 0;
    let early;
    const lane = async (number) => {
      const user = users[number % users.length];
      while (started < COUNT) {
        const path = `/${user}/${(started += 1)}`;
        const { status, text } = await send(url + path);
        assert.deepEqual({ status, text }, { status: 200, text: `${path}\n` });
        if (started === COUNT / 10) early = memory();
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    const growth = memory() - early;
    const { connections, killed, mostOpen } = relay.counters;
    t.diagnostic(
      `${connections} connections, ${killed} of them killed, memory ${growth.toFixed(2)} MiB more at the end`,
    );
    assert.deepEqual(foreign, []);
    assert.equal(proxy.counters.refused, 0);
    assert.ok(killed > COUNT / 200, `${killed} killed`);
    // Those that die are replaced before they are all gone.
    assert.ok(mostOpen <= LANES * 2, `${mostOpen} open at one time`);
    assert.ok(growth < 4, `${growth} MiB more at the end than after a tenth`);
  });
}
