/**
 * Every JavaScript and TypeScript example of the pages runs, and prints what its comments say: `console.log(…); // 200`, or
 * comments at its end. The proxy and the servers in it are those of this package, on loopback.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from 'ntlm-wasm/node';
import { WebSocketServer } from 'ws';
import { selfSignedCertificate } from '../internals.mjs';
import { consumerFolder } from './consumer.mjs';
import { root, scripts } from './pages.mjs';

const { transformSync } = createRequire(join(root, 'pkg-template/package.json'))('esbuild');
const run = promisify(execFile);

const account = { username: 'alice', password: 'correct horse', domain: 'CORP' };
const accounts = { [account.username]: account.password };

/** What differs from the rule: the output, how often the example authenticates, and a program that follows it. */
const SPECIAL = {
  'docs/certificates.md 1': { output: [] },
  'docs/decode.md 1': { output: [/^CORP\\alice from PC1 to SERVER, NTLMv2, /] },
  'docs/diagnose.md 1': { output: ['works'], handshakes: 2 }, // plain, and within the tunnel
  'docs/electron.md 5': { output: ['allowed *corp.example'], handshakes: 0 },
  'docs/electron.md 6': { output: ['allowed *corp.example', 'updater alice correct horse'], handshakes: 0 },
  'docs/client-electron-net.md 1': { output: ['allowed *corp.example', '200'], handshakes: 0 },
  'docs/middleware.md 1': {
    output: ['Hello alice'],
    handshakes: 0,
    then: `
      import { once } from 'node:events';
      import { createFetch } from 'ntlm-wasm/node';
      if (!server.listening) await once(server, 'listening');
      const url = 'http://127.0.0.1:' + server.address().port;
      const visitor = createFetch({ proxy: 'direct', servers: ['127.0.0.1'], credentials: ${JSON.stringify(account)} });
      console.log(await (await visitor(url)).text());
      process.exit();`,
  },
  'docs/migrating.md 3': { output: [] },
  'docs/single-sign-on.md 3': { output: [], handshakes: 0 },
};

/** Returns the lines that the comments of an example promise. */
function promised(code) {
  const printed = [...code.matchAll(/\bconsole\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
  const last = /\n((?:\/\/ .*\n)+)$/.exec(code)?.[1] ?? '';
  return [...printed, ...[...last.matchAll(/^\/\/ (.*)$/gm)].map(([, text]) => text)];
}

describe('the examples of the pages', { concurrency: 3 }, () => {
  let consumer;
  before(() => {
    consumer = consumerFolder();
    const { pfx } = JSON.parse(readFileSync(join(root, 'tests/vectors/key-stores.json'), 'utf8'));
    writeFileSync(join(consumer.folder, 'server.pfx'), Buffer.from(pfx['with-chain'], 'base64'));
    copyFileSync(join(root, 'tests/js/decode/inputs/cap2.pcap'), join(consumer.folder, 'capture.pcapng'));
  });
  after(() => consumer.remove());

  const numbers = new Map();
  for (const { page, id, heading, language, code } of scripts) {
    const number = (numbers.get(page) ?? 0) + 1;
    numbers.set(page, number);
    const special = SPECIAL[`${page} ${number}`];

    test(`${id}: ${heading}`, { timeout: 60_000 }, async (t) => {
      const expected = special?.output ?? promised(code);
      assert.ok(special !== undefined || expected.length > 0, 'an example says in a comment what it prints');
      const world = await startWorld(t, code, consumer.folder);
      const program = transformSync(`${world.program}\n${special?.then ?? ''}`, {
        loader: language,
        format: 'esm',
      }).code;
      const standIns = new URL('stand-ins.mjs', import.meta.url).href;
      const args = ['--import', standIns, '--input-type=module', '--eval', program];
      const { stdout } = await run(process.execPath, args, { cwd: consumer.folder, timeout: 50_000, env: world.env });
      const lines = stdout.trim() === '' ? [] : stdout.trimEnd().split('\n');
      assert.equal(lines.length, expected.length, stdout);
      lines.forEach((line, index) => {
        if (typeof expected[index] === 'string') assert.equal(line, expected[index]);
        else assert.match(line, expected[index]);
      });
      if (world.program !== code) assert.equal(world.handshakes(), special?.handshakes ?? 1);
    });
  }

  test('every exception in this file belongs to an example', () => {
    const names = new Set(
      [...numbers].flatMap(([page, count]) => Array.from({ length: count }, (_, i) => `${page} ${i + 1}`)),
    );
    assert.deepEqual(
      Object.keys(SPECIAL).filter((name) => !names.has(name)),
      [],
    );
  });
});

/** Starts what the example expects to find, and puts the addresses into it. */
async function startWorld(t, code, folder) {
  const serve = async (options) => {
    const server = await startServer({ accounts, ...options });
    t.after(() => server.close({ grace: 0 }));
    return server;
  };
  const tls = selfSignedCertificate();
  const proxy = await serve({});
  const intranet = await serve({ role: 'origin', tls, channelBindingPolicy: 'required' });
  const open = await serve({ role: 'none', tls });
  const plain = await serve({ role: 'none' });
  const other = await startTlsServer(t, tls);
  const authority = join(folder, `ca-${proxy.port}.pem`);
  writeFileSync(authority, tls.cert);
  const program = code
    .replaceAll('http://proxy.corp.example:8080', proxy.url)
    .replaceAll("'*.corp.example'", "'127.0.0.1'")
    .replaceAll('https://intranet.corp.example', intranet.url)
    .replaceAll('https://www.example.com', open.url)
    .replaceAll('https://www.example', open.url)
    .replaceAll('http://www.example.com', plain.url)
    .replaceAll('wss://chat.example.com', `wss://127.0.0.1:${other.port}`)
    .replaceAll('listen(8080)', 'listen(0)');
  return {
    program,
    handshakes: () => proxy.counters.handshakes + intranet.counters.handshakes,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NTLM_USERNAME: account.username,
      NTLM_PASSWORD: account.password,
      NTLM_DOMAIN: account.domain,
      ...(code.includes('system') ? { NTLM_ADDON: join(root, 'tests/js/system/stand-in.cjs') } : {}),
      ...(code.includes('diagnose(') ? { HTTPS_PROXY: proxy.url } : {}),
      PFX_PASSPHRASE: 'secret',
      NODE_EXTRA_CA_CERTS: authority,
      ELECTRON_PROXY: `PROXY ${new URL(proxy.url).host}`,
      AWS_ENDPOINT_URL: `https://127.0.0.1:${other.port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'an example',
    },
  };
}

/** A TLS server for WebSockets, and for one request to S3. */
async function startTlsServer(t, tls) {
  const server = https.createServer(tls, (request, response) => {
    response.setHeader('Content-Type', 'application/xml');
    response.end('<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>');
  });
  new WebSocketServer({ server });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address();
}
