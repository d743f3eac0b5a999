import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';

/**
 * What happens on the way to an authenticated connection, for whoever wants to watch: `diagnostics_channel` for
 * programs, `NODE_DEBUG=ntlm` for people. No message holds a token, a user name or a password.
 */
export interface DiagnosticEvents {
  /** A socket to the first hop is open. */
  connect: { readonly connection: number; readonly route: string; readonly target: string };
  /** A leg of the handshake has gone out and was answered. */
  leg: {
    readonly connection: number;
    readonly peer: string;
    readonly scheme: string | undefined;
    readonly status: number;
  };
  /** The connection now belongs to its credentials. */
  authenticated: { readonly connection: number; readonly peer: string; readonly scheme: string | undefined };
  /** The peer, or we, have ended the handshake. `code` is that of the error. */
  refused: { readonly connection: number; readonly peer: string; readonly code: string };
  /** Another request goes out on a connection that was kept. */
  reused: { readonly connection: number; readonly route: string; readonly requests: number };
  /** A server that `servers` does not name offers NTLM or Negotiate: the credentials were not sent. Once an origin. */
  unnamed: { readonly origin: string; readonly schemes: readonly string[] };
  /** A connection is gone. */
  closed: { readonly connection: number; readonly route: string; readonly requests: number };
}

const NAMES = ['connect', 'leg', 'authenticated', 'refused', 'reused', 'unnamed', 'closed'] as const;
const channels = Object.fromEntries(NAMES.map((name) => [name, channel(`ntlm-wasm:${name}`)]));
const debug = debuglog('ntlm');

/** Whether anybody listens: what happens with every request is not even put into words otherwise. */
export function isWatched(name: keyof DiagnosticEvents): boolean {
  return debug.enabled || channels[name]?.hasSubscribers === true;
}

export function report<Name extends keyof DiagnosticEvents>(name: Name, event: DiagnosticEvents[Name]): void {
  const target = channels[name];
  if (target?.hasSubscribers === true) target.publish(event);
  if (debug.enabled) debug('%s %j', name, event);
}

/** So many origins are remembered; programs that connect to more are warned again. */
const MOST_WARNED = 1000;
const warned = new Set<string>();

/** Whether {@link warnUnnamed} would still report this origin. */
export function mayWarnOf(origin: string): boolean {
  return !warned.has(origin);
}

/** Reports, once an origin, a 401 that credentials would answer if `servers` named the origin. */
export function warnUnnamed(origin: string, challenges: readonly string[]): void {
  const schemes = challenges.flatMap((list) => list.match(/(?<=^|,\s*)(?:NTLM|Negotiate)(?=$|[\s,])/gi) ?? []);
  if (schemes.length === 0 || warned.has(origin)) return;
  if (warned.size === MOST_WARNED) warned.clear();
  warned.add(origin);
  report('unnamed', { origin, schemes });
  process.emitWarning(
    `the server ${origin} offers ${schemes.join(' and ')}, but "servers" does not name it: the credentials were not sent`,
    { type: 'NtlmWarning', code: 'NTLM_SERVER_NOT_NAMED', detail: `If you trust it, add "${origin}" to servers.` },
  );
}

/** A header of a handshake on its way. */
export interface PassingToken {
  readonly connection: number;
  /** For messages: "the proxy proxy.corp.example:8080". */
  readonly peer: string;
  readonly isProxy: boolean;
  /** Whether the connection to the peer has TLS, to which a handshake can be bound. */
  readonly secure: boolean;
  readonly direction: 'sent' | 'received';
  /** That of the response which it came with; undefined for what was sent. */
  readonly status: number | undefined;
  /** What that response says beside its status: some proxies tell there why they refuse. */
  readonly reason: string | undefined;
  /** The value of the header: the scheme, then the token; without one the scheme alone. */
  readonly value: string;
}

type Watcher = (token: PassingToken) => void;

/**
 * Who is shown tokens: programs of this package that explain them to the person whose they are. Passwords can be tried
 * on tokens, so they go past here, where only this package can listen, and never over `diagnostics_channel`.
 */
const watchers = new Set<Watcher>();

/** Shows every token of this process from now on, until the returned function is called. */
export function watchTokens(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function tokenPasses(token: PassingToken): void {
  for (const watcher of watchers) watcher(token);
}
