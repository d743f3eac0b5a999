import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRouteResolver, readEnvironment, routeName, systemRoutes } from '../internals.mjs';

const PLAIN = new URL('http://www.example/');
const SECURE = new URL('https://www.example/');

const fromEnvironment = (env, url) => {
  const [route] = readEnvironment(env).resolve(url) ?? [];
  return route && [routeName(route), route.rule];
};

test('the environment chooses by scheme, in either case, the lower one first', () => {
  assert.deepEqual(fromEnvironment({ HTTP_PROXY: 'http://a:1' }, PLAIN), ['http://a:1', 'HTTP_PROXY']);
  assert.deepEqual(fromEnvironment({ http_proxy: 'b:2', HTTP_PROXY: 'http://a:1' }, PLAIN), [
    'http://b:2',
    'http_proxy',
  ]);
  assert.deepEqual(fromEnvironment({ HTTPS_PROXY: 'http://a:1' }, SECURE), ['http://a:1', 'HTTPS_PROXY']);
  assert.deepEqual(fromEnvironment({ HTTPS_PROXY: 'http://a:1' }, new URL('wss://x/')), ['http://a:1', 'HTTPS_PROXY']);
  assert.equal(fromEnvironment({ HTTPS_PROXY: 'http://a:1' }, PLAIN), undefined);
  assert.deepEqual(fromEnvironment({ ALL_PROXY: 'http://a:1' }, SECURE), ['http://a:1', 'ALL_PROXY']);
  assert.deepEqual(fromEnvironment({ all_proxy: 'a:1', https_proxy: 'b:2' }, SECURE), ['http://b:2', 'https_proxy']);
});

test('an empty variable means no proxy, NO_PROXY is an exception, and both are named', () => {
  assert.deepEqual(fromEnvironment({ http_proxy: '', ALL_PROXY: 'a:1' }, PLAIN), ['direct', 'http_proxy is empty']);
  const env = { http_proxy: 'a:1', NO_PROXY: 'localhost,.example' };
  assert.deepEqual(fromEnvironment(env, PLAIN), ['direct', 'NO_PROXY: .example']);
});

test('a CGI program does not believe HTTP_PROXY, which a request can set', () => {
  assert.equal(fromEnvironment({ REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://evil:1' }, PLAIN), undefined);
  assert.deepEqual(fromEnvironment({ REQUEST_METHOD: 'GET', http_proxy: 'a:1' }, PLAIN), ['http://a:1', 'http_proxy']);
});

test('"system" asks the environment first, then the settings once a minute', async () => {
  let asked = 0;
  const settings = async () => {
    asked += 1;
    return { source: 'test settings', http: 'c:3', https: 'd:4', exceptions: 'localhost,*.local' };
  };
  const env = {};
  const resolve = systemRoutes({ env, settings });
  const route = async (url) => {
    const [first] = await resolve(new URL(url));
    return [routeName(first), first.rule];
  };
  assert.deepEqual(await route('http://www.example/'), ['http://c:3', 'test settings']);
  assert.deepEqual(await route('https://www.example/'), ['http://d:4', 'test settings']);
  assert.deepEqual(await route('https://a.local/'), ['direct', 'test settings, exception *.local']);
  assert.equal(asked, 1);
  env.NO_PROXY = 'www.example';
  assert.deepEqual(await route('https://www.example/'), ['direct', 'NO_PROXY: www.example']);
  env.https_proxy = 'http://e:5';
  assert.deepEqual(await route('https://other.example/'), ['http://e:5', 'https_proxy']);
  assert.deepEqual(await route('http://other.example/'), ['direct', 'no proxy variable for http:']);
});

test('settings with a SOCKS proxy alone are reported, not passed over', async () => {
  const settings = async () => ({ source: 'test settings', socksOnly: true, exceptions: '' });
  await assert.rejects(async () => systemRoutes({ env: {}, settings })(PLAIN), { code: 'ERR_NTLM_PROXY_UNSUPPORTED' });
});

test('without any setting the route is direct and says why', async () => {
  const [route] = await systemRoutes({ env: {}, settings: async () => undefined })(PLAIN);
  assert.deepEqual(route, { kind: 'direct', rule: 'no proxy is set in the environment or the system' });
});

test('every form of the proxy option', async () => {
  const first = async (option, env) => (await createRouteResolver(option, env)(SECURE)).map(routeName);
  assert.deepEqual(await first('http://a:1'), ['http://a:1']);
  assert.deepEqual(await first(new URL('https://a')), ['https://a:443']);
  assert.deepEqual(await first('a:1'), ['http://a:1']);
  assert.deepEqual(await first('direct.corp.example:1'), ['http://direct.corp.example:1']);
  assert.deepEqual(await first('http://u:p;q@a:1'), ['http://a:1']);
  assert.deepEqual(await first('direct'), ['direct']);
  assert.deepEqual(await first('PROXY a:1; DIRECT'), ['http://a:1', 'direct']);
  assert.deepEqual(await first('environment', { HTTPS_PROXY: 'e:5' }), ['http://e:5']);
  assert.deepEqual(await first('system', { HTTPS_PROXY: 'e:5' }), ['http://e:5']);
  assert.deepEqual(await first(() => 'PROXY a:1'), ['http://a:1']);
  assert.deepEqual(await first(async (url) => `http://${url.hostname}:9`), ['http://www.example:9']);
  assert.deepEqual(await first(async () => 'DIRECT'), ['direct']);
});

test('a fixed route and a warm environment answer without waiting', () => {
  assert.ok(Array.isArray(createRouteResolver('http://a:1')(PLAIN)));
  assert.ok(Array.isArray(createRouteResolver('system', { http_proxy: 'a:1' })(PLAIN)));
});

test('an invalid proxy option is a coded error', async () => {
  for (const option of [7, null, {}, true])
    assert.throws(() => createRouteResolver(option), { code: 'ERR_NTLM_INVALID_OPTION' });
  await assert.rejects(async () => createRouteResolver(async () => 7)(PLAIN), { code: 'ERR_NTLM_INVALID_OPTION' });
  await assert.rejects(async () => createRouteResolver(() => undefined)(PLAIN), { code: 'ERR_NTLM_INVALID_OPTION' });
});
