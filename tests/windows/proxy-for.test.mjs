// Windows' proxy settings, as WinHTTP reads them: a fixed proxy with exceptions, and a script.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addonFor } from './lib/addons.mjs';
import { NODES, runWindows, windowsPath } from './lib/programs.mjs';

const PROGRAM = fileURLToPath(new URL('clients/proxy-for.cjs', import.meta.url));
const KEY = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections';
const DIRECT = 1;
const PROXY = 2;
const SCRIPT = 4;

/** The value that the dialogue of Windows' settings leaves: numbers, and strings with their lengths before them. */
function settings({ proxy = '', bypass = '', script = '' }) {
  const number = (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const text = (value) => Buffer.concat([number(value.length), Buffer.from(value)]);
  const flags = DIRECT | (proxy && PROXY) | (script && SCRIPT);
  const fields = [number(0x46), number(1), number(flags), text(proxy), text(bypass), text(script), Buffer.alloc(32)];
  return Buffer.concat(fields).toString('hex');
}

async function answers(given, urls) {
  const reg = (...args) => runWindows('reg', args);
  const value = ['/v', 'DefaultConnectionSettings'];
  assert.equal((await reg('add', KEY, ...value, '/t', 'REG_BINARY', '/d', settings(given), '/f')).code, 0);
  try {
    const input = JSON.stringify({ addonFile: windowsPath(addonFor('win32-x64')), urls });
    const { stdout, stderr } = await runWindows(NODES[1].command, [PROGRAM], { input });
    assert.ok(stdout.startsWith('['), stdout + stderr);
    return JSON.parse(stdout);
  } finally {
    await reg('delete', KEY, ...value, '/f');
  }
}

test('a proxy for all but some', async () => {
  const given = {
    proxy: 'http=proxy.corp.example:8080;https=secure.corp.example:8443',
    bypass: '*.intranet.example;<local>',
  };
  const urls = ['http://www.example.com/', 'https://www.example.com/', 'http://www.intranet.example/', 'http://wiki/'];
  assert.deepEqual(await answers(given, urls), [
    'PROXY proxy.corp.example:8080',
    'PROXY secure.corp.example:8443',
    'DIRECT',
    'DIRECT',
  ]);
});

test('a script', async (t) => {
  const script = `function FindProxyForURL(url, host) {
    return host == 'www.example.com' ? 'PROXY proxy.corp.example:8080' : 'DIRECT';
  }`;
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/x-ns-proxy-autoconfig').end(script);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const urls = ['http://www.example.com/', 'http://www.corp.example/'];
  const found = await answers({ script: `http://127.0.0.1:${server.address().port}/proxy.pac` }, urls);
  assert.deepEqual(found, ['PROXY proxy.corp.example:8080', 'DIRECT']);
});
