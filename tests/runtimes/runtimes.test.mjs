// The packed package in every runtime that is promised: tokens, and a page through the built-in proxy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Consumer, smokeFile, vectorsFile } from '../packaging/consumer.mjs';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const node = (name) => ({ name, program: join(modules, name, 'bin', 'node'), args: [] });
const runtimes = [
  ...Object.keys(devDependencies)
    .filter((name) => name.startsWith('node-'))
    .map(node),
  {
    name: 'deno',
    program: join(modules, '@deno', 'linux-x64-glibc', 'deno'),
    args: ['run', '--quiet', '--no-lock', '--node-modules-dir=manual', '--allow-all'],
  },
  { name: 'bun', program: join(modules, '@oven', 'bun-linux-x64-baseline', 'bin', 'bun'), args: ['run'] },
];

const consumer = new Consumer();
after(() => consumer.remove());

const tokens = consumer.write(
  'tokens.mjs',
  `import * as ntlm from 'ntlm-wasm';
   import { readFileSync } from 'node:fs';
   import { checkMsNlmp } from ${JSON.stringify(pathToFileURL(smokeFile).href)};
   console.log(checkMsNlmp(ntlm, JSON.parse(readFileSync(${JSON.stringify(vectorsFile)}, 'utf8'))));`,
);

// Only the proxy can resolve the name, so a direct connection fails.
const page = consumer.write(
  'page.mjs',
  `import { createFetch, demoAccount, startServer } from 'ntlm-wasm/node';
   const name = 'only-the-proxy-knows.example';
   const proxy = await startServer({ hosts: { [name]: '127.0.0.1' } });
   const plain = await startServer({ role: 'none' });
   const secure = await startServer({ role: 'none', tls: true });
   const tls = { ca: secure.certificate, checkServerIdentity: () => undefined };
   const get = createFetch({ proxy: proxy.url, credentials: demoAccount, tls });
   for (const { url } of [plain, secure]) {
     const response = await get(url.replace('127.0.0.1', name) + '/');
     await response.text();
     console.log(response.status);
   }
   console.log('handshakes', proxy.counters.handshakes);
   await Promise.all([proxy, plain, secure].map((server) => server.close()));`,
);

const registered = consumer.write(
  'registered.mjs',
  `import http from 'node:http';
   import { demoAccount, register, startServer } from 'ntlm-wasm/node';
   const proxy = await startServer();
   register({ proxy: proxy.url, credentials: demoAccount });
   const response = await fetch(proxy.url + '/');
   await response.text();
   console.log('fetch', response.status, proxy.counters.handshakes);
   http.get(proxy.url + '/', (response) => response.resume().on('end', () => {
     console.log('http', response.statusCode, proxy.counters.handshakes);
     process.exit();
   }));`,
);

const guide = readFileSync(new URL('../../pkg-template/docs/client-deno-bun.md', import.meta.url), 'utf8');
const [, example] = /^```ts\n(.*?)^```$/ms.exec(guide);
const documented = consumer.write(
  'documented.mjs',
  `import { demoAccount, startServer } from 'ntlm-wasm/node';
   const proxy = await startServer({ hosts: { 'www.example.com': '127.0.0.1' } });
   const page = await startServer({ role: 'none' });
   process.env.NTLM_USERNAME = demoAccount.username;
   process.env.NTLM_PASSWORD = demoAccount.password;
   ${example
     .replace("'http://proxy.corp.example:8080'", 'proxy.url')
     .replace("'http://www.example.com/'", "page.url.replace('127.0.0.1', 'www.example.com')")}
   console.log('handshakes', proxy.counters.handshakes);
   process.exit();`,
);

const form = consumer.write(
  'form.mjs',
  `import { createServer } from 'node:http';
   import { createFetch } from 'ntlm-wasm/node';
   const server = createServer(async (request, response) => {
     let text = '';
     for await (const chunk of request.setEncoding('latin1')) text += chunk;
     response.end(/^multipart\\/form-data;/.exec(request.headers['content-type']) + ' ' + /name="field"/.exec(text));
   });
   await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
   const body = new FormData();
   body.append('field', 'value');
   body.append('file', new Blob(['hello']), 'a.txt');
   const fetch = createFetch({ proxy: 'direct' });
   const response = await fetch('http://127.0.0.1:' + server.address().port + '/', { method: 'POST', body });
   console.log(await response.text());
   process.exit();`,
);

const habits = consumer.write('habits.mjs', readFileSync(new URL('habits.mjs', import.meta.url), 'utf8'));

for (const { name, program, args } of runtimes) {
  test(`${name}: requests end with NtlmAgent as with the runtime's own agent`, () => {
    const results = JSON.parse(consumer.run(program, [...args, habits]));
    for (const [scenario, { own, ours }] of Object.entries(results)) assert.deepEqual(ours, own, scenario);
    const [array] = results['array-valued fields'].ours;
    assert.equal(array, '200 {"method":"GET","bytes":0,"list":"a, b","cookie":"x=1; y=2","accept":"text/plain"}');
    assert.ok(Object.keys(results).length > 15);
  });

  test(`${name}: the example for Deno and Bun`, () => {
    assert.equal(consumer.run(program, [...args, documented]), '200\nhandshakes 1\n');
  });

  test(`${name}: tokens`, () => {
    assert.match(consumer.run(program, [...args, tokens]), /^MS-NLMP 4\.2\.4: /);
  });

  test(`${name}: a page through an NTLM proxy, plain and tunnelled`, () => {
    assert.equal(consumer.run(program, [...args, page]), '200\n200\nhandshakes 2\n');
  });

  test(`${name}: createFetch sends the FormData of the runtime as a form`, () => {
    assert.equal(consumer.run(program, [...args, form]), 'multipart/form-data; name="field"\n');
  });

  test(`${name}: register, for fetch and for http.get`, () => {
    assert.equal(consumer.run(program, [...args, registered]), 'fetch 200 1\nhttp 200 2\n');
  });
}
