import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { demoAccount, startProxy, startServer } from 'ntlm-wasm/node';
import { startDyingRelay } from './dying-relay.mjs';
import { descriptors, generator, long, memory } from './support.mjs';

const CLIENTS = 100;
const COUNT = long ? 10_000 : 1_000;

/** Page, NTLM proxy, a relay that kills connections, the local proxy: what a request goes through, from its end. */
async function network(t) {
  const page = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end(`${request.method} ${request.url} ${body}\n`);
  });
  page.keepAliveTimeout = 0;
  page.listen(0, '127.0.0.1');
  await once(page, 'listening');
  const upstream = await startServer();
  const relay = await startDyingRelay(t, upstream.port, { chance: 0.05, end: '\n', random: generator(1871) });
  const proxy = await startProxy({ proxy: `http://127.0.0.1:${relay.port}`, credentials: demoAccount });
  const close = async () => {
    await proxy.close({ grace: 0 });
    await upstream.close({ grace: 0 });
    page.closeAllConnections();
    page.close();
    relay.close();
  };
  return { page, upstream, relay, proxy, close, url: `http://127.0.0.1:${page.address().port}` };
}

/** A client with one connection at a time, which reads one answer after the other. */
class Client {
  #port;
  #secret;
  #socket;
  #text = '';
  #wake = () => {};

  constructor({ port, secret }) {
    this.#port = port;
    this.#secret = Buffer.from(`ntlm-wasm:${secret}`).toString('base64');
  }

  write(method, target, body = '') {
    if (this.#socket === undefined || this.#socket.destroyed) {
      this.#text = '';
      this.#socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      this.#socket.on('data', (chunk) => {
        this.#text += chunk.toString('latin1');
        this.#wake();
      });
      this.#socket.on('close', () => this.#wake()).on('error', () => {});
    }
    const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
    const fields = `Host: test\r\nProxy-Authorization: Basic ${this.#secret}\r\n${length}`;
    this.#socket.write(`${method} ${target} HTTP/1.1\r\n${fields}\r\n${body}`);
  }

  /** Status and body of the answer, which must have a length and come whole. */
  async answer() {
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      const head = this.#text.slice(0, Math.max(end, 0));
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
      if (end !== -1 && this.#text.length >= end + 4 + length) {
        const body = this.#text.slice(end + 4, end + 4 + length);
        this.#text = this.#text.slice(end + 4 + length);
        return { status: Number(head.slice(9, 12)), body };
      }
      assert.equal(this.#socket.destroyed, false, `the proxy closed, after ${JSON.stringify(this.#text)}`);
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  die() {
    this.#socket?.destroy();
  }
}

const title = `${COUNT} requests of ${CLIENTS} clients through one local proxy, with clients and upstream dying at random`;
test(title, { timeout: long ? 900_000 : 120_000 }, async (t) => {
  const random = generator(1865);
  const before = descriptors();
  const { upstream, relay, proxy, close, url } = await network(t);
  const outcomes = { answered: 0, failed: 0, deserted: 0 };
  let started = 0;
  let early;
  const lane = async (number) => {
    const client = new Client(proxy);
    while (started < COUNT) {
      const serial = (started += 1);
      const path = `/${number}/${serial}`;
      const method = random() < 0.3 ? 'POST' : 'GET';
      const body = method === 'POST' ? `from ${number}` : '';
      client.write(method, url + path, body);
      if (serial === COUNT / 10) early = memory();
      if (random() < 0.1) {
        if (random() < 0.5) await delay(random() * 5);
        client.die();
        outcomes.deserted += 1;
        continue;
      }
      const answer = await client.answer();
      if (answer.status === 200) {
        assert.equal(answer.body, `${method} ${path} ${body}\n`);
        outcomes.answered += 1;
      } else {
        // A POST that was under way when its connection died may have been carried out: only its sender can know.
        assert.equal(method, 'POST', answer.body);
        assert.equal(answer.status, 502, answer.body);
        assert.match(answer.body, /ERR_NTLM_/);
        outcomes.failed += 1;
      }
    }
    client.die();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => lane(number)));
  const growth = memory() - early;
  await close();
  // A connection that is closed gives its descriptor back a turn of the loop later.
  for (let turn = 0; turn < 200 && descriptors() > before; turn += 1) await delay(10);
  const after = descriptors();
  t.diagnostic(`${JSON.stringify(outcomes)}, ${relay.counters.killed} upstream connections killed`);
  t.diagnostic(`memory ${growth.toFixed(2)} MiB more at the end, descriptors ${before} before and ${after} after`);
  assert.equal(outcomes.answered + outcomes.failed + outcomes.deserted, COUNT);
  assert.ok(outcomes.failed < COUNT / 50, `${outcomes.failed} failed`);
  assert.ok(relay.counters.killed > COUNT / 100);
  assert.equal(upstream.counters.refused, 0);
  assert.equal(after, before);
  // The short form ends before everything is compiled that will be.
  assert.ok(growth < (long ? 8 : 16), `${growth} MiB more at the end than after a tenth`);
});
