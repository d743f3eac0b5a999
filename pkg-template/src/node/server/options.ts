import type { NtlmServerOptions } from '../../server.js';
import { namesOf } from '../options.js';

/** Which of the two sides a thing happens on: the proxy (407) or the origin server (401). */
export type Side = 'proxy' | 'origin';

export type Scheme = 'Negotiate' | 'NTLM';

/** A password, or what {@link NtlmServerOptions.account} may return. */
export type Account = string | { password: string } | { ntHash: string | Uint8Array };

export interface ServerOptions {
  /** Loopback address to listen on; default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** The sides that demand NTLM; the other one serves everybody. Default 'proxy'. */
  role?: Side | 'both' | 'none';
  /** User names and their passwords, or a function as NtlmServer takes it. Default: {@link demoAccount} alone. */
  accounts?: Readonly<Record<string, Account>> | NtlmServerOptions['account'];
  /** The schemes offered, in this order. Default ['NTLM']. */
  schemes?: readonly Scheme[];
  /** 'connection' as NTLM is meant, or 'request': every request is challenged anew, as IIS can be told to do. */
  authentication?: 'connection' | 'request';
  /** Says `Persistent-Auth: true` (or false, with 'request') in every answer after a handshake. */
  persistentAuth?: boolean;
  /** Serve TLS: with a throw-away certificate of its own, or with this one (PEM). */
  tls?: boolean | { cert: string; key: string };
  /** What is asked of the client's channel bindings, compared with the server's own certificate. Needs `tls`. */
  channelBindingPolicy?: NtlmServerOptions['channelBindingPolicy'];
  /** Names in the challenge, and further options of NtlmServer. */
  ntlm?: Omit<NtlmServerOptions, 'account' | 'channelBindings' | 'channelBindingPolicy'>;
  /** Where the proxy may connect to. Default 'loopback'. */
  targets?: 'loopback' | 'any';
  /** Host names that the proxy resolves by itself, for tests: { 'intranet.corp.example': '127.0.0.1' }. */
  hosts?: Readonly<Record<string, string>>;
  /** Default 1000. */
  maxConnections?: number;
  /** Milliseconds without a byte after which a connection is closed; default 120,000. */
  idleTimeout?: number;
  /** One line per request and per refusal, with the check that failed; never a secret. */
  log?: (line: string) => void;
  /** Each message of each handshake as it passes by. */
  onLeg?: (leg: Leg) => void;
  /** Each request after its answer. */
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

/** One NTLM or SPNEGO message on its way. */
export interface Leg {
  /** Number of the TCP connection, from 1. */
  readonly connection: number;
  readonly side: Side;
  readonly direction: 'received' | 'sent';
  readonly scheme: Scheme;
  /** The message in base64, as it stands in the header. */
  readonly token: string;
  /** The request that carries it, or that it answers. */
  readonly method: string;
  readonly target: string;
}

export interface ServedRequest {
  readonly connection: number;
  readonly side: Side;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Who the connection belongs to, if a handshake told. */
  readonly username: string | undefined;
  /** Bytes of the request's body that were read. */
  readonly bodyBytes: number;
}

/** What has happened since the start. */
export interface Counters {
  /** TCP connections accepted, and those open now. */
  connections: number;
  open: number;
  /** Requests read, those answered with a challenge or a refusal included. */
  requests: number;
  /** Handshakes that ended in a log-on. */
  handshakes: number;
  /** AUTHENTICATE messages that were refused. */
  refused: number;
  /** Requests that carried credentials of another scheme, such as Basic. */
  otherSchemes: number;
  /** CONNECT tunnels opened. */
  tunnels: number;
  bytesReceived: number;
  bytesSent: number;
}

/** The one account of a server that is given none. A public password, for a server that only this machine can reach. */
export const demoAccount = { username: 'alice', password: 'Wonderland-1865', domain: 'DEMO' } as const;

export const demoNames = {
  netbiosDomain: demoAccount.domain,
  netbiosComputer: 'PROXY',
  dnsDomain: 'demo.example',
  dnsComputer: 'proxy.demo.example',
} as const;

/** Turns a table of accounts into the function that NtlmServer asks. */
export function accountLookup(accounts: ServerOptions['accounts']): NtlmServerOptions['account'] {
  if (typeof accounts === 'function') return accounts;
  const table = new Map<string, Account>();
  for (const [name, account] of Object.entries(accounts ?? { [demoAccount.username]: demoAccount.password })) {
    table.set(name.toLowerCase(), account);
  }
  return ({ username }) => {
    const name = username.toLowerCase();
    // "alice@corp.example" arrives whole as the user name; a table usually says "alice".
    const account = table.get(name) ?? table.get(name.replace(/@[^@]*$/, ''));
    return typeof account === 'string' ? { password: account } : account;
  };
}
