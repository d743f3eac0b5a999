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
  /** A connection is gone. */
  closed: { readonly connection: number; readonly route: string; readonly requests: number };
}

const NAMES = ['connect', 'leg', 'authenticated', 'refused', 'reused', 'closed'] as const;
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
