import type { AuthSession } from '../auth/session.js';
import type { OutgoingRequest } from './outgoing-request.js';

/** A request on a connection that failed before its response. */
export interface LostRequest {
  /** As the client wrote it; undefined if it has not written anything. */
  readonly head: string | undefined;
  /** What it has written of the body so far. */
  readonly body: readonly Buffer[];
  /** The same without the lines around its chunks. */
  payload(): Buffer;
  /** The peer did not carry it out. */
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
