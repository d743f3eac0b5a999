// `ntlm-wasm/register` with NTLM_AGENTS=replace, and packages that change node:http and fetch as well: nock and msw, which
// answer some requests and pass the others on, and OpenTelemetry, which records them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoAccount } from '../../../pkg/dist/node/index.js';
import { cleanEnvironment } from '../cli/run-cli.mjs';
import { startTestNetwork } from '../cli/test-network.mjs';

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

let network;
let program;

before(async () => {
  network = await startTestNetwork();
  program = network.write('program.cjs', PROGRAM);
});
after(() => network.close());

async function registered(name, scheme) {
  const env = cleanEnvironment({
    NTLM_USERNAME: demoAccount.username,
    NTLM_PASSWORD: demoAccount.password,
    NTLM_AGENTS: 'replace',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    NODE_OPTIONS: '--require ntlm-wasm/register',
    HTTP_PROXY: network.proxy.url,
    HTTPS_PROXY: network.proxy.url,
  });
  const words = [program, name, network.url(scheme)];
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
