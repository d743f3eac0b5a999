import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { NtlmError } from '../errors.js';
import { nearest } from './nearest.js';
import type { CredentialsOption } from './credentials/index.js';
import type { ProxyOption } from './routes/index.js';

/**
 * The options of every adapter: agent, dispatcher, fetch, `register()` and local proxy.
 *
 * Adapters throw `ERR_NTLM_INVALID_OPTION` for invalid options and unknown names.
 */
export interface ConnectionOptions {
  /** The proxy: a URL, PAC syntax, a function of the URL, or 'system' (the default). */
  readonly proxy?: ProxyOption | undefined;
  /** Hosts that bypass the proxy, in NO_PROXY syntax. It has precedence over `proxy`. */
  readonly noProxy?: string | readonly string[] | undefined;
  /** 'direct': connect without a proxy while no proxy is reachable. */
  readonly fallback?: 'direct' | undefined;
  /** The credentials. Default: the environment (`NTLM_USERNAME` and related variables) and the proxy URL. */
  readonly credentials?: CredentialsOption | undefined;
  /** Origins to which credentials may be sent: "https://intranet.corp.example", "*.corp.example". Default: none. */
  readonly servers?: readonly string[] | undefined;
  /** Bind handshakes over TLS to the server certificate (extended protection). Default 'auto'. */
  readonly channelBindings?: 'auto' | 'off' | undefined;
  /** Authentication schemes to accept, best first. */
  readonly schemes?: readonly ('Negotiate' | 'NTLM')[] | undefined;
  /** TLS options for origins, as in `tls.connect`. */
  readonly tls?: TlsOptions | undefined;
  /** TLS options for an `https:` proxy. Default: `tls` without the options that identify one origin or one client. */
  readonly proxyTls?: TlsOptions | undefined;
  /** The maximum number of simultaneous connections to one origin or one proxy. Default: no limit. */
  readonly maxSockets?: number | undefined;
  /** Milliseconds for which an idle connection is kept. Default 30,000, or less if the server announces less. */
  readonly keepAliveTimeout?: number | undefined;
  /** Milliseconds for opening a connection, including all handshakes. Default 30,000. */
  readonly handshakeTimeout?: number | undefined;
}

/** Returns the TLS options for a proxy, without the origin's server name and the client's certificate. */
export function proxyTlsOptions(options: ConnectionOptions): TlsOptions {
  if (options.proxyTls !== undefined) return options.proxyTls;
  const { servername, checkServerIdentity, key, cert, pfx, passphrase, ALPNProtocols, ...rest } = options.tls ?? {};
  return rest;
}

/** Returns the option names of an interface. The compiler rejects a missing one. */
export function namesOf<Options>(names: Readonly<Record<keyof Options, true>>): readonly string[] {
  return Object.keys(names);
}

/** The names in {@link ConnectionOptions}, which every adapter accepts. */
export const CONNECTION_OPTIONS = namesOf<ConnectionOptions>({
  proxy: true,
  noProxy: true,
  fallback: true,
  credentials: true,
  servers: true,
  channelBindings: true,
  schemes: true,
  tls: true,
  proxyTls: true,
  maxSockets: true,
  keepAliveTimeout: true,
  handshakeTimeout: true,
});

/** The maximum of Node's timers in milliseconds. Longer timers fire immediately. */
export const LONGEST_TIMEOUT = 2_147_483_647;

/** Default milliseconds for which an idle connection is kept. */
export const KEEP_ALIVE_TIMEOUT = 30_000;

/**
 * Rejects invalid options early and, if `names` is given, unknown option names. The error names `who`.
 */
export function checkOptions(options: ConnectionOptions, who?: string, names?: readonly string[]): void {
  checkNames(options, who ?? 'this', names ?? Object.keys(options ?? {}));
  for (const name of ['maxSockets', 'keepAliveTimeout', 'handshakeTimeout'] as const) {
    const value = options[name];
    if (value === undefined || (typeof value === 'number' && value > 0)) continue;
    throw badOption(`${name} is not a positive number`);
  }
  const { schemes, channelBindings, noProxy, fallback } = options;
  if (fallback !== undefined && fallback !== 'direct') throw badOption("fallback is not 'direct'");
  const isText = (value: unknown): boolean => typeof value === 'string';
  if (noProxy !== undefined && !isText(noProxy) && !(Array.isArray(noProxy) && noProxy.every(isText))) {
    throw badOption('noProxy is neither a string nor a list of strings');
  }
  if (schemes !== undefined) {
    const known = Array.isArray(schemes) && schemes.every((scheme) => scheme === 'NTLM' || scheme === 'Negotiate');
    if (!known || schemes.length === 0) throw badOption("schemes is not a list of 'NTLM' and 'Negotiate'");
  }
  if (channelBindings !== undefined && channelBindings !== 'auto' && channelBindings !== 'off') {
    throw badOption("channelBindings is neither 'auto' nor 'off'");
  }
}

/** Rejects values that are not objects, and unknown names. */
export function checkNames(options: object, who: string, names: readonly string[]): void {
  if (options === null || typeof options !== 'object') throw badOption(`the options of ${who} are not an object`);
  for (const name of Object.keys(options)) checkName(name, who, names);
}

/** Names that belong in `credentials`. Other packages accept them as options. */
const OF_CREDENTIALS = ['username', 'user', 'password', 'pass', 'ntHash', 'domain', 'workstation'];

/** Throws unless the name is in `names`. The error suggests the most similar name. */
function checkName(name: string, who: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  if (names.includes('credentials') && OF_CREDENTIALS.includes(name)) {
    throw badOption(
      `${who} has no option "${name}"`,
      'pass credentials: { username, password }, with domain and workstation where they are needed',
    );
  }
  const meant = nearest(name, names);
  throw badOption(
    `${who} has no option "${name}"`,
    meant === undefined ? 'the options are described in docs/clients.md' : `did you mean "${meant}"?`,
  );
}

function badOption(message: string, advice = 'the options are described in docs/clients.md'): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', message, { advice });
}
