import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNoProxy } from '../internals.mjs';

const covered = (list, url) => parseNoProxy(list).match(new URL(url));

const cases = [
  // list, URL, the entry that covers it
  ['*', 'http://anything.example/', '*'],
  ['', 'http://a.example/', undefined],
  ['corp.example', 'http://corp.example/', 'corp.example'],
  ['corp.example', 'https://www.corp.example/', 'corp.example'],
  ['.corp.example', 'https://www.corp.example/', '.corp.example'],
  ['.corp.example', 'https://corp.example/', '.corp.example'],
  ['corp.example', 'https://notcorp.example/', undefined],
  ['corp.example', 'https://corp.example.org/', undefined],
  ['CORP.Example', 'http://WWW.corp.EXAMPLE/', 'CORP.Example'],
  ['corp.example.', 'http://corp.example/', 'corp.example.'],
  ['corp.example', 'http://corp.example./', 'corp.example'],
  ['*.corp.example', 'http://a.corp.example/', '*.corp.example'],
  ['*.corp.example', 'http://corp.example/', undefined],
  ['10.*', 'http://10.1.2.3/', '10.*'],
  ['a.example, b.example;c.example  d.example', 'http://c.example/', 'c.example'],
  ['intranet:8080', 'http://intranet:8080/', 'intranet:8080'],
  ['intranet:8080', 'http://intranet/', undefined],
  ['intranet:80', 'http://intranet/', 'intranet:80'],
  ['intranet:443', 'https://intranet/', 'intranet:443'],
  ['intranet:443', 'wss://intranet/', 'intranet:443'],
  ['http://intranet:8080', 'http://intranet:8080/', 'http://intranet:8080'],
  ['https://corp.example/', 'http://a.corp.example/', 'https://corp.example/'],
  ['https://intranet:8080/path', 'http://intranet:8080/', 'https://intranet:8080/path'],
  ['corp.example/', 'http://corp.example/', 'corp.example/'],
  ['"corp.example","b.example"', 'http://b.example/', '"b.example"'],
  ["'corp.example'", 'http://corp.example/', "'corp.example'"],
  ['""', 'http://corp.example/', undefined],
  ['127.0.0.1', 'http://127.0.0.1:3000/', '127.0.0.1'],
  ['127.0.0.1', 'http://localhost/', undefined],
  ['10.0.0.0/8', 'http://10.200.1.1/', '10.0.0.0/8'],
  ['10.0.0.0/8', 'http://11.0.0.1/', undefined],
  ['169.254/16', 'http://169.254.3.4/', '169.254/16'],
  ['192.168.1.64/26', 'http://192.168.1.127/', '192.168.1.64/26'],
  ['192.168.1.64/26', 'http://192.168.1.128/', undefined],
  ['10.0.0.0/8', 'http://ten.example/', undefined],
  ['::1', 'http://[::1]:8080/', '::1'],
  ['[::1]', 'http://[::1]/', '[::1]'],
  ['[::1]:8080', 'http://[::1]:8080/', '[::1]:8080'],
  ['[::1]:8080', 'http://[::1]/', undefined],
  ['0:0:0:0:0:0:0:1', 'http://[::1]/', '0:0:0:0:0:0:0:1'],
  ['fd00::/8', 'http://[fd12:3456::1]/', 'fd00::/8'],
  ['fd00::/8', 'http://[fe80::1]/', undefined],
  ['<local>', 'http://intranet/', '<local>'],
  ['<local>', 'http://intranet.corp.example/', undefined],
  ['<local>', 'http://[::1]/', undefined],
  // What cannot be read covers nothing.
  ['10.0.0.0/33', 'http://10.0.0.1/', undefined],
  ['10.0.0.0/', 'http://10.0.0.1/', undefined],
  ['corp.example/8', 'http://corp.example/', undefined],
  ['.', 'http://corp.example/', undefined],
  // A pattern is not a regular expression.
  ['a(b', 'http://a.example/', undefined],
  ['c*rp.example', 'http://coorp.example/', 'c*rp.example'],
  ['c*rp.example', 'http://corpXexample/', undefined],
];

for (const [list, url, entry] of cases) {
  test(`NO_PROXY "${list}" ${entry === undefined ? 'leaves' : 'covers'} ${url}`, () => {
    assert.equal(covered(list, url), entry);
  });
}
