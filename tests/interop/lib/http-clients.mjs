// Real HTTP clients that authenticate to an acceptor: fetch(url, user, proxy?) -> what the client saw.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NtlmClient as axiosNtlm } from 'axios-ntlm';
import httpntlm from 'httpntlm';
import { chromium } from 'playwright-core';
import { withCntlm } from './cntlm.mjs';
import { firefox } from './firefox.mjs';
import { lab } from './lab.mjs';
import { runProgram } from './run-program.mjs';

const CHROMIUM = { executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] };
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

/** The credentials file of gss-ntlmssp, for programs that use the system's GSS-API. */
async function withSystemUser(user, visit) {
  const folder = mkdtempSync(join(tmpdir(), 'gss-'));
  const file = join(folder, 'user');
  writeFileSync(file, `${user.domain}:${user.name}:${user.password}\n`, { mode: 0o600 });
  try {
    return await visit({ NTLM_USER_FILE: file, KRB5CCNAME: `FILE:${folder}/no-tickets` });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function curlNegotiate(url, user, proxy) {
  const how = proxy ? ['--proxy-negotiate', '-U', ':', '-x', proxy] : ['--negotiate', '-u', ':', '--noproxy', '*'];
  return withSystemUser(user, async (env) => {
    const { stdout, stderr } = await runProgram('curl', ['-sS', '-i', '--max-time', '20', ...how, url], { env });
    return stdout + stderr;
  });
}

function chromiumNegotiate(url, user) {
  return withSystemUser(user, async (env) => {
    const args = [...CHROMIUM.args, '--auth-server-allowlist=*'];
    const browser = await chromium.launch({ ...CHROMIUM, args, env: { ...process.env, ...env } });
    try {
      // The allow list comes into force a moment after the start: the first pages come too early.
      return await pageText(await browser.newContext(), url, { tries: 6 });
    } finally {
      await browser.close();
    }
  });
}

async function chromiumBrowser(url, user, proxy) {
  const credentials = { username: `${user.domain}\\${user.name}`, password: user.password };
  const browser = await chromium.launch({ ...CHROMIUM, proxy: proxy ? { server: proxy, ...credentials } : undefined });
  try {
    return await pageText(await browser.newContext(proxy ? {} : { httpCredentials: credentials }), url);
  } finally {
    await browser.close();
  }
}

async function pageText(context, url, { tries = 1 } = {}) {
  const page = await context.newPage();
  try {
    for (let i = 1; ; i++) {
      const visited = page.goto(url, { timeout: 20_000 });
      // Chromium reports a 401 without a body as a failed navigation.
      const response = i < tries ? await visited.catch(() => undefined) : await visited;
      if (i === tries || (response !== undefined && response.status() !== 401)) return await response.text();
      await sleep(200);
    }
  } catch (error) {
    return error.message; // a refused log-on is an error page, or a navigation that fails
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
  { name: 'curl, Negotiate', scheme: 'Negotiate', isProxy: false, withMic: true, fetch: curlNegotiate },
  { name: 'curl, Negotiate, proxy', scheme: 'Negotiate', isProxy: true, withMic: true, fetch: curlNegotiate },
  { name: 'Chromium, Negotiate', scheme: 'Negotiate', isProxy: false, withMic: true, fetch: chromiumNegotiate },
];
