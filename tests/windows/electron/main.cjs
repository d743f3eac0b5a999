// A program as Electron's users write it, in Electron 9: the main process finds the proxy with Chromium's help, the
// operating system authenticates, and Chromium's own requests emit its `login` event. The task comes
// from the file TASK, what came of it goes to the file RESULT.

const { readFileSync, writeFileSync } = require('fs');
const http = require('http');
const https = require('https');
const { app, net, session } = require('electron');
const { fetchAll } = require('./drive.cjs');
require('./node-12.cjs');
const { NtlmAgent } = require('./ntlm-wasm.cjs');

const { userData, proxy, pages, ca, login, addonFile } = JSON.parse(readFileSync(process.env.TASK, 'utf8'));
const told = ({ code, message }) => ({ error: code ? `${code}: ${message}` : message });

const read = (response, resolve, reject) => {
  let bytes = 0;
  response.on('data', (chunk) => (bytes += chunk.length));
  response.on('end', () => resolve({ status: response.statusCode, bytes }));
  response.on('error', reject);
};

function byAgent(url) {
  const agent = new NtlmAgent({
    proxy: ({ href }) => session.defaultSession.resolveProxy(href),
    credentials: 'system',
    // Under Wine 8 there is no signed-in user for Negotiate.
    ...(process.platform === 'win32' && { schemes: ['NTLM'] }),
    tls: { ca, checkServerIdentity: () => undefined },
  });
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    get(url, { agent, ca, checkServerIdentity: () => undefined }, (response) => read(response, resolve, reject)).on(
      'error',
      reject,
    );
  });
}

function byChromium(url) {
  return new Promise((resolve, reject) => {
    let asked = 0;
    const request = net.request(url);
    request.on('login', ({ isProxy, scheme }, answer) => {
      asked += 1;
      if (isProxy && scheme !== 'basic' && asked === 1) answer(login.username, login.password);
      else answer();
    });
    request.on('response', (response) => read(response, (got) => resolve({ ...got, asked }), reject));
    request.on('error', reject);
    request.end();
  });
}

/** Chromium's network service takes a moment until it knows of new settings. */
async function route(url) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await session.defaultSession.resolveProxy(url);
    if (found !== 'DIRECT') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return 'DIRECT';
}

async function main() {
  const { electron, node, napi } = process.versions;
  const result = { electron, node, napi };
  await session.defaultSession.setProxy({ proxyRules: proxy, proxyBypassRules: '<-loopback>' });
  result.route = await route(pages.plain);
  const options = { proxy, url: pages.plain, options: { schemes: ['NTLM'] } };
  result.addon = await fetchAll(
    addonFile || `ntlm-wasm-${process.platform}-x64${process.platform === 'linux' ? '-gnu' : ''}`,
    { page: options },
  ).catch(told);
  result.plain = await byAgent(pages.plain).catch(told);
  result.tunnelled = await byAgent(pages.secure).catch(told);
  result.chromium = await byChromium(pages.plain).catch(told);
  // From inside the archive, it is copied to a temporary file with a random name.
  if (process.platform === 'linux')
    result.unpacked = /\/app\.asar\.unpacked\/\S*\/ntlm-wasm\.node$/m.test(readFileSync('/proc/self/maps', 'utf8'));
  return result;
}

const end = (result) => {
  writeFileSync(process.env.RESULT, JSON.stringify(result));
  app.exit(0);
};
process.on('uncaughtException', (error) => end({ uncaught: error.stack }));
process.on('unhandledRejection', (error) => end({ uncaught: error.stack }));
app.disableHardwareAcceleration();
app.setPath('userData', userData);
app
  .whenReady()
  .then(main)
  .then(end, (error) => end({ uncaught: error.stack }));
