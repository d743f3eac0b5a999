// `ntlm-wasm/register` with NTLM_AGENTS=replace, and packages that change node:http and fetch as well: nock and msw, which
// answer some requests and pass the others on, and OpenTelemetry, which records them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { cleanEnvironment } from '../cli/run-cli.mjs';

const FOLDER = fileURLToPath(new URL('./programs', import.meta.url));
const PROGRAM = `
const { createRequire } = require('module');
const load = createRequire(${JSON.stringify(fileURLToPath(new URL('../x.js', import.meta.url)))});
const [, , name, url] = process.argv;
const get = (address, options = {}) => new Promise((resolve, reject) =>
  require(address.startsWith('https') ? 'https' : 'http')
    .get(address, options, (answer) => resolve((answer.resume(), answer.statusCode))).on('error', ({ code }) => resolve(code)));
const ownAgent = () => ({ agent: new (require(url.startsWith('https') ? 'https' : 'http').Agent)({ keepAlive: true }) });
const status = (address) => fetch(address).then((answer) => answer.status);
const all = async (addresses) => {
  const found = [];
  for (const address of addresses) found.push(await get(address), await status(address));
  found.push(await get(url, ownAgent()));
  return found;
};
const cases = {
  async nock() {
    const nock = load('nock');
    for (const scheme of ['http', 'https']) nock(scheme + '://mocked.example').get('/').times(2).reply(201);
    return all(['http://mocked.example/', 'https://mocked.example/', url]);
  },
  async msw() {
    const { http, HttpResponse } = load('msw');
    const { setupServer } = load('msw/node');
    const answer = () => new HttpResponse(null, { status: 201 });
    const server = setupServer(http.get('http://mocked.example/', answer), http.get('https://mocked.example/', answer));
    server.listen({ onUnhandledRequest: 'bypass' });
    return all(['http://mocked.example/', 'https://mocked.example/', url]);
  },
  async OpenTelemetry() {
    const { NodeTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = load('@opentelemetry/sdk-trace-node');
    const { registerInstrumentations } = load('@opentelemetry/instrumentation');
    const { HttpInstrumentation } = load('@opentelemetry/instrumentation-http');
    const { UndiciInstrumentation } = load('@opentelemetry/instrumentation-undici');
    const exporter = new InMemorySpanExporter();
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
    registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
    const found = await all([url]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const kinds = exporter.getFinishedSpans().map(({ instrumentationScope }) => instrumentationScope.name.split('-').at(-1));
    return [...found, ...kinds.sort()];
  },
};
cases[name]().then((found) => console.log(found.join(' ')), (error) => { console.error(error); process.exitCode = 1; });
`;

let folder;
let program;
let proxy;
let plain;
let secure;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-instrumented-'));
  program = join(folder, 'program.cjs');
  writeFileSync(program, PROGRAM);
  proxy = await startServer({ hosts: { 'registry.corp.example': '127.0.0.1' } });
  plain = await startServer({ role: 'none' });
  secure = await startServer({ role: 'none', tls: true });
});
after(async () => {
  await Promise.all([proxy.close(), plain.close(), secure.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function registered(name, scheme) {
  const port = (scheme === 'http' ? plain : secure).port;
  const env = cleanEnvironment({
    NTLM_USERNAME: demoAccount.username,
    NTLM_PASSWORD: demoAccount.password,
    NTLM_AGENTS: 'replace',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    NODE_OPTIONS: '--require ntlm-wasm/register',
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
  });
  const words = [program, name, `${scheme}://registry.corp.example:${port}/bytes/4`];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env, cwd: FOLDER, timeout: 60_000 });
  return stdout.trim();
}

for (const scheme of ['http', 'https']) {
  // nock and msw open the connections of other requests themselves, unless they are made with fetch.
  for (const name of ['nock', 'msw']) {
    test(`${name}, ${scheme}: its answers, and other requests of fetch through the proxy`, async () => {
      assert.equal(await registered(name, scheme), '201 201 201 201 ENOTFOUND 200 ENOTFOUND');
    });
  }
  test(`OpenTelemetry, ${scheme}: requests go through the proxy and are recorded`, async () => {
    assert.equal(await registered('OpenTelemetry', scheme), '200 200 200 http http undici');
  });
}
