import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { clients, outcomeOf, PATIENCE } from './clients.mjs';
import { demand, forMethod, page, PAGE, response, startFaultProxy } from './fault-proxy.mjs';

/*
 * One GET of an http: URL through a proxy that does something odd. Each entry: what it does, and how that must end. In
 * every case: in time, without an unhandled rejection, no token twice, at most one message 3 unless said, never Basic.
 */
const OK = 200;
const MID = 'ERR_NTLM_CLOSED_MID_HANDSHAKE';
const BAD = 'ERR_NTLM_BAD_RESPONSE';
const LATE = 'ERR_NTLM_HANDSHAKE_TIMEOUT';
/** After the handshake the clients' own time-outs count, and their own words for a broken answer. */
const TOO_LATE = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'];
const REFUSED = 'ERR_NTLM_REJECTED';

/** The same challenge to whatever comes. */
const always = (challenge) => async (connection) => {
  for (;;) {
    const request = await connection.request();
    connection.send(forMethod(request, challenge(request)));
  }
};

/** Most faults are in the answer to message 1; the rest of the dialogue is in order. */
const challengedBy = (challenge) => async (connection) => connection.serve(await connection.handshake({ challenge }));

const long = (bytes) => 'x'.repeat(bytes);
const faults = {
  'nothing odd at all': [challengedBy((value) => demand(value)), OK],

  // ---- the form of the 407
  'a 407 without a reason phrase': [challengedBy((value) => demand(value).replace(' Whatever', '')), OK],
  'a 407 with field names in capitals': [
    challengedBy((value) => demand(value).replace('Proxy-Authenticate', 'PROXY-AUTHENTICATE')),
    OK,
  ],
  'a 407 with line feeds only': [challengedBy((value) => demand(value, {}, '').replaceAll('\r\n', '\n')), OK],
  'a challenge folded over two lines': [challengedBy((value) => demand(value.replace(' ', '\r\n '))), OK],
  'a HEAD answered with a body': [
    async (connection) => {
      const first = await connection.request();
      connection.send(demand(connection.challengeFor(first), {}, 'no such thing'));
      await connection.serve(await connection.lastLeg());
    },
    [BAD, OK],
  ],
  '100 and 103 before the 407, and before the page': [
    async (connection) => {
      const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
      const last = await connection.handshake({ challenge: (value) => interim + demand(value) });
      connection.send(interim + page(last));
    },
    OK,
  ],
  'a 407 in pieces of one byte': [
    async (connection) => {
      const first = await connection.request();
      for (const byte of forMethod(first, demand(connection.challengeFor(first)))) {
        connection.send(byte);
        await new Promise(setImmediate);
      }
      await connection.serve(await connection.lastLeg());
    },
    OK,
  ],

  // ---- the schemes of the 407
  'several schemes in several fields, NTLM in the middle': [
    challengedBy((value) => demand(['Negotiate', 'Kerberos', value, 'Basic realm="a"'])),
    OK,
  ],
  'several schemes in one field, with quoted commas': [
    challengedBy((value) => demand(`Basic realm="say \\"NTLM\\", friend", Digest realm="b", nonce="c,d", ${value}`)),
    OK,
  ],
  'the scheme in small letters': [challengedBy((value) => demand(value.replace('NTLM', 'ntlm'))), OK],
  'Basic alone': [
    async (connection) => (await connection.request(), connection.send(demand('Basic realm="a"', {}, ''))),
    'ERR_NTLM_SCHEME_NOT_OFFERED',
  ],
  'a 407 that offers nothing': [
    async (connection) => (await connection.request(), connection.send(response(407, {}, ''))),
    'ERR_NTLM_SCHEME_NOT_OFFERED',
  ],

  // ---- the challenge itself
  'two challenges at once': [challengedBy((value) => demand([value, value])), [OK, 'ERR_NTLM_']],
  'a challenge that is no base64': [always(() => demand('NTLM %%%%')), 'ERR_NTLM_'],
  'a challenge that is no message': [
    always(() => demand(`NTLM ${Buffer.from('hello').toString('base64')}`)),
    'ERR_NTLM_',
  ],
  'a challenge that is cut short': [challengedBy((value) => demand(value.slice(0, 45))), 'ERR_NTLM_'],
  'our own message 1 as the challenge': [always((request) => demand(request.token)), 'ERR_NTLM_'],
  'a challenge whose fields point outside': [
    challengedBy((value) => {
      const bytes = Buffer.from(value.slice(5), 'base64');
      bytes.writeUInt32LE(0x7fffffff, 16);
      return demand(`NTLM ${bytes.toString('base64')}`);
    }),
    'ERR_NTLM_',
  ],
  'a valid challenge from another server': [
    async (connection) => {
      const first = await connection.request();
      connection.send(
        demand(
          'NTLM TlRMTVNTUAACAAAADAAMADgAAAAFgomiASNFZ4mrze8AAAAAAAAAACQAJABEAAAABgBwFwAAAA9TAGUAcgB2AGUAcgACAAwARABvAG0AYQBpAG4AAQAMAFMAZQByAHYAZQByAAAAAAA=',
          {},
          '',
        ),
      );
      const last = await connection.request();
      assert.equal(last.type, 3);
      connection.challengeFor(first);
      assert.equal(await connection.admits(last), false);
      connection.send(demand('NTLM', {}, ''));
    },
    REFUSED,
  ],
  'another challenge instead of the page, for ever': [
    async (connection) => {
      for (let request = await connection.request(); ; request = await connection.request()) {
        connection.send(
          demand(request.type === 1 ? connection.challengeFor(request) : anotherChallenge(connection), {}, ''),
        );
      }
    },
    'ERR_NTLM_',
  ],
  'a bare 407 to message 1, for ever': [always(() => demand('NTLM')), 'ERR_NTLM_'],
  'a refusal of message 3': [
    async (connection) => {
      const last = await connection.handshake();
      assert.equal(last.type, 3);
      connection.send(demand('NTLM', {}, ''));
    },
    REFUSED,
  ],

  // ---- no authentication after all
  'no authentication needed': [async (connection) => connection.serve(await connection.request()), OK],
  '503 instead of a challenge': [
    async (connection) => {
      for (;;) connection.send(response(503, {}, (await connection.request()).method === 'HEAD' ? '' : 'later'));
    },
    503,
  ],
  'a redirect instead of a challenge (a captive portal)': [
    async (connection) => {
      for (;;)
        await connection
          .request()
          .then(() => connection.send(response(302, { Location: 'http://portal.example/' }, '')));
    },
    302,
  ],
  '405 to HEAD': [
    async (connection) => {
      let request = await connection.request();
      if (request.method === 'HEAD') {
        connection.send(response(405, { Allow: 'GET' }, ''));
        request = await connection.request();
      }
      connection.send(forMethod(request, demand(connection.challengeFor(request))));
      await connection.serve(await connection.lastLeg());
    },
    OK,
  ],
  'a connection closed because of HEAD': [
    async (connection) => {
      const request = await connection.request();
      if (request.method === 'HEAD') return connection.end();
      connection.send(forMethod(request, demand(connection.challengeFor(request))));
      await connection.serve(await connection.lastLeg());
    },
    OK,
  ],
  'an unexpected 401 from the proxy itself': [
    async (connection) => {
      for (;;)
        await connection.request().then(() => connection.send(response(401, { 'WWW-Authenticate': 'NTLM' }, '')));
    },
    401,
  ],

  // ---- connections that do not last
  'a bare 407 that closes, then a proper handshake on the next connection': [
    async (connection, number) => {
      if (number > 1) return connection.serve(await connection.handshake());
      await connection.request();
      connection.end(demand('NTLM', { Connection: 'close' }, ''));
    },
    OK,
  ],
  'the same from an HTTP/1.0 proxy, which then keeps the connection': [
    async (connection, number) => {
      if (number === 1) {
        await connection.request();
        return connection.end(demand('NTLM', {}, 'x', { version: '1.0' }));
      }
      const keep = { 'Proxy-Connection': 'keep-alive' };
      const last = await connection.handshake({ challenge: (value) => demand(value, keep, 'x', { version: '1.0' }) });
      connection.end(response(200, { 'Content-Length': undefined }, PAGE, { version: '1.0' }));
      assert.equal(last.fields['proxy-connection'], 'keep-alive');
    },
    OK,
  ],
  'a challenge that announces the end of the connection': [
    challengedBy((value) => demand(value, { Connection: 'close' })),
    'ERR_NTLM_',
  ],
  'a challenge, then the end': [
    async (connection) => connection.end(demand(connection.challengeFor(await connection.request()), {}, '')),
    [MID, 'UND_ERR_SOCKET'],
  ],
  'a challenge, then a reset': [
    async (connection) => {
      connection.send(demand(connection.challengeFor(await connection.request()), {}, ''));
      await connection.requestHead();
      connection.reset();
    },
    [MID, 'UND_ERR_SOCKET', 'ECONNRESET'],
  ],
  'every connection closed at once': [(connection) => connection.end(), MID],
  'every connection reset at once': [(connection) => connection.reset(), [MID, 'ERR_NTLM_PROXY_UNREACHABLE']],
  'every bare 407 closes': [
    async (connection) => {
      await connection.request();
      connection.end(demand('NTLM', { Connection: 'close' }, ''));
    },
    'ERR_NTLM_',
  ],
  'a reset after message 1': [
    async (connection) => {
      await connection.request();
      connection.reset();
    },
    MID,
  ],

  // ---- time
  // It may be the answer of the page that takes so long: the time-outs of the client count.
  'no answer to message 1': [(connection) => connection.request(), TOO_LATE],
  'no answer to message 3': [(connection) => connection.handshake(), TOO_LATE],
  'a head that drips for ever': [
    async (connection) => {
      await connection.request();
      connection.send('HTTP/1.1 407 Whatever\r\n');
      for (let count = 0; count < 200; count += 1) {
        connection.send(`X-${count}: 1\r\n`);
        await delay(20);
      }
    },
    LATE,
  ],
  'a page whose body stops half way': [
    async (connection) => {
      await connection.handshake();
      connection.send(response(200, { 'Content-Length': 1000 }, PAGE));
    },
    TOO_LATE,
  ],
  'a page whose body is cut off': [
    async (connection) => {
      await connection.handshake();
      connection.end(response(200, { 'Content-Length': 1000 }, PAGE));
    },
    ['UND_ERR_SOCKET', 'ECONNRESET'],
  ],

  // ---- not HTTP
  'garbage instead of an answer': [
    async (connection) => (await connection.request(), connection.send(Buffer.alloc(4096, 0xa5))),
    BAD,
  ],
  'a TLS alert': [
    async (connection) => (await connection.request(), connection.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 10]))),
    [BAD, MID],
  ],
  'the banner of another service': [(connection) => connection.send('SSH-2.0-OpenSSH_9.2\r\n'), [BAD, LATE, MID]],
  'frames of HTTP/2': [
    async (connection) => (
      await connection.request(),
      connection.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0]))
    ),
    [BAD, MID],
  ],
  'two megabytes of fields': [
    async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 407 Whatever\r\n${`X: ${long(1000)}\r\n`.repeat(2000)}\r\n`);
    },
    BAD,
  ],
  'a length that is no number': [challengedBy((value) => demand(value, { 'Content-Length': 'many' })), [BAD, OK]],
};

/** A valid challenge that answers nothing. */
function anotherChallenge(connection) {
  return connection.challengeFor({ token: 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==' });
}

for (const [client, make] of Object.entries(clients)) {
  for (const [name, [script, expected]] of Object.entries(faults)) {
    test(`${client}: ${name}`, { timeout: PATIENCE * 10 }, async (t) => {
      const proxy = await startFaultProxy(t, script);
      const outcome = await outcomeOf(make(proxy)('http://www.example/path?query'));
      const told = outcome.code ?? outcome.status;
      const allowed = [expected].flat();
      const fits = allowed.some((one) =>
        typeof one === 'string' && typeof told === 'string' ? told.startsWith(one) : told === one,
      );
      assert.ok(fits, `${told} instead of ${allowed.join(' or ')}: ${outcome.error?.cause ?? outcome.error}`);
      if (told === OK) assert.equal(outcome.body, PAGE);
      assert.deepEqual(proxy.failures, []);
      assert.equal(new Set(proxy.authenticateMessages).size, proxy.authenticateMessages.length, 'no token twice');
      assert.ok(proxy.authenticateMessages.length <= 1, `${proxy.authenticateMessages.length} messages 3`);
      assert.ok(
        proxy.tokens.every((token) => /^(NTLM|Negotiate) /.test(token)),
        'never Basic',
      );
      if (outcome.error) assert.doesNotMatch(`${outcome.error.stack} ${outcome.error.cause?.stack}`, /Wonderland/);
    });
  }
}
