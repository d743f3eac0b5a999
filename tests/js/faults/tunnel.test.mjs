import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clients, outcomeOf, PATIENCE } from './clients.mjs';
import { demand, PAGE, response, startFaultProxy } from './fault-proxy.mjs';
import { joinTunnel, startOrigin } from './tunnel.mjs';

/*
 * One GET of an https: URL through a proxy that does something odd with CONNECT. The answers to CONNECT have bodies,
 * unlike those to HEAD, so the ways in which body framing can be right or wrong are here.
 */
const OK = 200;
const MID = 'ERR_NTLM_CLOSED_MID_HANDSHAKE';
const BAD = 'ERR_NTLM_BAD_RESPONSE';
const LATE = 'ERR_NTLM_HANDSHAKE_TIMEOUT';
const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

const long = (bytes) => 'x'.repeat(bytes);
const unframed = { 'Content-Length': undefined };
const inChunks = { ...unframed, 'Transfer-Encoding': 'chunked' };
const chunked = (text, size) => {
  const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
  return `${chunks.map((chunk) => `${chunk.length.toString(16)};a=b\r\n${chunk}\r\n`).join('')}0\r\nX-Trailer: 1\r\n\r\n`;
};

/** The challenge as given, then a tunnel. */
const challengedBy = (challenge) => async (connection, origin) => {
  const last = await connection.handshake({ challenge });
  assert.equal(last.method, 'CONNECT');
  assert.equal(last.target, `localhost:${origin.port}`);
  connection.send(ESTABLISHED);
  joinTunnel(connection, origin.port);
};

/** Message 3 is answered like this, and then nothing more happens. */
const answeredBy = (text) => async (connection) => {
  await connection.handshake();
  connection.send(text);
};

const faults = {
  'nothing odd at all': [challengedBy((value) => demand(value)), OK],

  // ---- the body of the 407
  'an empty 407': [challengedBy((value) => demand(value, {}, '')), OK],
  'a 407 with a body of 600 KiB': [challengedBy((value) => demand(value, {}, long(600 * 1024))), OK],
  'a 407 in chunks, with extensions and trailers': [
    challengedBy((value) => demand(value, inChunks, chunked(long(5000), 700))),
    OK,
  ],
  'a 407 in chunks of one byte': [challengedBy((value) => demand(value, inChunks, chunked(long(300), 1))), OK],
  'a 407 with chunks and a length': [
    challengedBy((value) => demand(value, { ...inChunks, 'Content-Length': 7 }, chunked('hello', 5))),
    [OK, BAD],
  ],
  'a 407 with two different lengths': [
    challengedBy((value) => demand(value, { 'Content-Length': ['3', '4'] }, 'abc')),
    BAD,
  ],
  'a 407 whose body is longer than its length': [
    async (connection) => {
      const first = await connection.request();
      connection.send(demand(connection.challengeFor(first), { 'Content-Length': 3 }, 'one two three'));
      await connection.request();
    },
    [BAD, MID],
  ],
  'a 407 whose body is shorter than its length': [
    challengedBy((value) => demand(value, { 'Content-Length': 1000 }, 'one')),
    LATE,
  ],
  'a 407 whose chunks are none': [challengedBy((value) => demand(value, inChunks, 'zz\r\n')), BAD],
  'a 407 whose body never ends': [
    async (connection) => {
      const first = await connection.request();
      connection.send(demand(connection.challengeFor(first), inChunks, ''));
      for (let count = 0; count < 100; count += 1) {
        connection.send('5\r\nhello\r\n');
        await delay(20);
      }
    },
    LATE,
  ],
  'a 407 with a body of 3 MiB, and another connection': [
    async (connection, origin, number) => {
      if (number > 1) return challengedBy((value) => demand(value))(connection, origin);
      await connection.request();
      connection.end(demand('NTLM', { Connection: 'close' }, long(3 * 1024 * 1024)));
    },
    OK,
  ],
  'a challenge whose body ends with the connection': [
    async (connection) => {
      const first = await connection.request();
      connection.end(demand(connection.challengeFor(first), unframed, 'the end'));
    },
    'ERR_NTLM_',
  ],

  // ---- who is asked, and how often
  'no authentication needed': [
    async (connection, origin) => {
      await connection.request();
      connection.send(ESTABLISHED);
      joinTunnel(connection, origin.port);
    },
    OK,
  ],
  'a bare 407 that closes, then a proper handshake on the next connection': [
    async (connection, origin, number) => {
      if (number > 1) return challengedBy((value) => demand(value))(connection, origin);
      await connection.request();
      connection.end(demand('NTLM', { Connection: 'close' }));
    },
    OK,
  ],
  'the same from an HTTP/1.0 proxy, which then keeps the connection': [
    async (connection, origin, number) => {
      const keep = { 'Proxy-Connection': 'keep-alive' };
      if (number > 1) return challengedBy((value) => demand(value, keep, 'x', { version: '1.0' }))(connection, origin);
      await connection.request();
      connection.end(demand('NTLM', {}, 'x', { version: '1.0' }));
    },
    OK,
  ],
  'a refusal of message 3': [answeredBy(demand('NTLM')), 'ERR_NTLM_REJECTED'],
  'another challenge after message 3': [
    async (connection) => {
      const last = await connection.handshake();
      connection.send(
        demand(
          connection.challengeFor({ ...last, token: 'NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==' }),
        ),
      );
      await connection.request();
    },
    ['ERR_NTLM_REJECTED', 'ERR_NTLM_'],
  ],
  'Basic alone': [
    async (connection) => {
      await connection.request();
      connection.send(demand('Basic realm="a"'));
    },
    'ERR_NTLM_SCHEME_NOT_OFFERED',
  ],

  // ---- no tunnel
  '403 after the handshake': [answeredBy(response(403, {}, 'policy')), 'ERR_NTLM_TUNNEL_REFUSED'],
  '502 before the handshake': [
    async (connection) => {
      await connection.request();
      connection.send(response(502, {}, 'no such host'));
    },
    'ERR_NTLM_TUNNEL_REFUSED',
  ],
  'a redirect (a captive portal)': [
    answeredBy(response(302, { Location: 'http://portal.example/' }, '')),
    'ERR_NTLM_TUNNEL_REFUSED',
  ],
  'a tunnel that is closed at once': [
    async (connection) => {
      await connection.handshake();
      connection.end(ESTABLISHED);
    },
    ['ERR_NTLM_', 'ECONNRESET', 'UND_ERR_'],
  ],
  'a tunnel to something that speaks no TLS': [
    answeredBy(`${ESTABLISHED}220 mail.example ESMTP\r\n`),
    ['EPROTO', 'ERR_NTLM_'],
  ],
  'a tunnel to something that says nothing': [answeredBy(ESTABLISHED), LATE],
  'a 200 with a length, which counts for nothing': [
    async (connection, origin) => {
      await connection.handshake();
      connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n');
      joinTunnel(connection, origin.port);
    },
    OK,
  ],
  '100 and 103 before everything': [
    async (connection, origin) => {
      const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n';
      await connection.handshake({ challenge: (value) => interim + demand(value) });
      connection.send(interim + ESTABLISHED);
      joinTunnel(connection, origin.port);
    },
    OK,
  ],

  // ---- neither answer nor end
  'no answer to message 1': [(connection) => connection.request(), LATE],
  'no answer to message 3': [(connection) => connection.handshake(), LATE],
  'every connection closed at once': [(connection) => connection.end(), MID],
  'garbage instead of an answer': [answeredBy(Buffer.alloc(4096, 0xa5)), BAD],
  'two megabytes of fields': [answeredBy(`HTTP/1.1 200 OK\r\n${`X: ${long(1000)}\r\n`.repeat(2000)}\r\n`), BAD],
};

for (const [client, make] of Object.entries(clients)) {
  for (const [name, [script, expected]] of Object.entries(faults)) {
    test(`${client}, CONNECT: ${name}`, { timeout: PATIENCE * 10 }, async (t) => {
      const origin = await startOrigin(t);
      const proxy = await startFaultProxy(t, (connection, number) => script(connection, origin, number));
      const outcome = await outcomeOf(make(proxy, { tls: { ca: origin.certificate } })(origin.url));
      const told = outcome.code ?? outcome.status;
      const fits = [expected]
        .flat()
        .some((one) => (typeof one === 'string' ? String(told).startsWith(one) : told === one));
      assert.ok(fits, `${told} instead of ${expected}: ${outcome.error?.cause?.stack ?? outcome.error?.stack}`);
      if (told === OK) assert.equal(outcome.body, PAGE);
      assert.deepEqual(proxy.failures, []);
      const messages = proxy.authenticateMessages;
      assert.equal(new Set(messages).size, messages.length, 'no token twice');
      assert.ok(messages.length <= 1, `${messages.length} messages 3`);
      assert.ok(
        proxy.tokens.every((token) => /^(NTLM|Negotiate) /.test(token)),
        'never Basic',
      );
      assert.ok(
        proxy.requests.every((line) => line.startsWith('CONNECT ')),
        'the target is the tunnel’s business',
      );
    });
  }
}
