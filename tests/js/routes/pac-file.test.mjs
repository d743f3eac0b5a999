import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createRouteResolver } from '../../../pkg-template/dist/node/routes/index.js';

let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-pac-'));
});

after(() => rm(folder, { recursive: true, force: true }));

async function pacUrl(source) {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.pac`);
  await writeFile(file, source);
  return `pac+${pathToFileURL(file).href}`;
}

const words = (found) =>
  found.map((route) =>
    route.kind === 'direct' ? 'direct' : `${route.tls ? 'https' : 'http'} ${route.host}:${route.port}`,
  );

const routes = async (source, url) => words(await createRouteResolver(await pacUrl(source))(new URL(url)));

test('a PAC file decides by host and by URL', async () => {
  const source = `function FindProxyForURL(url, host) {
    if (isPlainHostName(host) || dnsDomainIs(host, '.corp.example')) return 'DIRECT';
    if (shExpMatch(url, '*/download/*')) return 'PROXY big:8080';
    return isInNet(host, '10.0.0.0', '255.0.0.0') ? 'HTTPS inner:443; DIRECT' : 'PROXY a:8080; PROXY b:8080';
  }`;
  assert.deepEqual(await routes(source, 'http://intranet/'), ['direct']);
  assert.deepEqual(await routes(source, 'http://www.corp.example/'), ['direct']);
  assert.deepEqual(await routes(source, 'http://x.example/download/1'), ['http big:8080']);
  assert.deepEqual(await routes(source, 'http://10.1.2.3/'), ['https inner:443', 'direct']);
  assert.deepEqual(await routes(source, 'http://x.example/'), ['http a:8080', 'http b:8080']);
});

test('of an https: URL the file sees the host alone', async () => {
  const source =
    'function FindProxyForURL(url) { return url === "https://x.example:444/" ? "DIRECT" : "PROXY saw-too-much:1" }';
  assert.deepEqual(await routes(source, 'https://user:pw@x.example:444/secret?token=1'), ['direct']);
});

test('the script reaches nothing of the program', async () => {
  const source = `function FindProxyForURL() {
    var seen = [typeof process, typeof require, typeof globalThis.fetch].join();
    return seen === 'undefined,undefined,undefined' ? 'DIRECT' : 'PROXY ' + seen + ':1';
  }`;
  assert.deepEqual(await routes(source, 'http://x.example/'), ['direct']);
});

test('a PAC file that fails, loops, is missing or is not a script: coded errors', { timeout: 30_000 }, async () => {
  await assert.rejects(routes('function FindProxyForURL() { throw new Error("no") }', 'http://x.example/'), {
    code: 'ERR_NTLM_PAC',
  });
  await assert.rejects(routes('function FindProxyForURL() { for (;;); }', 'http://x.example/'), {
    code: 'ERR_NTLM_PAC',
  });
  await assert.rejects(routes('var nothing = 1', 'http://x.example/'), { code: 'ERR_NTLM_PAC' });
  await assert.rejects(routes('<html>', 'http://x.example/'), { code: 'ERR_NTLM_PAC' });
  await assert.rejects(routes('function FindProxyForURL() { return "SOCKS s:1" }', 'http://x.example/'), {
    code: 'ERR_NTLM_PROXY_UNSUPPORTED',
  });
  await assert.rejects(async () => createRouteResolver('pac+file:///does/not/exist.pac')(new URL('http://a/')), {
    code: 'ERR_NTLM_PAC',
  });
  assert.throws(() => createRouteResolver('pac+'), { code: 'ERR_NTLM_PAC' });
});

test('messages contain neither the credentials nor the query of a PAC file URL', async () => {
  await assert.rejects(
    async () => createRouteResolver('pac+http://bob:S3cret@127.0.0.1:1/proxy.pac?key=S3cret')(new URL('http://a/')),
    ({ code, message }) =>
      code === 'ERR_NTLM_PAC' && /127\.0\.0\.1:1\/proxy\.pac/.test(message) && !/S3cret/.test(message),
  );
});

test('a PAC file from a server is fetched once, directly, and again after a failure', async () => {
  let fetched = 0;
  const server = createServer((_request, response) => {
    fetched += 1;
    if (fetched === 1) response.writeHead(500).end();
    else response.end('function FindProxyForURL() { return "PROXY a:8080" }');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const resolve = createRouteResolver(`pac+http://127.0.0.1:${server.address().port}/proxy.pac`);
    await assert.rejects(async () => resolve(new URL('http://x.example/')), { code: 'ERR_NTLM_PAC' });
    assert.equal((await resolve(new URL('http://x.example/')))[0].host, 'a');
    assert.equal((await resolve(new URL('https://y.example/')))[0].host, 'a');
    assert.equal(fetched, 2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
