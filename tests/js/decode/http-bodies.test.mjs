// Tokens in the bodies of HTTP messages: chunked, compressed, both; in captures, Fiddler archives and Burp items.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { decode, explainConversations, findTokens, NtlmClient } from 'ntlm-wasm';
import { chunked, httpResponse, pcap, pcapng } from './wrappings.mjs';

const { zipSync } = createRequire(new URL('../../../pkg-template/package.json', import.meta.url))('fflate');

const TOKEN = new NtlmClient({ username: 'alice', password: 'secret', workstation: 'PC1' }).negotiate();
const TEXT = JSON.stringify({ authorization: `NTLM ${TOKEN}`, rest: 'x'.repeat(300) });

const COMPRESSIONS = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  'deflate without its header': deflateRawSync,
  br: brotliCompressSync,
};

const response = (fields, body) => Buffer.from(httpResponse(fields, body));
const lengthOf = (body) => `Content-Length: ${body.length}`;

/** The response with each combination of compression and chunks. */
const MESSAGES = Object.entries({ 'no compression': (bytes) => bytes, ...COMPRESSIONS }).flatMap(([name, compress]) => {
  const body = compress(Buffer.from(TEXT));
  const coding = name === 'no compression' ? '' : `Content-Encoding: ${name.split(' ')[0]}\r\n`;
  return [
    [`${name}, with a length`, response(coding + lengthOf(body), body)],
    [`${name}, in chunks`, response(`${coding}Transfer-Encoding: chunked`, chunked(body, 37))],
    [`${name}, until the end`, response(`${coding}Connection: close`, body)],
  ];
});

const CAPTURES = {
  pcap: (bytes) => pcap([{ data: bytes, from: ['10.0.0.1', 80], to: ['10.0.0.5', 49152] }]),
  pcapng: (bytes) => pcapng([{ data: bytes, from: ['10.0.0.1', 80], to: ['10.0.0.5', 49152] }]),
  'pcap, in segments': (bytes) =>
    pcap(
      [0, 1, 2].map((index) => {
        const third = Math.ceil(bytes.length / 3);
        const data = bytes.subarray(index * third, (index + 1) * third);
        return { data, from: ['10.0.0.1', 80], to: ['10.0.0.5', 49152], sequence: index * third };
      }),
    ),
  'Fiddler archive': (bytes) =>
    zipSync({
      'raw/1_c.txt': new Uint8Array(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')),
      'raw/1_s.txt': new Uint8Array(bytes),
    }),
  'Burp item': (bytes) =>
    `<items><item><response base64="true"><![CDATA[${bytes.toString('base64')}]]></response></item></items>`,
};

for (const [capture, wrap] of Object.entries(CAPTURES)) {
  test(`bodies with every coding: ${capture}`, () => {
    for (const [name, message] of MESSAGES) {
      const found = findTokens(wrap(message));
      assert.deepEqual(
        found.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
        [TOKEN],
        name,
      );
      assert.deepEqual(
        decode(found[0].bytes).findings.filter(({ severity }) => severity === 'broken'),
        [],
        name,
      );
    }
  });
}

test('the codings are part of the wrapping, and a capture keeps its times', () => {
  const body = chunked(gzipSync(TEXT), 50);
  const message = response('Content-Encoding: gzip\r\nTransfer-Encoding: chunked', body);
  const next = response(`WWW-Authenticate: NTLM ${TOKEN}\r\nContent-Length: 0`, Buffer.alloc(0));
  const [from, to] = [
    ['10.0.0.1', 80],
    ['10.0.0.5', 49152],
  ];
  const found = findTokens(
    pcap([
      { data: message, from, to },
      { data: next, from, to, sequence: message.length },
    ]),
  );
  assert.deepEqual(
    found.map(({ wrapping, header, time }) => [wrapping, header, time]),
    [
      [['packet capture', 'chunked', 'gzip'], 'authorization', new Date(1_796_000_000_000).toISOString()],
      [['packet capture'], 'WWW-Authenticate', new Date(1_796_000_001_000).toISOString()],
    ],
  );
});

test('a body that is cut off is read as far as it goes', () => {
  const body = gzipSync(TEXT + Buffer.from(crypto.getRandomValues(new Uint8Array(600))).toString('base64'));
  const message = response(`Content-Encoding: gzip\r\n${lengthOf(body)}`, body).subarray(0, -300);
  assert.equal(findTokens(CAPTURES.pcap(message)).length, 1);
});

test('responses without a body are followed by the next message', () => {
  const messages = [
    response(`Content-Length: 500\r\nContent-Encoding: gzip`, Buffer.alloc(0)),
    Buffer.from('HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n'),
    response('Transfer-Encoding: chunked', chunked(Buffer.from(TEXT), 11)),
  ];
  assert.equal(findTokens(CAPTURES.pcap(Buffer.concat(messages))).length, 1);
});

test('an unknown coding is reported once', () => {
  const message = response('Content-Encoding: compress\r\nContent-Length: 4', Buffer.from('abcd'));
  const { leftOut } = explainConversations(CAPTURES.pcap(Buffer.concat([message, message])));
  assert.deepEqual(leftOut, ['HTTP bodies with the coding compress were not read: this runtime cannot decode it']);
});
