import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { NtlmError } from '../errors.js';
import { nearest } from './nearest.js';
import type { CredentialsOption } from './credentials/index.js';
import type { ProxyOption } from './routes/index.js';

/** What every adapter (agent, dispatcher, fetch, register, local proxy) understands. */
export interface ConnectionOptions {
  /** Where the proxy comes from: a URL, PAC syntax, a function of the URL, or 'system' (the default). */
  readonly proxy?: ProxyOption | undefined;
  /** Hosts that are reached without a proxy, as in NO_PROXY, whatever `proxy` says. */
  readonly noProxy?: string | readonly string[] | undefined;
  /** 'direct': connect without a proxy while none of the proxies can be reached. */
  readonly fallback?: 'direct' | undefined;
  /** Whom to sign on as; without it the environment (`NTLM_USERNAME` and so on) and the proxy's URL are asked. */
  readonly credentials?: CredentialsOption | undefined;
  /** Origins that may be sent the credentials: "https://intranet.corp.example", "*.corp.example". None by default. */
  readonly servers?: readonly string[] | undefined;
  /** Bind handshakes over TLS to the certificate seen (extended protection). Default 'auto'. */
  readonly channelBindings?: 'auto' | 'off' | undefined;
  /** Authentication schemes to accept, best first. */
  readonly schemes?: readonly ('Negotiate' | 'NTLM')[] | undefined;
  /** For TLS to origins, as in `tls.connect`. */
  readonly tls?: TlsOptions | undefined;
  /** For TLS to an `https:` proxy. Default: `tls` without what identifies one origin or one client. */
  readonly proxyTls?: TlsOptions | undefined;
  /** Connections open at one time to one origin, or to one proxy. Default: as many as there are requests. */
  readonly maxSockets?: number | undefined;
  /** Milliseconds for which an unused connection is kept. Default 30,000; a shorter wish of the server's counts. */
  readonly keepAliveTimeout?: number | undefined;
  /** Milliseconds for opening a connection, with every leg of every handshake on it. Default 30,000. */
  readonly handshakeTimeout?: number | undefined;
}

/** The origin's server name, and the client's certificate for it, are none of the proxy's business. */
export function proxyTlsOptions(options: ConnectionOptions): TlsOptions {
  if (options.proxyTls !== undefined) return options.proxyTls;
  const { servername, checkServerIdentity, key, cert, pfx, passphrase, ALPNProtocols, ...rest } = options.tls ?? {};
  return rest;
}

/** The names of an interface of options: the compiler refuses a missing one. */
export function namesOf<Options>(names: Readonly<Record<keyof Options, true>>): readonly string[] {
  return Object.keys(names);
}

/** The names of {@link ConnectionOptions}, which every adapter takes. */
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

/** What Node's timers can count to; anything above would be over at once. */
export const LONGEST_TIMEOUT = 2_147_483_647;

/** Milliseconds for which an unused connection is kept by default. */
export const KEEP_ALIVE_TIMEOUT = 30_000;

/**
 * Refuses options that would fail later and further away from their cause, and, if `names` is given, those that do not
 * exist. `who` is named in the error.
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

/** Refuses what is not an object, and names that do not exist. */
export function checkNames(options: object, who: string, names: readonly string[]): void {
  if (options === null || typeof options !== 'object') throw badOption(`the options of ${who} are not an object`);
  for (const name of Object.keys(options)) checkName(name, who, names);
}

/** These belong into `credentials`; other packages take them as options. */
const OF_CREDENTIALS = ['username', 'user', 'password', 'pass', 'ntHash', 'domain', 'workstation'];

/** Throws unless the name is among `names`. The error names the most similar one. */
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
