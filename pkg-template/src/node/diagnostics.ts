import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';

/**
 * The events of connections and handshakes, by name.
 *
 * Programs subscribe to `diagnostics_channel` channels; people set `NODE_DEBUG=ntlm`. No event contains a token, a user
 * name or a password.
 */
export interface DiagnosticEvents {
  /** A socket to the first hop was opened. */
  connect: { readonly connection: number; readonly route: string; readonly target: string };
  /** A leg of the handshake was sent and answered. */
  leg: {
    readonly connection: number;
    readonly peer: string;
    readonly scheme: string | undefined;
    readonly status: number;
  };
  /** The connection was authenticated. */
  authenticated: { readonly connection: number; readonly peer: string; readonly scheme: string | undefined };
  /** The handshake failed. `code` is the error code. */
  refused: { readonly connection: number; readonly peer: string; readonly code: string };
  /** Another request was sent on a kept connection. */
  reused: { readonly connection: number; readonly route: string; readonly requests: number };
  /** A server that `servers` does not name offered NTLM or Negotiate. No credentials were sent. Reported once per origin. */
  unnamed: { readonly origin: string; readonly schemes: readonly string[] };
  /** A connection was closed. */
  closed: { readonly connection: number; readonly route: string; readonly requests: number };
}

const NAMES = ['connect', 'leg', 'authenticated', 'refused', 'reused', 'unnamed', 'closed'] as const;
const channels = Object.fromEntries(NAMES.map((name) => [name, channel(`ntlm-wasm:${name}`)]));
const debug = debuglog('ntlm');

/** Whether an event has subscribers. Otherwise per-request events are not even formatted. */
export function isWatched(name: keyof DiagnosticEvents): boolean {
  return debug.enabled || channels[name]?.hasSubscribers === true;
}

export function report<Name extends keyof DiagnosticEvents>(name: Name, event: DiagnosticEvents[Name]): void {
  const target = channels[name];
  if (target?.hasSubscribers === true) target.publish(event);
  if (debug.enabled) debug('%s %j', name, event);
}

/** The number of origins that are remembered. Programs that connect to more are warned again. */
const MOST_WARNED = 1000;
const warned = new Set<string>();

/** Whether {@link warnUnnamed} would still report this origin. */
export function mayWarnOf(origin: string): boolean {
  return !warned.has(origin);
}

/** Reports a 401 that would be answered if `servers` named the origin, once per origin. */
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

/** A handshake header that is sent or received. */
export interface PassingToken {
  readonly connection: number;
  /** The peer's name in messages: "the proxy proxy.corp.example:8080". */
  readonly peer: string;
  readonly isProxy: boolean;
  /** Whether the connection uses TLS, to which a handshake can be bound. */
  readonly secure: boolean;
  readonly direction: 'sent' | 'received';
  /** The status of the response that carried the header; undefined for sent headers. */
  readonly status: number | undefined;
  /** The reason phrase of that response. Some proxies put the cause of the rejection there. */
  readonly reason: string | undefined;
  /** The header value: the scheme, then the token, if any. */
  readonly value: string;
}

type Watcher = (token: PassingToken) => void;

/**
 * The functions that receive tokens: parts of this package that explain them to their owner. Passwords can be guessed from
 * tokens, so tokens are passed only within this package and never over `diagnostics_channel`.
 */
const watchers = new Set<Watcher>();

/** Passes every token of this process to the watcher until the returned function is called. */
export function watchTokens(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

export function tokenPasses(token: PassingToken): void {
  for (const watcher of watchers) watcher(token);
}
