// Firefox, driven by WebDriver BiDi: one page, with an answer to its log-on prompt.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'undici';

const PREFERENCES = {
  'network.proxy.type': 0,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};

/** Returns the page's text after Firefox authenticated or gave up. Each prompt is answered once. */
export async function firefox(url, user, proxy) {
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  const preferences = { ...PREFERENCES, ...(proxy ? manualProxy(new URL(proxy)) : {}) };
  const lines = Object.entries(preferences).map(
    ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const args = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile, 'about:blank'];
  const child = spawn('firefox-esr', args, {
    env: { ...process.env, HOME: profile },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const session = await BidiSession.open(await addressOf(child));
    return await visit(session, url, user);
  } finally {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(profile, { recursive: true, force: true });
  }
}

const manualProxy = ({ hostname, port }) => ({
  'network.proxy.type': 1,
  'network.proxy.http': hostname,
  'network.proxy.http_port': Number(port),
  'network.proxy.allow_hijacking_localhost': true,
});

async function addressOf(child) {
  for await (const line of createInterface({ input: child.stderr })) {
    const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
    if (address) return `${address}/session`;
  }
  throw new Error('Firefox ended before it listened');
}

async function visit(session, url, user) {
  await session.send('session.new', { capabilities: {} });
  await session.send('session.subscribe', { events: ['network.authRequired'] });
  await session.send('network.addIntercept', { phases: ['authRequired'] });
  let asked = 0;
  session.onEvent = ({ method, params }) => {
    if (method !== 'network.authRequired') return;
    // Without the domain: through WebDriver BiDi, Firefox takes DOMAIN\user for the user name.
    const credentials = { type: 'password', username: user.name, password: user.password };
    const answer = asked++ === 0 ? { action: 'provideCredentials', credentials } : { action: 'cancel' };
    session.send('network.continueWithAuth', { request: params.request.request, ...answer }).catch(() => {});
  };
  const { contexts } = await session.send('browsingContext.getTree', {});
  const { context } = contexts[0];
  await session.send('browsingContext.navigate', { context, url, wait: 'complete' }).catch(() => {}); // a refused log-on
  const script = { expression: 'document.documentElement.textContent', target: { context }, awaitPromise: false };
  const { result } = await session.send('script.evaluate', script);
  return String(result.value);
}

class BidiSession {
  #socket;
  #pending = new Map();
  #id = 0;
  onEvent = () => {};

  static async open(address) {
    const session = new BidiSession();
    const socket = new WebSocket(address);
    session.#socket = socket;
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no WebDriver BiDi at ${address}`));
    });
    socket.onmessage = ({ data }) => session.#receive(JSON.parse(data));
    return session;
  }

  send(method, params) {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #receive(message) {
    const waiting = this.#pending.get(message.id);
    if (!waiting) return this.onEvent(message);
    this.#pending.delete(message.id);
    if (message.type === 'error') waiting.reject(new Error(`${message.error}: ${message.message}`));
    else waiting.resolve(message.result);
  }
}
