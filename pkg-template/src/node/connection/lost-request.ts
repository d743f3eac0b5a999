import type { AuthSession } from '../auth/session.js';
import type { OutgoingRequest } from './outgoing-request.js';

/** A request on a connection that failed before its response. */
export interface LostRequest {
  /** The head as the client wrote it; undefined if nothing was written. */
  readonly head: string | undefined;
  /** The part of the body that was written so far. */
  readonly body: readonly Buffer[];
  /** Returns the body without chunked framing. */
  payload(): Buffer;
  /** Whether the peer is known not to have processed the request. */
  readonly unprocessed: boolean;
  /** Handshakes to continue on the next connection. */
  readonly sessions: readonly AuthSession[];
}

/** Takes over a lost request, to send it on another connection; false: it cannot. */
export type OnLost = (lost: LostRequest) => boolean;

export function lostRequest(
  request: OutgoingRequest | undefined,
  unprocessed: boolean,
  sessions: readonly AuthSession[],
): LostRequest {
  return {
    head: request?.head,
    body: request?.body ?? [],
    payload: () => request?.payload() ?? Buffer.alloc(0),
    unprocessed,
    sessions,
  };
}
