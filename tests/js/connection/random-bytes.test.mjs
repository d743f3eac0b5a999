/** Both readers of HTTP/1.1 with requests and responses that were changed at random, cut at random: the cuts make no difference. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseReader, parseRequestHead, requestFraming } from '../internals.mjs';

const ROUNDS = 2000;

/** Numbers that repeat from run to run (a linear congruence: 1664525, 1013904223). */
function randomness(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  ':',
  ',',
  '0',
  '5\r\n',
  '\0',
  '\x80',
  'Content-Length: 3',
  'HTTP/1.1',
  'chunked',
];

/** Some bytes changed, left out, or put in, preferably such as mean something. */
function spoilt(text, random) {
  let result = text;
  for (let count = random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const piece = random(3) === 0 ? String.fromCharCode(random(256)) : PIECES[random(PIECES.length)];
    result = result.slice(0, at) + (random(3) === 0 ? '' : piece) + result.slice(at + random(3));
  }
  return result;
}

const RESPONSES = [
  'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM TlRM\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.0 401 x\r\nConnection: keep-alive\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n',
];

/** What a reader makes of the bytes in these pieces: the end of the story, whichever it is. */
function reading(bytes, ends) {
  const reader = new ResponseReader('GET');
  let start = 0;
  let rest = Buffer.alloc(0);
  try {
    for (const end of ends) {
      const piece = bytes.subarray(start, end);
      rest = Buffer.concat([rest, reader.done ? piece : reader.push(piece)]);
      start = end;
    }
  } catch (error) {
    assert.match(error.name, /^(Syntax|Range)Error$/, error.stack);
    return { refused: error.message };
  }
  return { done: reader.done, complete: reader.complete, head: reader.head, rest: rest.toString('latin1') };
}

test('a response means the same however it is cut, or is refused', () => {
  const random = randomness(7);
  let [complete, refused] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(spoilt(RESPONSES[random(RESPONSES.length)], random), 'latin1');
    const cuts = Array.from({ length: random(6) }, () => random(bytes.length + 1)).sort((a, b) => a - b);
    const whole = reading(bytes, [bytes.length]);
    const text = JSON.stringify(bytes.toString('latin1'));
    assert.deepEqual(reading(bytes, [...cuts, bytes.length]), whole, text);
    complete += whole.complete === true ? 1 : 0;
    refused += whole.refused === undefined && whole.complete ? 0 : 1;
  }
  assert.ok(complete > ROUNDS / 10 && refused > ROUNDS / 10, `${complete} complete, ${refused} refused`);
});

const REQUESTS = [
  'GET http://origin.test/page HTTP/1.1\r\nHost: origin.test\r\nAccept: */*',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nConnection: keep-alive',
  'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nProxy-Authorization: Basic Og==',
  'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked',
];

test('a request head is refused, or written out again as one that means the same', () => {
  const random = randomness(11);
  let [read, refused] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const text = spoilt(REQUESTS[random(REQUESTS.length)], random);
    let head;
    try {
      head = parseRequestHead(text);
      requestFraming(head);
    } catch (error) {
      assert.ok([400, 431, 501].includes(error.status), error.stack);
      refused++;
      continue;
    }
    read++;
    const lines = head.fields.map(([name, value]) => `${name}: ${value}`);
    const again = parseRequestHead([`${head.method} ${head.target} HTTP/${head.version}`, ...lines].join('\r\n'));
    assert.deepEqual(again, head, JSON.stringify(text));
    assert.doesNotMatch(JSON.stringify(head), /\\r|\\n|\\u0000/, 'what ends a line does not come through');
  }
  assert.ok(read > ROUNDS / 10 && refused > ROUNDS / 10, `${read} read, ${refused} refused`);
});
