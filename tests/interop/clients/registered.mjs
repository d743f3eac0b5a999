// A program that knows nothing of proxies: its runtime was started with --import ntlm-wasm/register.
// It gets each URL of its arguments with the built-in fetch and with http.get, and prints the sizes as JSON.

import http from 'node:http';
import https from 'node:https';

const byFetch = async (url) => (await (await fetch(url)).arrayBuffer()).byteLength;

const byHttpGet = (url) =>
  new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    get(url, async (response) => {
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      resolve(bytes);
    }).on('error', reject);
  });

async function main(urls) {
  const results = [];
  for (const url of urls) results.push({ fetch: await byFetch(url), 'http.get': await byHttpGet(url) });
  console.log(JSON.stringify(results));
}

main(process.argv.slice(2));
