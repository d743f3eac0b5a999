import type { NtlmServerOptions } from '../../server.js';
import { namesOf } from '../options.js';

/** The side of the server: the proxy (407) or the origin server (401). */
export type Side = 'proxy' | 'origin';

/** An authentication scheme that the server offers. */
export type Scheme = 'Negotiate' | 'NTLM';

/** A password, or an account as returned by {@link NtlmServerOptions.account}. */
export type Account = string | { password: string } | { ntHash: string | Uint8Array };

/** The options of {@link startServer}. */
export interface ServerOptions {
  /** The loopback address to listen on. Default 127.0.0.1. */
  host?: string;
  /** The port to listen on. Default 0: any free port. */
  port?: number;
  /** The sides that require NTLM; the other one requires no authentication. Default 'proxy'. */
  role?: Side | 'both' | 'none';
  /** The accounts by user name, or an account function as in NtlmServer. Default: only {@link demoAccount}. */
  accounts?: Readonly<Record<string, Account>> | NtlmServerOptions['account'];
  /** The offered schemes, in this order. Default ['NTLM']. */
  schemes?: readonly Scheme[];
  /** 'connection': authenticate the connection, the default. 'request': challenge every request, which IIS can also do. */
  authentication?: 'connection' | 'request';
  /** Send `Persistent-Auth: true` (or false, with 'request') in every response after a handshake. */
  persistentAuth?: boolean;
  /** Serve TLS with a temporary self-signed certificate, or with the given one (PEM). */
  tls?: boolean | { cert: string; key: string };
  /** How to check channel bindings against the server's certificate. Requires `tls`. */
  channelBindingPolicy?: NtlmServerOptions['channelBindingPolicy'];
  /** The names in the challenge, and other options of NtlmServer. */
  ntlm?: Omit<NtlmServerOptions, 'account' | 'channelBindings' | 'channelBindingPolicy'>;
  /** The allowed targets of the proxy. Default 'loopback'. */
  targets?: 'loopback' | 'any';
  /** Static host names for the proxy: { 'intranet.corp.example': '127.0.0.1' }. */
  hosts?: Readonly<Record<string, string>>;
  /** The maximum number of connections; further ones wait. Default 1000. */
  maxConnections?: number;
  /** Milliseconds without traffic after which a connection is closed. Default 120,000. */
  idleTimeout?: number;
  /** Called with one line per request and per rejection, with the check that failed. Lines contain no secret. */
  log?: (line: string) => void;
  /** Called for each handshake message. */
  onLeg?: (leg: Leg) => void;
  /** Called after each request. */
  onRequest?: (request: ServedRequest) => void;
}

export const SERVER_OPTIONS = namesOf<ServerOptions>({
  host: true,
  port: true,
  role: true,
  accounts: true,
  schemes: true,
  authentication: true,
  persistentAuth: true,
  tls: true,
  channelBindingPolicy: true,
  ntlm: true,
  targets: true,
  hosts: true,
  maxConnections: true,
  idleTimeout: true,
  log: true,
  onLeg: true,
  onRequest: true,
});

/** One NTLM or SPNEGO message that the server received or sent. */
export interface Leg {
  /** The number of the TCP connection, starting at 1. */
  readonly connection: number;
  readonly side: Side;
  readonly direction: 'received' | 'sent';
  readonly scheme: Scheme;
  /** The message in base64, as in the header. */
  readonly token: string;
  /** The method of the request that carries the message, or that it answers. */
  readonly method: string;
  readonly target: string;
}

/** A completed request, passed to {@link ServerOptions.onRequest}. */
export interface ServedRequest {
  readonly connection: number;
  readonly side: Side;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** The authenticated user of the connection, if any. */
  readonly username: string | undefined;
  /** The number of request body bytes that were read. */
  readonly bodyBytes: number;
}

/** The counters of a server since its start. */
export interface Counters {
  /** The number of accepted TCP connections; `open` counts those that are still open. */
  connections: number;
  open: number;
  /** The number of requests, including those answered with a challenge or a rejection. */
  requests: number;
  /** The number of successful handshakes. */
  handshakes: number;
  /** The number of rejected AUTHENTICATE messages. */
  refused: number;
  /** The number of requests with credentials of another scheme, such as Basic. */
  otherSchemes: number;
  /** The number of opened CONNECT tunnels. */
  tunnels: number;
  bytesReceived: number;
  bytesSent: number;
}

/**
 * The default account of a server. Its password is public, because only this machine can connect to the server.
 *
 * @example
 * const server = await startServer();
 * const fetch = createFetch({ proxy: server.url, credentials: demoAccount });
 */
export const demoAccount = { username: 'alice', password: 'Wonderland-1865', domain: 'DEMO' } as const;

export const demoNames = {
  netbiosDomain: demoAccount.domain,
  netbiosComputer: 'PROXY',
  dnsDomain: 'demo.example',
  dnsComputer: 'proxy.demo.example',
} as const;

/** Converts an account table to an account function for NtlmServer. */
export function accountLookup(accounts: ServerOptions['accounts']): NtlmServerOptions['account'] {
  if (typeof accounts === 'function') return accounts;
  const table = new Map<string, Account>();
  for (const [name, account] of Object.entries(accounts ?? { [demoAccount.username]: demoAccount.password })) {
    table.set(name.toLowerCase(), account);
  }
  return ({ username }) => {
    const name = username.toLowerCase();
    // A client sends "alice@corp.example" as the whole user name, while a table usually has "alice".
    const account = table.get(name) ?? table.get(name.replace(/@[^@]*$/, ''));
    return typeof account === 'string' ? { password: account } : account;
  };
}
