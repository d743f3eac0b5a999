// 10,000 requests of 100 callers of three kinds, while origins, connections of the upstream proxy and callers die: none is lost,
// none is mixed up.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { startProxy, startServer } from 'ntlm-wasm/node';
import { startDyingRelay } from '../soak/dying-relay.mjs';
import { generator } from '../soak/support.mjs';

const SECRET = 'the-secret';
const CALLERS = 100;
const REQUESTS = 100;

/** Answers with its path; some requests die with their connection the first time. */
async function mortalOrigin(t) {
  const died = new Set();
  const server = http.createServer((req, res) => {
    const id = req.url.slice(1);
    const [caller, number] = id.split('-').map(Number);
    if ((caller + number) % 50 === 0 && !died.has(id)) {
      died.add(id);
      req.socket.destroy();
      return;
    }
    res.end(`${id}\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: server.address().port, died };
}

/** One connection, on which requests are made one after the other. It rejects when the connection ends. */
class Line {
  #socket;
  #text = '';
  #wake = () => {};
  #ended = false;

  constructor(socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (piece) => ((this.#text += piece), this.#wake()));
    for (const event of ['close', 'error', 'end']) socket.on(event, () => ((this.#ended = true), this.#wake()));
  }

  write(bytes) {
    this.#socket.write(bytes, 'latin1');
  }

  async take(match) {
    for (;;) {
      const length = match(this.#text);
      if (length !== undefined) {
        const taken = this.#text.slice(0, length);
        this.#text = this.#text.slice(length);
        return taken;
      }
      if (this.#ended) throw new Error('closed');
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  async get(target, headers = '') {
    this.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    const whole = await this.take((text) => {
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return undefined;
      const total = end + 4 + Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      return text.length >= total ? total : undefined;
    });
    return { status: Number(whole.split(' ')[1]), body: whole.slice(whole.indexOf('\r\n\r\n') + 4) };
  }

  destroy() {
    this.#socket.destroy();
  }
}

const exactly = (length) => (text) => (text.length >= length ? length : undefined);

async function open(port) {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return new Line(socket);
}

test('10,000 requests of 100 callers by HTTP, SOCKS and forwarded ports', { timeout: 110_000 }, async (t) => {
  const origin = await mortalOrigin(t);
  const upstream = await startServer({ accounts: { alice: 'pw' } });
  t.after(() => upstream.close({ grace: 0 }));
  const relay = await startDyingRelay(t, upstream.port, { chance: 0.02, end: '\n', random: generator(1865) });
  const proxy = await startProxy({
    proxy: `http://127.0.0.1:${relay.port}`,
    credentials: { username: 'alice', password: 'pw' },
    secret: SECRET,
    socks: { port: 0 },
    forwards: [{ port: 0, target: `127.0.0.1:${origin.port}` }],
  });
  t.after(() => proxy.close({ grace: 0 }));
  const socksPort = Number(/:(\d+)$/.exec(proxy.socksUrl)[1]);
  const shown = `Proxy-Authorization: Basic ${Buffer.from(`ntlm-wasm:${SECRET}`).toString('base64')}\r\n`;
  const kinds = {
    http: { open: () => open(proxy.port), get: (line, id) => line.get(`http://127.0.0.1:${origin.port}/${id}`, shown) },
    socks: {
      async open() {
        const line = await open(socksPort);
        line.write('\x05\x01\x02');
        await line.take(exactly(2));
        line.write(`\x01\x09ntlm-wasm${String.fromCharCode(SECRET.length)}${SECRET}`);
        await line.take(exactly(2));
        line.write(`\x05\x01\x00\x01\x7f\x00\x00\x01${String.fromCharCode(origin.port >> 8, origin.port & 255)}`);
        assert.equal((await line.take(exactly(10))).charCodeAt(1), 0);
        return line;
      },
      get: (line, id) => line.get(`/${id}`),
    },
    forward: { open: () => open(proxy.forwardedPorts[0]), get: (line, id) => line.get(`/${id}`) },
  };
  const names = Object.keys(kinds);
  const answered = Object.fromEntries(names.map((name) => [name, 0]));
  let left = 0;
  const call = async (caller) => {
    const name = names[caller % 3];
    const { open, get } = kinds[name];
    let line = await open();
    for (let number = 0; number < REQUESTS; number += 1) {
      const id = `${caller}-${number}`;
      if ((caller + 3 * number) % 61 === 0) {
        // The caller dies after its request has gone out.
        get(line, id).catch(() => {});
        line.destroy();
        left += 1;
        line = await open();
      }
      for (let attempt = 1; ; attempt += 1) {
        assert.ok(attempt <= 5, `${id} was lost`);
        const answer = await get(line, id).catch(() => undefined);
        if (answer?.status === 200) {
          assert.equal(answer.body, `${id}\n`, 'the answer is that of this request');
          break;
        }
        // The origin has died: the caller gets a status, or its tunnel ends.
        if (answer !== undefined) assert.equal(answer.status, 502);
        else line = await open();
      }
      answered[name] += 1;
    }
    line.destroy();
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
  assert.deepEqual(answered, { http: 3400, socks: 3300, forward: 3300 });
  assert.ok(origin.died.size > 100, `${origin.died.size} connections of the origin died`);
  assert.ok(relay.counters.killed > 100, `${relay.counters.killed} connections of the upstream proxy died`);
  assert.equal(upstream.counters.refused, 0);
  t.diagnostic(`${relay.counters.killed} of ${relay.counters.connections} upstream connections killed`);
  assert.ok(left > 100, `${left} callers died`);
  assert.ok(proxy.status().requests >= 3400 + 66);
});
