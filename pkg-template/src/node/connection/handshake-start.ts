import { type AuthSession, chain } from '../auth/session.js';
import { keepsAlive, type ResponseHead } from '../http1/response.js';
import { firstLeg, OutgoingRequest } from './outgoing-request.js';

/** A session that has a header for the next request, or should get one. */
export function isDue(session: AuthSession): boolean {
  return session.due || session.header !== undefined;
}

/** A request whose connection still has handshakes ahead, with what the client has written of it so far. */
export interface PendingStart {
  readonly request: OutgoingRequest;
  readonly queued: readonly { readonly bytes: Buffer }[];
  readonly sessions: readonly AuthSession[];
  /** What remembers the target: `origin method path`. */
  readonly target: string;
}

/**
 * Gets the headers with which handshakes begin. The result is the method of the leg that has to precede the request;
 * undefined: the request itself carries the headers, if there are any.
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
      // A single token is accepted with what it is sent with, so that must be the request itself.
      return choice === 'empty' && !session.ready ? request.method : undefined;
    });
  };
  const settled = session.settled();
  return settled === undefined ? begin() : settled.then(begin);
}

/** Also with what is queued, which is recorded only when it is written. */
function isAtHand({ request, queued }: PendingStart): boolean {
  if (!request.isStreamed) return request.isAtHand;
  const all = new OutgoingRequest(request.head);
  for (const { bytes } of queued) if (bytes.length > 0) all.add(bytes);
  return all.isAtHand;
}

/** A single token would prove an identity that the proxy has not accepted yet: the verdict of the proxy comes first. */
function mustWait(session: AuthSession, sessions: readonly AuthSession[]): boolean {
  if (session.isProxy || !session.usesSystem) return false;
  return sessions.some((other) => other.isProxy && other.due && other.key === session.key);
}

/** Remembers what a response shows about its target: whether it challenges, and which requests. */
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
