import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clients, outcomeOf, PATIENCE } from './clients.mjs';
import { demand, forMethod, page, PAGE, startFaultProxy } from './fault-proxy.mjs';
import { joinTunnel, startOrigin } from './tunnel.mjs';

/*
 * Each answer of the proxy, cut off after each of its bytes: by an orderly end, and by a reset. Only what arrived whole
 * may count as an answer; everything else is a coded error at once.
 */
const UNTIL_CLOSE = /^(ERR_NTLM_|UND_ERR_SOCKET|ECONNRESET|EPIPE|HPE_)/;

async function cut(connection, text, length, how) {
  connection.send(text.slice(0, length));
  // The bytes must be on their way before a reset, which would take them along.
  await new Promise((resolve) => connection.socket.write('', resolve));
  if (how === 'reset') connection.reset();
  else connection.end();
}

/** Runs the script once for each length and checks how the client takes it. */
async function eachLength(t, make, url, script, more) {
  let longest = Infinity;
  for (let length = 0; length <= longest; length += 1) {
    const proxy = await startFaultProxy(t, (connection, number) =>
      script(connection, length, (text) => (longest = text.length), number),
    );
    const outcome = await outcomeOf(make(proxy, more)(url));
    if (outcome.code === undefined) {
      assert.equal(outcome.status, 200, `cut after ${length}`);
      assert.equal(outcome.body, PAGE, `cut after ${length}`);
    } else {
      assert.match(outcome.code, UNTIL_CLOSE, `cut after ${length}: ${outcome.error?.stack}`);
    }
    assert.deepEqual(proxy.failures, []);
    const messages = proxy.authenticateMessages;
    assert.equal(new Set(messages).size, messages.length, `a token twice, cut after ${length}`);
    assert.ok(messages.length <= 1, `${messages.length} messages 3, cut after ${length}`);
    await proxy.close();
  }
  assert.ok(longest > 20 && longest < Infinity);
}

for (const [client, make] of Object.entries(clients)) {
  for (const how of ['end', 'reset']) {
    test(`${client}: the challenge, cut after each byte (${how})`, { timeout: PATIENCE * 60 }, (t) =>
      eachLength(t, make, 'http://www.example/', async (connection, length, seen) => {
        const first = await connection.request();
        const text = forMethod(first, demand(connection.challengeFor(first)));
        seen(text);
        await cut(connection, text, length, how);
      }),
    );

    test(`${client}: the page, cut after each byte (${how})`, { timeout: PATIENCE * 60 }, (t) =>
      eachLength(t, make, 'http://www.example/', async (connection, length, seen, number) => {
        // A connection that died without a word may be tried once more, but not with these credentials' message 3.
        if (number > 1) return connection.end();
        const text = page(await connection.handshake());
        seen(text);
        await cut(connection, text, length, how);
      }),
    );

    test(`${client}: the answer to CONNECT, cut after each byte (${how})`, { timeout: PATIENCE * 60 }, async (t) => {
      const origin = await startOrigin(t);
      const text = 'HTTP/1.1 200 Connection established\r\nX: 1\r\n\r\n';
      await eachLength(
        t,
        make,
        origin.url,
        async (connection, length, seen) => {
          await connection.handshake();
          seen(text);
          if (length < text.length) return cut(connection, text, length, how);
          connection.send(text);
          joinTunnel(connection, origin.port);
        },
        { tls: { ca: origin.certificate } },
      );
    });
  }
}
