import type { Agent, ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { Target } from '../connector.js';
import { originUrl } from '../origin-url.js';
import { hostPort } from '../url.js';

/** What http.request hands to an agent: its own options, with host and port filled in. */
export interface AgentRequestOptions extends TlsOptions {
  readonly protocol?: string | null;
  port?: number | undefined;
  readonly hostname?: string | null;
  readonly socketPath?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly family?: number;
  readonly lookup?: TcpNetConnectOpts['lookup'];
  readonly _defaultAgent?: Agent & { protocol?: string };
}

const TCP_OPTIONS = ['localAddress', 'localPort', 'family', 'lookup', 'hints', 'autoSelectFamily'] as const;
const TLS_OPTIONS = [
  'ca',
  'cert',
  'checkServerIdentity',
  'ciphers',
  'clientCertEngine',
  'crl',
  'dhparam',
  'ecdhCurve',
  'honorCipherOrder',
  'key',
  'maxVersion',
  'minVersion',
  'passphrase',
  'pfx',
  'rejectUnauthorized',
  'secureContext',
  'secureOptions',
  'secureProtocol',
  'sessionIdContext',
  'sigalgs',
] as const;

/** Whether the request is one of https.request. An agent that serves one protocol only says so itself. */
export function isSecure(options: AgentRequestOptions, protocol: string | undefined): boolean {
  return (protocol ?? options._defaultAgent?.protocol ?? options.protocol) === 'https:';
}

/** Reads out of a request and its options where it wants to go, and how. */
export function destinationOf(request: ClientRequest, options: AgentRequestOptions, secure: boolean): Target {
  const host = options.host ?? options.hostname ?? 'localhost';
  const port = Number(options.port ?? (secure ? 443 : 80));
  const tcp = picked(options, TCP_OPTIONS);
  const tls = secure ? { ...picked(options, TLS_OPTIONS), ...servername(request, options) } : undefined;
  return {
    url: originUrl(`${secure ? 'https' : 'http'}://${hostPort(host, port)}`),
    method: request.method,
    path: request.path,
    upgrade: request.getHeader('upgrade') !== undefined,
    tcp,
    tls,
    // Node's own notion of which connections may stand in for each other.
    variant: secure
      ? HttpsAgent.prototype.getName.call(blank, { ...options, ...tls } as object)
      : tcp && JSON.stringify(tcp),
  };
}

const blank = new HttpsAgent();

/** Those of the options that are set; undefined when none is. */
function picked(options: object, names: readonly string[]): object | undefined {
  let found: Record<string, unknown> | undefined;
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) (found ??= {})[name] = value;
  }
  return found;
}

/** Like Node: a Host field that names another host than the one connected to is whom the certificate must name. */
function servername(request: ClientRequest, options: AgentRequestOptions): TlsOptions {
  if (options.servername !== undefined) return { servername: options.servername };
  const field = request.getHeader('host');
  if (typeof field !== 'string') return {};
  const name = field.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) === 0 ? { servername: name } : {};
}

/**
 * A request asks its agent for the default port before it says whether it is one for `http:` or `https:`, and ours
 * serves both. It is told this, which no URL can hold, and which tells afterwards that no port was named. (Others look
 * for "https" in a stack trace, which costs 11 µs a request.)
 */
export const USUAL_PORT = 0.5;

/** Puts in the real one, as if the request had been told at once. */
export function settlePort(request: ClientRequest, options: AgentRequestOptions, secure: boolean): void {
  const usual = secure ? 443 : 80;
  if (options.port === USUAL_PORT) {
    options.port = usual;
    return;
  }
  // A usual port that was named has been compared with the stand-in, and is now spelt out in the Host field.
  if (Number(options.port) !== usual || request.headersSent) return;
  const host = options.host ?? 'localhost';
  if (request.getHeader('host') !== hostPort(host, usual)) return;
  request.setHeader('Host', host.includes(':') ? `[${host}]` : host);
}
