import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WebSocketServer } from 'ws';
import { selfSignedCertificate } from '../internals.mjs';
import { certificateFile, credentials, serve } from './servers.mjs';

const run = promisify(execFile);
const page = readFileSync(new URL('../../../pkg-template/docs/clients.md', import.meta.url), 'utf8');
const cwd = fileURLToPath(new URL('.', import.meta.url));

/** The headings of the page with the programs below them. */
const examples = page.split(/^## /m).flatMap((section) => {
  const [title] = section.split('\n');
  return [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => [title, code]);
});

/** What the examples expect to find in the world, on loopback. */
async function world(t) {
  const proxy = await serve(t);
  const intranet = await serve(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  const open = await serve(t, { role: 'none', tls: true });
  return { proxy: proxy.server, intranet, open };
}

for (const [title, code] of examples) {
  test(`the example of "${title}" runs`, async (t) => {
    const { proxy, intranet, open } = await world(t);
    const chat = title === 'ws' ? await chatServer(t) : undefined;
    const secure = code.includes('intranet') ? intranet : open;
    const program = code
      .replaceAll('http://proxy.corp.example:8080', proxy.url)
      .replaceAll("'*.corp.example'", "'127.0.0.1'")
      .replaceAll('https://intranet.corp.example', intranet.server.url)
      .replaceAll('https://www.example.com', open.server.url)
      .replaceAll('wss://chat.example.com', chat?.url ?? '');
    const args = ['--import', './programs/electron.mjs', '--input-type=module', '--eval', program];
    const { stdout } = await run(process.execPath, args, {
      cwd,
      timeout: 20_000,
      env: {
        PATH: process.env.PATH,
        NTLM_USERNAME: credentials.username,
        NTLM_PASSWORD: credentials.password,
        NTLM_DOMAIN: credentials.domain,
        NODE_EXTRA_CA_CERTS: await (chat ?? secure).certificateFile(),
        ELECTRON_PROXY: `PROXY ${new URL(proxy.url).host}`,
      },
    });
    assert.match(stdout, title === 'ws' ? /^1\n$/ : /^200\b/);
    const handshakes = proxy.counters.handshakes + intranet.server.counters.handshakes;
    assert.equal(handshakes, 1);
  });
}

test('every client of the table of contents has an example', () => {
  const titles = new Set(examples.map(([title]) => title));
  for (const name of ['fetch', 'undici', 'axios', 'got', 'node-fetch', 'superagent', 'ws', 'Electron, main process']) {
    assert.ok(titles.has(name), name);
  }
  // Run where those are: tests/runtimes, and docs/electron.md.
  for (const name of ['electron-updater', 'Deno and Bun']) assert.ok(page.includes(`\n## ${name}\n`), name);
});

/** A WebSocket server with TLS. */
async function chatServer(t) {
  const { cert, key } = selfSignedCertificate();
  const server = https.createServer({ cert, key });
  new WebSocketServer({ server });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `wss://127.0.0.1:${server.address().port}`;
  return { url, certificateFile: () => certificateFile(t, cert) };
}
