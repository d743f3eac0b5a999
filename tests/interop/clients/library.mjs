// Fetches a page with one library and writes what came to the file `page`: `library.mjs NAME URL`. For libraries that
// tests/interop/programs installs, the variable MODULES names the folder.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';

const require = createRequire(process.env.MODULES ?? import.meta.url);
const [, , name, url] = process.argv;
const address = url.replace(/\/$/, '');
const { hostname, port, protocol } = new URL(url);

async function text(response) {
  let all = '';
  for await (const piece of response) all += piece;
  return all;
}

/** Services answer with a page of the registry or with an error: that they were reached is what counts. */
async function anyAnswer(promise) {
  try {
    return JSON.stringify((await promise) ?? 'done');
  } catch (error) {
    const status = error.statusCode ?? error.status ?? error.response?.status ?? error.code;
    if (Number(status) === 404 || Number(status) === 200) return String(status);
    throw error;
  }
}

const LIBRARIES = {
  axios: async () => (await require('axios').get(url)).data,
  gaxios: async () => (await require('gaxios').request({ url, responseType: 'text' })).data,
  'make-fetch-happen': async () => (await require('make-fetch-happen')(url)).text(),
  'custom agent': async () => {
    const module = protocol === 'https:' ? https : http;
    const [response] = await once(module.get(url, { agent: new module.Agent({ keepAlive: true }) }), 'response');
    return text(response);
  },
  // As `request` and Playwright do it.
  'absolute form': async () => {
    const proxy = new URL(process.env.http_proxy);
    const secret = Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64');
    const headers = { Host: new URL(url).host, 'Proxy-Authorization': `Basic ${secret}` };
    const [response] = await once(http.get({ host: proxy.hostname, port: proxy.port, path: url, headers }), 'response');
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    return text(response);
  },
  'AWS SDK': async () => {
    const { S3Client, GetObjectCommand } = require('@aws-sdk/client-s3');
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new S3Client({ endpoint: address, region: 'x', forcePathStyle: true, credentials, maxAttempts: 1 });
    return text((await client.send(new GetObjectCommand({ Bucket: 'conda', Key: 'noarch/repodata.json' }))).Body);
  },
  ws: async () => {
    const socket = new (require('ws'))(address.replace(/^http/, 'ws'));
    const [message] = await once(socket, 'message');
    return String(message);
  },
  phin: async () => String((await require('phin')(url)).body),
  request: () =>
    new Promise((resolve, reject) => {
      require('request')(url, (error, _response, body) => (error ? reject(error) : resolve(body)));
    }),
  'undici 7': async () => (await require('undici').request(url)).body.text(),
  mqtt: async () => {
    const client = require('mqtt').connect(`${address.replace(/^http/, 'ws')}/mqtt`, { reconnectPeriod: 0 });
    client.on('error', () => {});
    const [piece] = await once(client.stream, 'data').catch((error) => [error.message]);
    return String(piece);
  },
  '@electron/get': () => {
    const { downloadArtifact } = require('@electron/get');
    const options = { version: '30.0.0', artifactName: 'electron', platform: 'linux', arch: 'x64', force: true };
    return anyAnswer(
      downloadArtifact({
        ...options,
        mirrorOptions: { mirror: `${address}/none/` },
        unsafelyDisableChecksums: true,
      }).catch((error) => ({ answered: /404/.test(error.message) || Promise.reject(error) })),
    );
  },
};

writeFileSync('page', await LIBRARIES[name]());
process.exit();
