import type { Agent, ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { Destination } from '../connector.js';
import { hostPort } from '../routes/route.js';

/** What http.request hands to an agent: its own options, with host and port filled in. */
export interface AgentRequestOptions extends TlsOptions {
  readonly protocol?: string | null;
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

/** Reads out of a request and its options where it wants to go, and how. */
export function destinationOf(request: ClientRequest, options: AgentRequestOptions, protocol?: string): Destination {
  const secure = (protocol ?? options._defaultAgent?.protocol ?? options.protocol) === 'https:';
  const host = options.host ?? options.hostname ?? 'localhost';
  const url = new URL(`${secure ? 'https' : 'http'}://${hostPort(host, Number(options.port ?? (secure ? 443 : 80)))}`);
  const tcp = picked(options, TCP_OPTIONS);
  const tls = secure ? { ...picked(options, TLS_OPTIONS), ...servername(request, options) } : undefined;
  return {
    url,
    method: request.method,
    path: request.path,
    upgrade: request.getHeader('upgrade') !== undefined,
    tcp,
    tls,
    // Node's own notion of which connections may stand in for each other.
    variant: secure ? HttpsAgent.prototype.getName.call(blank, { ...options, ...tls } as object) : JSON.stringify(tcp),
  };
}

const blank = new HttpsAgent();

function picked(options: object, names: readonly string[]): object {
  const entries = names.map((name) => [name, (options as Record<string, unknown>)[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Like Node: a Host field that names another host than the one connected to is whom the certificate must name. */
function servername(request: ClientRequest, options: AgentRequestOptions): TlsOptions {
  if (options.servername !== undefined) return { servername: options.servername };
  const field = request.getHeader('host');
  if (typeof field !== 'string') return {};
  const name = field.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) === 0 ? { servername: name } : {};
}
