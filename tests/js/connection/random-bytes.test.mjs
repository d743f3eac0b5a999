/** The reader of responses with some that were changed and cut at random: the cuts make no difference. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseReader } from '../internals.mjs';

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
