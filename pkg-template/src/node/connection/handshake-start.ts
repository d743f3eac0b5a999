import { type AuthSession, chain } from '../auth/session.js';
import { keepsAlive, type ResponseHead } from '../http1/response.js';
import { firstLeg, OutgoingRequest } from './outgoing-request.js';

/** Whether a session has a header for the next request, or should get one. */
export function isDue(session: AuthSession): boolean {
  return session.due || session.header !== undefined;
}

/** A request whose connection is not authenticated yet, with the data that the client has written so far. */
export interface PendingStart {
  readonly request: OutgoingRequest;
  readonly queued: readonly { readonly bytes: Buffer }[];
  readonly sessions: readonly AuthSession[];
  /** The key of the target: `origin method path`. */
  readonly target: string;
}

/**
 * Prepares the first headers of the handshakes. Returns the method of the leg that must precede the request; undefined if the
 * request itself carries the headers, if any.
 */
export function startHandshakes(start: PendingStart): string | undefined | Promise<string | undefined> {
  return startNext(start, start.sessions.filter(isDue), undefined);
}

function startNext(
  start: PendingStart,
  [session, ...others]: readonly AuthSession[],
  leg: string | undefined,
): string | undefined | Promise<string | undefined> {
  if (session === undefined) return leg;
  // A leg that is safe for one session is not enough if another needs the method itself.
  return chain(startOne(start, session), (own) =>
    startNext(start, others, leg === undefined || leg === 'HEAD' ? (own ?? leg) : leg),
  );
}

function startOne(start: PendingStart, session: AuthSession): string | undefined | Promise<string | undefined> {
  const { request, target } = start;
  const shape = { method: request.method, isAtHand: isAtHand(start) };
  const taught = session.taught(target);
  if (session.header !== undefined) {
    return session.ready || (shape.isAtHand && taught !== 'empty') ? undefined : request.method;
  }
  if (firstLeg(shape, taught) === 'plain' || mustWait(session, start.sessions)) return undefined;
  const begin = (): string | undefined | Promise<string | undefined> => {
    const { rejection } = session;
    const choice = firstLeg(shape, taught, rejection !== undefined);
    if (choice === 'reject') throw rejection as Error;
    if (choice === 'plain') return undefined;
    return chain(session.begin(), () => {
      if (choice === 'head') return session.ready && session.accepted ? undefined : 'HEAD';
      // A single token authenticates the request that carries it, so it must be sent with the request itself.
      return choice === 'empty' && !session.ready ? request.method : undefined;
    });
  };
  const settled = session.settled();
  return settled === undefined ? begin() : settled.then(begin);
}

/** Includes queued data, which is recorded only when it is written. */
function isAtHand({ request, queued }: PendingStart): boolean {
  if (!request.isStreamed) return request.isAtHand;
  const all = new OutgoingRequest(request.head);
  for (const { bytes } of queued) if (bytes.length > 0) all.add(bytes);
  return all.isAtHand;
}

/** Whether a single token must wait for the proxy's verdict. */
function mustWait(session: AuthSession, sessions: readonly AuthSession[]): boolean {
  if (session.isProxy || !session.usesSystem) return false;
  return sessions.some((other) => other.isProxy && other.due && other.key === session.key);
}

/** Records whether the target challenges, and which requests. */
export function learnFrom(
  head: ResponseHead,
  { request, sessions, target }: PendingStart,
  /** The method of the extra leg that was answered. */
  leg: string | undefined,
): void {
  for (const session of sessions) {
    if (head.status === 407 && !session.isProxy) continue;
    const taught = session.taught(target);
    if (head.status !== session.status) {
      if (session.due && !session.isProving) session.teach(target, 'none');
    } else if (leg === 'HEAD' && request.method !== 'HEAD') {
      if (taught === undefined || taught === 'none') session.teach(target, 'head');
    } else if (leg === undefined && request.hasBody && !keepsAlive(head)) {
      session.teach(target, 'empty');
    } else if (taught !== 'empty') {
      session.teach(target, 'token');
    }
  }
}
