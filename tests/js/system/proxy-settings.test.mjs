/** Where the system itself says which proxy is to be used (WinHTTP), and where it cannot. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemRoutes, winHttpRoutes } from '../internals.mjs';

const standIn = (globalThis.standIn = { delay: 1, log: [], open: new Set() });
const settings = async () => ({ source: 'the registry', http: 'fallback:3128', exceptions: '' });
const resolver = (env = {}) => systemRoutes({ env, settings, decision: winHttpRoutes });

beforeEach(() => {
  process.env.NTLM_ADDON = fileURLToPath(new URL('stand-in.cjs', import.meta.url));
  Object.assign(standIn, { log: [], proxies: 'PROXY proxy:8080; DIRECT' });
});

test('its answer counts, is asked for once per origin, and without the path', async () => {
  const resolve = resolver();
  const routes = await resolve(new URL('https://page.example/secret?token=1'));
  assert.deepEqual(
    routes.map(({ kind, host, rule }) => [kind, host, rule]),
    [
      ['proxy', 'proxy', 'the proxy settings of Windows'],
      ['direct', undefined, 'the proxy settings of Windows'],
    ],
  );
  assert.equal(resolve(new URL('https://page.example/other')), routes);
  await resolve(new URL('ws://page.example:81/'));
  assert.deepEqual(standIn.log, [
    ['proxyFor', 'https://page.example/'],
    ['proxyFor', 'http://page.example:81/'],
  ]);
});

test('the environment goes before it', async () => {
  const [route] = await resolver({ HTTP_PROXY: 'http://other:1' })(new URL('http://page.example/'));
  assert.equal(route.host, 'other');
  assert.deepEqual(standIn.log, []);
});

test('where it fails the settings are read', async () => {
  standIn.proxies = undefined;
  const [route] = await resolver()(new URL('http://page.example/'));
  assert.equal(route.host, 'fallback');
});
