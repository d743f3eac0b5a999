import { Agent as HttpAgent, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import { isIP, type TcpNetConnectOpts } from 'node:net';
import type { Target } from '../connector.js';
import type { TlsStartOptions } from '../connection/sockets.js';
import { hostPort, originUrl } from '../url.js';

/** The options that http.request passes to an agent, with host and port filled in. */
export interface AgentRequestOptions extends AgentOptions {
  protocol?: string | null;
  hostname?: string | null;
  socketPath?: string;
  _defaultAgent?: HttpAgent & { protocol?: string };
  _agentKey?: string;
}

const TCP_OPTIONS = [
  'localAddress',
  'localPort',
  'family',
  'hints',
  'lookup',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'highWaterMark',
] as const;

/** Request and agent options that `tls.connect` would misinterpret. */
const NOT_FOR_TLS = new Set(['host', 'path', 'port', 'signal', 'socket', 'onread', 'ALPNProtocols']);

const SIGNIFICANT_TCP = ['localPort', 'lookup', 'hints', 'noDelay', 'autoSelectFamily', 'highWaterMark'] as const;

/**
 * The placeholder for a port that was not given. A request reads its agent's default port before the agent knows whether the
 * request is for `http:` or `https:`. No URL can contain this number.
 */
export const UNSET_PORT = 0.5;

/** Replaces the placeholder with the real default port. */
export function settlePort(request: ClientRequest, options: AgentRequestOptions, secure: boolean): void {
  const usual = secure ? 443 : 80;
  if (options.port === UNSET_PORT) {
    options.port = usual;
    return;
  }
  // An explicit default port was compared with the placeholder, so it is in the Host field.
  if (Number(options.port) !== usual || request.headersSent) return;
  const host = options.host ?? 'localhost';
  if (request.getHeader('host') !== hostPort(host, usual)) return;
  request.setHeader('Host', host.includes(':') ? `[${host}]` : host);
}

/** Whether https.request created the request. An agent for one protocol states it in `protocol`. */
export function isSecure(options: AgentRequestOptions, protocol: string | undefined): boolean {
  return (protocol ?? options._defaultAgent?.protocol ?? options.protocol) === 'https:';
}

/**
 * Returns Node's name for interchangeable connections. `options` are the request's options, overridden by those of the agent.
 */
export function nodeName(options: AgentRequestOptions, secure: boolean): string {
  return (secure ? HttpsAgent : HttpAgent).prototype.getName.call(unusedAgent, options);
}

const unusedAgent = new HttpsAgent();

/** Returns the target of a request. `name` is Node's name for its connections. */
export function targetOf(
  request: ClientRequest,
  options: AgentRequestOptions,
  secure: boolean,
  name: string,
  tls: () => TlsStartOptions,
): Target {
  const host = options.host ?? options.hostname ?? 'localhost';
  const port = Number(options.port ?? (secure ? 443 : 80));
  const userAgent = request.getHeader('user-agent');
  return {
    url: originUrl(`${secure ? 'https' : 'http'}://${hostPort(host, port)}`),
    method: request.method,
    path: request.path,
    upgrade: request.getHeader('upgrade') !== undefined,
    tcp: tcpOptions(options),
    variant: variantOf(options, name),
    ...(typeof userAgent === 'string' ? { userAgent } : {}),
    // Read only when a connection is opened.
    get tls() {
      return secure ? tls() : undefined;
    },
  };
}

/** Returns a key for the options that Node ignores when it reuses connections, but that must not be ignored here. */
function variantOf(options: AgentRequestOptions, name: string): string {
  let variant = name;
  for (const option of SIGNIFICANT_TCP) {
    const value = (options as Record<string, unknown>)[option];
    if (value !== undefined && !(option === 'noDelay' && value === true)) variant += ` ${option}=${textOf(value)}`;
  }
  return variant;
}

const functions = new WeakMap<object, number>();
let lastFunction = 0;

function textOf(value: unknown): string {
  if (typeof value !== 'function') return String(value);
  let id = functions.get(value);
  if (id === undefined) functions.set(value, (id = lastFunction += 1));
  return `#${id}`;
}

function tcpOptions(options: AgentRequestOptions): Partial<TcpNetConnectOpts> | undefined {
  let found: Record<string, unknown> | undefined;
  for (const name of TCP_OPTIONS) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) (found ??= {})[name] = value;
  }
  return found;
}

/** Returns all options that are set and may be options of `tls.connect`. */
export function tlsOptions(options: AgentRequestOptions): TlsStartOptions {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== null && !NOT_FOR_TLS.has(name)) found[name] = value;
  }
  return found;
}

/** Returns the server name for the certificate check. As in Node, it is taken from the Host field. */
export function serverName(request: ClientRequest, options: AgentRequestOptions): string | undefined {
  if (options.servername !== undefined) return options.servername;
  const field = request.getHeader('host');
  if (field === undefined || field === '') return isIP(options.host ?? '') === 0 ? options.host : '';
  if (typeof field !== 'string') throw invalidHost(field);
  const name = field.startsWith('[') ? field.slice(1).split(']', 1)[0] : field.split(':', 1)[0];
  return isIP(name as string) === 0 ? name : '';
}

/** Creates the same error as Node's agent. */
function invalidHost(field: unknown): TypeError {
  const received = Array.isArray(field) ? 'an instance of Array' : `type ${typeof field}`;
  return Object.assign(
    new TypeError(`The "options.headers.host" property must be of type string. Received ${received}`),
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}
