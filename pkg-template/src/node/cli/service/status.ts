import { get } from 'node:http';
import type { ProxyStatus } from '../../proxy/status.js';

export type StatusPage = ProxyStatus | { readonly error: string };

/** Asks the local proxy for its status page. */
export function readStatus(at: { host: string; port: number; secret: string | undefined }): Promise<StatusPage> {
  const { port, secret } = at;
  const host = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host;
  const shown = secret === undefined ? {} : { auth: `ntlm-wasm:${secret}` };
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/status.json', agent: false, timeout: 5000, ...shown }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        const page = response.statusCode === 200 ? parsed(text) : undefined;
        resolve(page ?? { error: `${host}:${port} answers with status ${response.statusCode}, but not as this proxy` });
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ error: `the proxy at ${host}:${port} cannot be reached (${error.code ?? error.message})` }),
    );
  });
}

/** Undefined if another program answers at the address. */
function parsed(text: string): ProxyStatus | undefined {
  try {
    const page = JSON.parse(text) as ProxyStatus;
    return Array.isArray(page.upstream) && Array.isArray(page.lastErrors) ? page : undefined;
  } catch {
    return undefined;
  }
}

/** The status page for people. */
export function statusText(page: StatusPage): string {
  if ('error' in page) return `${page.error}\n`;
  const { upstream, identity, requests, failed, callers, connections, uptimeSeconds, lastErrors } = page;
  const lines = [
    `upstream     ${upstream.length === 0 ? 'none yet' : upstream.join(', ')}`,
    `user         ${identity ?? 'none yet'}`,
    `requests     ${requests}, ${failed} failed`,
    `callers      ${callers}`,
    `connections  ${connections}`,
    `running for  ${uptimeSeconds} s`,
    ...lastErrors.map(({ time, code, message }) => `error        ${time} ${code}: ${message}`),
  ];
  return `${lines.join('\n')}\n`;
}
