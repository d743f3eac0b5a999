import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseReader, statusOf } from '../internals.mjs';

/** Feeds the bytes cut at the given places. Returns the reader, and what it gave back at the end. */
function feed(method, text, cuts = []) {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new ResponseReader(method);
  let rest = Buffer.alloc(0);
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    rest = Buffer.concat([rest, reader.done ? bytes.subarray(start, end) : reader.push(bytes.subarray(start, end))]);
    start = end;
  }
  return { reader, rest: rest.toString('latin1') };
}

const NEXT = 'HTTP/1.1 200 next\r\n\r\n';
const messages = {
  'a length': ['GET', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\nA: b\r\n\r\nhello'],
  'the same length twice': ['GET', 'HTTP/1.1 407 x\r\nContent-Length: 5, 5\r\n\r\nhello'],
  'no body': ['GET', 'HTTP/1.1 204 \r\n\r\n'],
  'no reason': ['GET', 'HTTP/1.1 304\r\n\r\n'],
  'a HEAD with a length': ['HEAD', 'HTTP/1.1 407 x\r\nContent-Length: 500\r\n\r\n'],
  'a CONNECT that is granted': ['CONNECT', 'HTTP/1.0 200 Connection established\r\n\r\n'],
  chunks: ['GET', 'HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;ext="a"\r\n!\r\n0\r\n\r\n'],
  'chunks with trailers': [
    'GET',
    'HTTP/1.1 407 x\r\ntransfer-encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\nU: 2\r\n\r\n',
  ],
  'interim answers before it': [
    'GET',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: a\r\n\r\nHTTP/1.1 407 x\r\nContent-Length: 1\r\n\r\n!',
  ],
};

for (const [name, [method, text]] of Object.entries(messages)) {
  test(`${name}: read completely, however it is split, and the bytes after it are returned`, () => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { reader, rest } = feed(method, text + NEXT, [cut]);
      assert.equal(reader.complete, true, `cut at ${cut}`);
      assert.equal(rest, NEXT, `cut at ${cut}`);
    }
    const everyByte = Array.from({ length: text.length }, (_, index) => index);
    assert.equal(feed(method, text, everyByte).reader.complete, true);
  });

  test(`${name}: not done before its last byte`, () => {
    for (let length = 0; length < text.length; length += 1) {
      assert.equal(feed(method, text.slice(0, length)).reader.done, false, `after ${length} bytes`);
    }
  });
}

test('status, version, fields and folded lines', () => {
  const { reader } = feed(
    'HEAD',
    'HTTP/1.0 407 Who are you\r\nProxy-Authenticate: NTLM\r\n AAAA\r\nX-Empty:\r\nno colon\r\n\r\n',
  );
  assert.deepEqual(reader.head, {
    version: '1.0',
    status: 407,
    reason: 'Who are you',
    fields: [
      ['Proxy-Authenticate', 'NTLM AAAA'],
      ['X-Empty', ''],
    ],
  });
});

test('bare line feeds', () => {
  const { reader, rest } = feed('GET', 'HTTP/1.1 407 x\nContent-Length: 2\n\nhi');
  assert.equal(reader.complete, true);
  assert.equal(rest, '');
  assert.deepEqual(reader.head.fields, [['Content-Length', '2']]);
});

test('a body until the end of the connection', () => {
  const { reader } = feed('GET', 'HTTP/1.1 407 x\r\n\r\nsome text');
  assert.equal(reader.done, false);
  assert.equal(reader.end(), true);
});

test('a connection closed within a response does not complete it', () => {
  assert.equal(feed('GET', 'HTTP/1.1 407 x\r\nContent-Le').reader.end(), false);
  assert.equal(feed('GET', 'HTTP/1.1 407 x\r\nContent-Length: 5\r\n\r\nhel').reader.end(), false);
  assert.equal(feed('GET', 'HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel').reader.end(), false);
});

test('a page that is too long is left unread', () => {
  const reader = new ResponseReader('GET');
  reader.push(Buffer.from('HTTP/1.1 407 x\r\nContent-Length: 9000000\r\n\r\n'));
  for (let count = 0; count < 17 && !reader.done; count += 1) reader.push(Buffer.alloc(65_536));
  assert.equal(reader.done, true);
  assert.equal(reader.complete, false);
});

for (const [name, text] of Object.entries({
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
  'HTTP/2': 'HTTP/2 200\r\n\r\n',
  'two lengths': 'HTTP/1.1 407 x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n',
  'a length that is no number': 'HTTP/1.1 407 x\r\nContent-Length: many\r\n\r\n',
  'a chunk without a size': 'HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n',
  'a chunk longer than its size': 'HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n',
  'a chunk line without end': `HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n${'1'.repeat(5000)}`,
  'trailers without end': `HTTP/1.1 407 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'T: 1234567890\r\n'.repeat(6000)}`,
  'a head without end': `HTTP/1.1 407 x\r\n${'X: 1234567890\r\n'.repeat(6000)}`,
})) {
  test(`refused: ${name}`, () => assert.throws(() => feed('GET', text)));
}

test('the status is known from the first twelve bytes, garbage from the first', () => {
  assert.equal(statusOf(Buffer.from('HTTP/1.1 407')), 407);
  assert.equal(statusOf(Buffer.from('HTTP/1.1 40')), 'unknown');
  assert.equal(statusOf(Buffer.from('')), 'unknown');
  for (const text of ['S', 'HTTP/2', 'HTTP/1.1 4x7', 'HTTP/1.1 099'])
    assert.equal(statusOf(Buffer.from(text)), 'none', text);
});
