import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parsePacResult, parseProxyUrl, routeName } from '../internals.mjs';

const names = (text) => parsePacResult(text, 'the PAC file').map(routeName);

test('a proxy URL in each of the forms that people write', () => {
  const forms = {
    'http://proxy.corp.example:8080': 'http://proxy.corp.example:8080',
    'http://proxy.corp.example:8080/': 'http://proxy.corp.example:8080',
    'HTTP://Proxy': 'http://proxy:80',
    'https://proxy': 'https://proxy:443',
    'proxy:3128': 'http://proxy:3128',
    proxy: 'http://proxy:80',
    '  proxy:3128 ': 'http://proxy:3128',
    '10.0.0.1:8080': 'http://10.0.0.1:8080',
    'http://[::1]:8080': 'http://[::1]:8080',
    'http://user:pass@proxy:8080': 'http://proxy:8080',
  };
  for (const [text, name] of Object.entries(forms))
    assert.equal(routeName(parseProxyUrl(text, 'HTTP_PROXY')), name, text);
});

test('credentials of a proxy URL are percent-decoded', () => {
  const { credentials } = parseProxyUrl('http://CORP%5Cj%C3%BCrgen:p%40ss%3A%2F%25@proxy:8080', 'HTTP_PROXY');
  assert.deepEqual({ ...credentials }, { username: 'CORP\\jürgen', password: 'p@ss:/%' });
  assert.doesNotMatch(inspect(credentials), /p@ss/);
  assert.equal(parseProxyUrl('http://proxy', 'HTTP_PROXY').credentials, undefined);
});

test('a URL that does not name an HTTP proxy is refused, and the error does not quote it', () => {
  for (const text of [
    'socks5://user:secret@proxy:1080',
    'http://user:secret@',
    'http://user:secret@proxy:99999',
    'ftp://user:secret@a',
  ]) {
    assert.throws(
      () => parseProxyUrl(text, 'HTTPS_PROXY'),
      (error) => {
        assert.match(error.code, /^ERR_NTLM_PROXY_(URL|UNSUPPORTED)$/);
        assert.match(error.message, /HTTPS_PROXY/);
        assert.doesNotMatch(`${error.message} ${error.advice}`, /secret/);
        return true;
      },
      text,
    );
  }
});

test('a badly encoded password is a proxy URL error', () => {
  assert.throws(() => parseProxyUrl('http://user:100%@proxy', 'HTTP_PROXY'), { code: 'ERR_NTLM_PROXY_URL' });
});

test('PAC syntax gives the routes in order', () => {
  assert.deepEqual(names('PROXY a:8080; HTTPS b:443; DIRECT'), ['http://a:8080', 'https://b:443', 'direct']);
  assert.deepEqual(names('proxy a;https b;http c:81;'), ['http://a:80', 'https://b:443', 'http://c:81']);
  assert.deepEqual(names('PROXY [::1]:8080'), ['http://[::1]:8080']);
  assert.deepEqual(names('DIRECT'), ['direct']);
  assert.deepEqual(names(''), ['direct']);
  assert.deepEqual(names(' ; ; '), ['direct']);
});

test('SOCKS in a PAC result is reported', () => {
  const [route, last] = parsePacResult('SOCKS s:1080; SOCKS5 t:1080; PROXY a:8080; DIRECT', 'the PAC file');
  assert.equal(route.rule, 'the PAC file (after SOCKS s:1080, SOCKS5 t:1080, not supported)');
  assert.equal(last.kind, 'direct');
  assert.throws(() => parsePacResult('SOCKS s:1080', 'the PAC file'), { code: 'ERR_NTLM_PROXY_UNSUPPORTED' });
});

test('words that are not known and invalid addresses are skipped, as in browsers', () => {
  assert.deepEqual(names('QUIC a:443; PROXY b:8080; PROXY c:d:e; PROXY; DIRECT'), ['http://b:8080', 'direct']);
  assert.equal(parsePacResult(';'.repeat(100) + 'PROXY a:1;'.repeat(500), 'the PAC file').length, 64);
});

test('a PAC result of other words is refused', () => {
  assert.throws(() => parsePacResult('QUIC a:443', 'the PAC file'), { code: 'ERR_NTLM_PAC_RESULT' });
  assert.throws(() => parsePacResult('PROXY', 'the PAC file'), { code: 'ERR_NTLM_PAC_RESULT' });
  assert.throws(() => parsePacResult('<html>', 'the PAC file'), { code: 'ERR_NTLM_PAC_RESULT' });
});
