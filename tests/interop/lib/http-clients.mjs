// Real HTTP clients that sign on to an acceptor: fetch(url, user, proxy?) -> what the client saw.

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { lab } from './lab.mjs';
import { runProgram } from './run-program.mjs';

const REQUESTS_NTLM = fileURLToPath(new URL('../python/requests_client.py', import.meta.url));

async function curl(url, user, proxy) {
  const [scheme, who] = proxy ? ['proxy-ntlm', 'proxy-user'] : ['ntlm', 'user'];
  // The configuration on standard input keeps the password off the command line; \ and " are its escapes.
  const quoted = `${user.domain}\\${user.name}:${user.password}`.replace(/[\\"]/g, '\\$&');
  const config = [scheme, `${who} = "${quoted}"`, `url = "${url}"`, proxy ? `proxy = "${proxy}"` : 'noproxy = "*"'];
  const { stdout, stderr } = await runProgram('curl', ['-sS', '-i', '--max-time', '20', '-K', '-'], {
    input: config.join('\n'),
  });
  return stdout + stderr;
}

async function requestsNtlm(url, user, proxy) {
  const request = { url, proxy, username: `${user.domain}\\${user.name}`, password: user.password };
  const { stdout, stderr } = await runProgram(lab.python, ['-B', REQUESTS_NTLM], { input: JSON.stringify(request) });
  return stdout + stderr;
}

async function chromiumBrowser(url, user, proxy) {
  const credentials = { username: `${user.domain}\\${user.name}`, password: user.password };
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
    proxy: proxy ? { server: proxy, ...credentials } : undefined,
  });
  try {
    const context = await browser.newContext(proxy ? {} : { httpCredentials: credentials });
    const page = await context.newPage();
    const response = await page.goto(url, { timeout: 20_000 });
    return await response.text();
  } catch (error) {
    return error.message; // a refused log-on is an error page, or a navigation that fails
  } finally {
    await browser.close();
  }
}

// curl 7.88 sends no MIC; requests-ntlm (pyspnego) and Chromium do.
export const CLIENTS = [
  { name: 'curl', isProxy: false, withMic: false, fetch: curl },
  { name: 'curl, proxy', isProxy: true, withMic: false, fetch: curl },
  { name: 'requests-ntlm', isProxy: false, withMic: true, fetch: requestsNtlm },
  { name: 'Chromium', isProxy: false, withMic: true, fetch: chromiumBrowser },
  { name: 'Chromium, proxy', isProxy: true, withMic: true, fetch: chromiumBrowser },
];
