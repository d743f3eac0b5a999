// Real HTTP clients that sign on to an acceptor: fetch(url, user, proxy?) -> what the client saw.

import { fileURLToPath } from 'node:url';
import { NtlmClient as axiosNtlm } from 'axios-ntlm';
import httpntlm from 'httpntlm';
import { chromium } from 'playwright-core';
import { withCntlm } from './cntlm.mjs';
import { firefox } from './firefox.mjs';
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

async function axios(url, { name: username, domain, password }) {
  const client = axiosNtlm({ username, domain, password, workstation: '' }, { proxy: false, timeout: 20_000 });
  const { status, data } = await client.get(url).catch((error) => error.response ?? { status: error.message });
  return `${status} ${data}`;
}

async function httpNtlm(url, { name: username, domain, password }) {
  const options = { url, username, domain, password, workstation: '' };
  const { statusCode, body } = await new Promise((resolve, reject) => {
    httpntlm.get(options, (error, response) => (error ? reject(error) : resolve(response)));
  });
  return `${statusCode} ${body}`;
}

/** The local proxy, with curl in front of it. */
function cntlm(url, user, proxy) {
  return withCntlm(user, proxy, async (local) => {
    const { stdout, stderr } = await runProgram('curl', ['-sS', '-i', '--max-time', '20', '-x', local, url]);
    return stdout + stderr;
  });
}

// requests-ntlm (pyspnego) and Chromium send a MIC, the others do not.
export const CLIENTS = [
  { name: 'curl', isProxy: false, withMic: false, fetch: curl },
  { name: 'curl, proxy', isProxy: true, withMic: false, fetch: curl },
  { name: 'requests-ntlm', isProxy: false, withMic: true, fetch: requestsNtlm },
  { name: 'axios-ntlm', isProxy: false, withMic: false, fetch: axios },
  { name: 'httpntlm', isProxy: false, withMic: false, fetch: httpNtlm },
  { name: 'cntlm', isProxy: true, withMic: false, fetch: cntlm },
  { name: 'Chromium', isProxy: false, withMic: true, fetch: chromiumBrowser },
  { name: 'Chromium, proxy', isProxy: true, withMic: true, fetch: chromiumBrowser },
  { name: 'Firefox', isProxy: false, withMic: false, fetch: firefox, domain: '' },
  { name: 'Firefox, proxy', isProxy: true, withMic: false, fetch: firefox, domain: '' },
];
