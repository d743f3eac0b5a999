/** What PAC files may be written like, what their functions answer, and that everything in them has an end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from 'node:http';
import { createRouteResolver } from '../internals.mjs';

const data = (source) => `data:application/x-ns-proxy-autoconfig,${encodeURIComponent(source)}`;
const words = (found) =>
  found.map((route) =>
    route.kind === 'direct' ? 'direct' : `${route.tls ? 'https' : 'http'} ${route.host}:${route.port}`,
  );
const routes = async (source, url = 'http://www.corp.example/a/b?c') =>
  words(await createRouteResolver(data(source))(new URL(url)));
const find = (body) => `function FindProxyForURL(url, host) { ${body} }`;
const PROXY = ['http a:8080'];
const YES = (expression) => find(`return ${expression} ? 'PROXY a:8080' : 'DIRECT';`);

/** Scripts that browsers run, each ending in the proxy a:8080. */
const FORMS = {
  'an anonymous function': find(
    `return ['x', '127.0.0.1'].some(function (h) { return isInNet(h, '127.0.0.0', '255.0.0.0'); }) ? 'PROXY a:8080' : 'DIRECT';`,
  ),
  'an arrow': `const inside = (h) => isInNet(h, '10.0.0.0', '255.0.0.0'); ${YES(`inside('10.1.2.3')`)}`,
  'a method': `var U = { inside: function (h) { return isResolvable(h); } }; ${YES(`U.inside('127.0.0.1')`)}`,
  'a class with a template': `class P { static of(h) { return \`PROXY \${h}:8080\`; } } ${find(`return P.of('a');`)}`,
  'a constant': `const FindProxyForURL = (url, host) => 'PROXY a:8080';`,
  'a property of this': `this.FindProxyForURL = function () { return 'PROXY a:8080'; };`,
  'a property of globalThis': `globalThis.FindProxyForURL = () => 'PROXY a:8080';`,
  'FindProxyForURLEx counts first': `${find(`return 'DIRECT';`)} function FindProxyForURLEx() { return 'PROXY a:8080'; }`,
  'an HTML comment': `<!-- old\n${find(`return 'PROXY a:8080';`)}\n-->`,
  'octal and with': YES(`(function () { with ({ x: 010 }) return x === 8; })()`),
  'strict mode': `'use strict'; ${find(`return 'PROXY a:8080';`)}`,
  'text that is not ASCII': `var name = 'größe'; ${YES(`name.length === 5`)}`,
  'an unknown word first': find(`return 'QUIC x:443; PROXY a:8080';`),
  'alert()': find(`alert('hello \\u001b[31m'); return 'PROXY a:8080';`),
  'it reaches nothing': YES(
    `[typeof process, typeof require, typeof fetch, typeof pacHost, typeof FindProxyForURL.constructor('return process').name].join() === 'undefined,undefined,undefined,undefined,string'`,
  ),
  'the host of an IPv6 address has no brackets': YES(`host === '::1'`),
};

for (const [name, source] of Object.entries(FORMS)) {
  test(`a PAC file with ${name}`, async () => {
    assert.deepEqual(await routes(source, name.includes('IPv6') ? 'http://[::1]/' : undefined), PROXY);
  });
}

/** Expressions over the functions of a PAC file. */
const FUNCTIONS = [
  [`dnsDomainIs('www.corp.example', '.corp.example') && !dnsDomainIs('corp.example.org', '.corp.example')`],
  [`dnsDomainLevels('www.corp.example') === 2 && dnsDomainLevels('www') === 0`],
  [`isPlainHostName('www') && !isPlainHostName('www.corp') && !isPlainHostName('::1')`],
  [`localHostOrDomainIs('www', 'www.corp.example') && localHostOrDomainIs('www.corp.example', 'www.corp.example')`],
  [`!localHostOrDomainIs('home', 'www.corp.example') && !localHostOrDomainIs('www.corp.other', 'www.corp.example')`],
  [`isInNet('10.1.2.3', '10.1.0.0', '255.255.0.0') && !isInNet('10.2.2.3', '10.1.0.0', '255.255.0.0')`],
  [`!isInNet('nowhere.invalid', '10.0.0.0', '255.0.0.0') && !isInNet('10.1.2.3', '10.0.0.999', '255.0.0.0')`],
  [`convert_addr('1.2.3.4') === 16909060`],
  [`dnsResolve('127.0.0.1') === '127.0.0.1' && dnsResolve('nowhere.invalid') === null`],
  [`dnsResolveEx('nowhere.invalid') === '' && dnsResolveEx('::1') === '::1'`],
  [`isResolvable('127.0.0.1') && !isResolvable('nowhere.invalid') && isResolvableEx('127.0.0.1')`],
  [`isInNetEx('fd00::1', 'fd00::/8') && isInNetEx('10.1.2.3', '10.0.0.0/8') && !isInNetEx('10.1.2.3', 'fd00::/8')`],
  [`!isInNetEx('x', '10.0.0.0/8') && !isInNetEx('10.1.2.3', '10.0.0.0') && !isInNetEx('10.1.2.3', '10.0.0.0/40')`],
  [
    `sortIpAddressList('10.1.2.3; fd00::1;') === 'fd00::1;10.1.2.3' && sortIpAddressList('x') === false && sortIpAddressList() === null`,
  ],
  [
    `sortIpAddressList('9.0.0.1;10.0.0.1;fe80::1;0::1;::1;2001:db8::') === '0::1;::1;2001:db8::;fe80::1;9.0.0.1;10.0.0.1'`,
  ],
  [`isInNetEx('::ffff:10.0.0.1', '::ffff:0:0/96') && isInNetEx() === null`],
  [`/^\\d+\\.\\d+\\.\\d+\\.\\d+$/.test(myIpAddress()) && typeof myIpAddressEx() === 'string'`],
  [`getClientVersion() === '1.0'`],
  [
    `shExpMatch('http://a/b/c', '*/b/*') && !shExpMatch('axb', 'a.b') && shExpMatch('ab', 'a?') && shExpMatch('b', '(a|b)')`,
  ],
  [`weekdayRange('SUN', 'SAT') && weekdayRange('MON', 'SUN', 'GMT') && !weekdayRange('XXX')`],
  [
    `(function () { var d = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'], n = new Date().getUTCDay();
     return weekdayRange(d[n], 'GMT') && !weekdayRange(d[(n + 1) % 7], 'GMT') && weekdayRange(d[(n + 6) % 7], d[n], 'GMT'); })()`,
  ],
  [
    `(function () { var n = new Date(), m = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
     var d = n.getUTCDate(), mon = m[n.getUTCMonth()], other = m[(n.getUTCMonth() + 2) % 12], y = n.getUTCFullYear();
     return dateRange(d, 'GMT') && dateRange(mon, 'GMT') && !dateRange(other, 'GMT') && dateRange(y, 'GMT') && !dateRange(y + 1, 'GMT')
       && dateRange(1, 31, 'GMT') && dateRange('JAN', 'DEC', 'GMT') && dateRange(y - 1, y, 'GMT') && dateRange(d, mon, d, mon, 'GMT')
       && dateRange(mon, y, mon, y, 'GMT') && dateRange(d, mon, y, d, mon, y, 'GMT') && !dateRange(1, 'JAN', y + 1, 2, 'JAN', y + 1, 'GMT')
       && dateRange(1, 'JAN', 31, 'DEC'); })()`,
  ],
  [
    `(function () { var n = new Date(), h = n.getUTCHours();
     return timeRange(h, 'GMT') && timeRange(0, 23, 'GMT') && !timeRange((h + 2) % 24, 'GMT') && timeRange(0, 0, 23, 59, 'GMT')
       && timeRange(0, 0, 0, 23, 59, 59, 'GMT') && timeRange(0, 24) && (h === 0 || !timeRange(h + 1, h - 1, 'GMT')); })()`,
  ],
  [`(function () { try { timeRange(1, 2, 3); return false; } catch (error) { return true; } })()`],
];

for (const [expression] of FUNCTIONS) {
  test(`PAC functions: ${expression.split('\n')[0].slice(0, 90)}`, async () => {
    assert.deepEqual(await routes(YES(expression)), PROXY);
  });
}

/** Scripts that fail or never end, and the reason that is given. */
const ENDS = {
  'a loop in the function': [find('for (;;);'), /takes too long/],
  'a loop at the top level': [`while (true) {} ${find(`return 'DIRECT';`)}`, /takes too long/],
  'a loop of questions for addresses': [
    find('for (var i = 0; ; i++) dnsResolve("127.0.0." + i % 255);'),
    /takes too long/,
  ],
  'a loop that catches errors': [
    find('for (;;) try { for (;;) dnsResolve("127.0.0.1"); } catch (e) {}'),
    /takes too long/,
  ],
  'an expression that backtracks': [
    find('return /^(a+)+$/.test("a".repeat(40) + "b") ? "DIRECT" : "DIRECT";'),
    /takes too long/,
  ],
  'all of the memory': [find('var a = []; for (;;) a.push("x".repeat(100000) + a.length);'), /memory|takes too long/],
  recursion: [find('return FindProxyForURL(url, host);'), /stack/],
  'a promise': [`async ${find(`return 'DIRECT';`)}`, /not a string/],
  'an object that loops when it is converted': [
    find('return { toString: function () { for (;;); } };'),
    /not a string/,
  ],
  'a thrown object that loops': [find('throw { toString: function () { for (;;); } };'), /takes too long/],
  'a million proxies': [find('return "PROXY a:1;".repeat(1000000);'), /too long/],
  'no function': ['var x = 1;', /does not define FindProxyForURL/],
  'no script': ['<html>', /cannot be used/],
};

for (const [name, [source, reason]] of Object.entries(ENDS)) {
  test(`a PAC file ends: ${name}`, { timeout: 30_000 }, async () => {
    let worst = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }, 20);
    await assert.rejects(routes(source), { code: 'ERR_NTLM_PAC', message: reason });
    clearInterval(watch);
    assert.ok(worst < 1_500, `the event loop was blocked for ${worst} ms`);
  });
}

test('after a loop the same file answers other URLs', async () => {
  const resolve = createRouteResolver(data(find(`if (host === 'loop.example') for (;;); return 'PROXY a:8080';`)));
  const [looping, answered] = await Promise.allSettled(
    ['http://loop.example/', 'http://b.example/'].map(async (url) => words(await resolve(new URL(url)))),
  );
  assert.equal(looping.reason.code, 'ERR_NTLM_PAC');
  assert.deepEqual(answered.value, PROXY);
});

let server;
before(async () => {
  const text = find(`return 'PROXY a:8080'; /* ü */`);
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
  const latin1 = Buffer.from(text, 'latin1');
  const named = find(`return 'ü'.length === 1 ? 'PROXY a:8080' : 'DIRECT';`);
  const bodies = {
    '/p.pac': text,
    '/bom.pac': `\ufeff${text}`,
    '/utf16.pac': utf16,
    '/latin1.pac': latin1,
    '/charset.pac': [
      Buffer.from(named, 'latin1'),
      { 'content-type': 'application/x-ns-proxy-autoconfig; charset=iso-8859-1' },
    ],
    '/large.pac': 'x'.repeat(2 * 1024 * 1024),
  };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://a');
    if (pathname === '/moved.pac') return response.writeHead(302, { location: '/p.pac' }).end();
    if (pathname === '/circle.pac') return response.writeHead(301, { location: '/circle.pac' }).end();
    if (pathname === '/away.pac') return response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    if (pathname === '/drip.pac') {
      const timer = setInterval(() => response.write(' '), 500);
      response.once('close', () => clearInterval(timer));
      return undefined;
    }
    const [body, headers] = [bodies[pathname] ?? '', {}].flat();
    return response
      .writeHead(body === '' ? 404 : 200, Array.isArray(bodies[pathname]) ? bodies[pathname][1] : headers)
      .end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.closeAllConnections();
  server.close();
});
const served = async (path) =>
  words(await createRouteResolver(`http://127.0.0.1:${server.address().port}${path}`)(new URL('http://a.example/')));

test('a URL that ends in .pac or .dat is a PAC file: redirects, byte order marks, charsets', async () => {
  for (const name of ['p', 'moved', 'bom', 'utf16', 'latin1', 'charset'].map((word) => `/${word}.pac`)) {
    assert.deepEqual(await served(name), PROXY, name);
  }
  assert.deepEqual(await served('/p.pac?for=me'), PROXY);
});

test(
  'fetching a PAC file ends: circles, a redirect to a file, size, a server that sends a byte at a time',
  { timeout: 30_000 },
  async () => {
    const failures = {
      circle: /redirects/,
      away: /redirect to file:/,
      large: /megabyte/,
      none: /status 404/,
      drip: /10 seconds/,
    };
    await Promise.all(
      Object.entries(failures).map(([name, message]) =>
        assert.rejects(served(`/${name}.pac`), { code: 'ERR_NTLM_PAC', message }),
      ),
    );
  },
);
