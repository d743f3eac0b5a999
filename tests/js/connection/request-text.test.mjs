import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldOf, inAbsoluteForm, methodOf, requestBodyFraming, targetOf, withField } from '../internals.mjs';

const HEAD = 'GET /a?b=/c HTTP/1.1\r\nHost: www.example\r\nX-One: 1\r\nx-one: 2\r\n\r\n';

test('method, target and fields', () => {
  assert.equal(methodOf(HEAD), 'GET');
  assert.equal(targetOf(HEAD), '/a?b=/c');
  assert.equal(fieldOf(HEAD, 'host'), 'www.example');
  assert.equal(fieldOf(HEAD, 'absent'), undefined);
});

test('a field replaces all of its name and leaves the rest', () => {
  assert.equal(withField(HEAD, 'X-One', '3'), 'GET /a?b=/c HTTP/1.1\r\nHost: www.example\r\nX-One: 3\r\n\r\n');
});

test('the absolute form, once', () => {
  const absolute = inAbsoluteForm(HEAD, 'http://www.example:81');
  assert.equal(absolute, HEAD.replace('/a?b=/c', 'http://www.example:81/a?b=/c'));
  assert.equal(inAbsoluteForm(absolute, 'http://www.example:81'), absolute);
  assert.match(inAbsoluteForm('OPTIONS * HTTP/1.1\r\n\r\n', 'http://a'), /^OPTIONS http:\/\/a HTTP/);
});

test('where the body of a request ends', () => {
  const framing = (fields) => requestBodyFraming(`POST / HTTP/1.1\r\n${fields}\r\n\r\n`);
  assert.deepEqual(framing('A: b'), { kind: 'length', bytes: 0 });
  assert.deepEqual(framing('content-length: 12'), { kind: 'length', bytes: 12 });
  assert.deepEqual(framing('Transfer-Encoding: chunked'), { kind: 'chunked' });
});
