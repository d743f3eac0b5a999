import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clients, outcomeOf, PATIENCE } from './clients.mjs';
import { credentials, demand, page, PAGE, response, startFaultProxy } from './fault-proxy.mjs';

/* Faults on an authenticated connection that has already carried a request. */
const URL = 'http://www.example/';

/** A proxy whose first connection behaves until the second request; later connections always behave. */
async function startLive(t, make, second) {
  const proxy = await startFaultProxy(t, async (connection, number) => {
    const first = await connection.handshake();
    if (number > 1) return connection.serve(first);
    connection.send(page(first));
    await second(connection);
  });
  const send = make(proxy);
  assert.equal((await outcomeOf(send(URL))).status, 200);
  return { proxy, send };
}

for (const [client, make] of Object.entries(clients)) {
  const live = (name, body) => test(`${client}, live connection: ${name}`, { timeout: PATIENCE * 10 }, body);

  live('it asks again, and is answered on the same connection', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.send(demand('NTLM'));
      await connection.serve(await connection.handshake());
    });
    assert.equal((await outcomeOf(send(URL))).body, PAGE);
    assert.equal(proxy.connections, 1);
    assert.equal(proxy.authenticateMessages.length, 2);
  });

  live('it asks again with every request (per-request authentication)', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      for (;;) {
        const request = await connection.request();
        if (request.type === undefined) connection.send(demand('NTLM'));
        else if (request.type === 1) connection.send(demand(connection.challengeFor(request), {}, ''));
        else connection.send((await connection.admits(request)) ? page(request) : demand('NTLM'));
      }
    });
    for (let round = 1; round <= 3; round += 1) assert.equal((await outcomeOf(send(URL))).body, PAGE);
    assert.equal(proxy.connections, 1);
    assert.equal(proxy.authenticateMessages.length, 4);
  });

  live('it asks again after a body, which is sent once more', async (t) => {
    const bodies = [];
    const { send } = await startLive(t, make, async (connection) => {
      bodies.push((await connection.request()).body.toString());
      connection.send(demand('NTLM'));
      const last = await connection.handshake();
      bodies.push(last.body.toString());
      connection.send(page(last));
    });
    const outcome = await outcomeOf(send(URL, { method: 'POST', body: 'the body' }));
    assert.equal(outcome.body, PAGE);
    assert.deepEqual(bodies, ['the body', 'the body']);
  });

  live('it asks again after a body that is too long to be kept', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.send(demand('NTLM'));
    });
    const outcome = await outcomeOf(send(URL, { method: 'POST', body: Buffer.alloc(2 * 1024 * 1024) }));
    assert.equal(outcome.code, 'ERR_NTLM_BODY_NOT_REPLAYABLE');
    assert.equal(proxy.authenticateMessages.length, 1);
  });

  live('it asks again and refuses: one message 3 more, and no third', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.send(demand('NTLM'));
      await connection.handshake();
      connection.send(demand('NTLM'));
    });
    assert.equal((await outcomeOf(send(URL))).code, 'ERR_NTLM_REJECTED');
    assert.equal(proxy.authenticateMessages.length, 2);
  });

  live('it asks again in a version of HTTP that there is not', async (t) => {
    const { send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.send(demand('NTLM').replace('HTTP/1.1', 'HTTP/1.2'));
    });
    assert.equal((await outcomeOf(send(URL))).code, 'ERR_NTLM_BAD_RESPONSE');
  });

  live('it closes instead of answering a GET, which goes out once more', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.end();
    });
    assert.equal((await outcomeOf(send(URL))).body, PAGE);
    assert.equal(proxy.connections, 2);
  });

  live('it closes instead of answering a POST, which does not go out again', async (t) => {
    const { proxy, send } = await startLive(t, make, async (connection) => {
      await connection.request();
      connection.end();
    });
    const outcome = await outcomeOf(send(URL, { method: 'POST', body: 'the body' }));
    assert.ok(outcome.code, 'an error with a code');
    assert.equal(proxy.requests.filter((line) => line.startsWith('POST')).length, 1);
  });

  live('it closes while idle, and the caller sees no error', async (t) => {
    const { proxy, send } = await startLive(t, make, (connection) => connection.end());
    await delay(50);
    assert.equal((await outcomeOf(send(URL, { method: 'POST', body: 'the body' }))).body, PAGE);
    assert.equal(proxy.connections, 2);
  });

  live('it sends bytes while idle: the connection is not trusted any more', async (t) => {
    const { proxy, send } = await startLive(t, make, (connection) =>
      connection.send(response(200, {}, 'for somebody else')),
    );
    await delay(50);
    assert.equal((await outcomeOf(send(URL))).body, PAGE);
    assert.equal(proxy.connections, 2);
  });

  live('it answers before the body has arrived, and closes', async (t) => {
    const { send } = await startLive(t, make, async (connection) => {
      await connection.requestHead();
      connection.end(response(413, { Connection: 'close' }, 'too much'));
    });
    const outcome = await outcomeOf(send(URL, { method: 'POST', body: Buffer.alloc(256 * 1024) }));
    if (outcome.code === undefined) assert.equal(outcome.status, 413);
    else assert.match(outcome.code, /^(EPIPE|ECONNRESET|UND_ERR_SOCKET)$/);
  });

  test(
    `${client}: a wrong password is sent once, however many requests there are`,
    { timeout: PATIENCE * 10 },
    async (t) => {
      const proxy = await startFaultProxy(t, async (connection) => {
        for (;;) {
          const request = await connection.request();
          connection.send(demand(request.type === 1 ? connection.challengeFor(request) : 'NTLM', {}, ''));
        }
      });
      const send = make(proxy, { credentials: { ...credentials(), password: 'wrong' } });
      for (let count = 0; count < 5; count += 1) assert.equal((await outcomeOf(send(URL))).code, 'ERR_NTLM_REJECTED');
      assert.equal(proxy.authenticateMessages.length, 1);
    },
  );
}
