import { type AuthSession, judgeAll } from '../auth/session.js';
import { fieldValues } from '../http1/fields.js';
import { type Answer, ClosedWithoutResponse, type Http1Client } from '../http1/client.js';
import { closedMidHandshake, credentialsRequired, tooManyLegs, tunnelRefused } from '../network-errors.js';
import { firstLeg, legText } from './outgoing-request.js';

/** The maximum number of legs. NTLM takes two, and a change of scheme two more. */
export const MOST_LEGS = 8;

/** Thrown when the connection closes and the handshake continues on another one. */
export class Reconnect extends Error {
  constructor() {
    super('the handshake continues on another connection');
  }
}

export interface TunnelTarget {
  /** `host:port` */
  readonly authority: string;
  /** The `User-Agent` of the caller's request. Some proxies depend on it. */
  readonly userAgent?: string | undefined;
  /** The `Proxy-Authorization` value for a local proxy. */
  readonly secret?: string | undefined;
}

/** Opens a tunnel through the proxy, and authenticates if it challenges. Every leg is a CONNECT request. */
export async function connectTunnel(
  client: Http1Client,
  peer: string,
  target: TunnelTarget,
  session: AuthSession | undefined,
): Promise<void> {
  const sessions = session === undefined ? [] : [session];
  const { authority } = target;
  const memory = `${authority} CONNECT`;
  if (session !== undefined && session.header === undefined) {
    await session.settled();
    const { rejection } = session;
    const leg = firstLeg({ method: 'CONNECT', isAtHand: true }, session.taught(memory), rejection !== undefined);
    if (leg === 'reject') throw rejection as Error;
    if (leg === 'token') await session.begin();
  }
  for (let leg = 0; leg < MOST_LEGS; leg += 1) {
    const { head, reusable } = await request(client, target, sessions, peer);
    if (head.status === 407) session?.teach(memory, 'token');
    else if (session?.isProving === false) session.teach(memory, 'none');
    const verdict = await judgeAll(sessions, head, reusable);
    if (verdict === 'reconnect') throw new Reconnect();
    if (verdict === 'send') continue;
    if (head.status >= 200 && head.status < 300) return;
    if (head.status === 407) throw credentialsRequired(peer, fieldValues(head.fields, 'proxy-authenticate'));
    throw tunnelRefused(peer, authority, head.status);
  }
  throw tooManyLegs(peer);
}

async function request(
  client: Http1Client,
  { authority, userAgent, secret }: TunnelTarget,
  sessions: readonly AuthSession[],
  peer: string,
): Promise<Answer> {
  try {
    return await client.request(
      'CONNECT',
      legText('CONNECT', { target: authority, host: authority, userAgent, secret }, sessions),
    );
  } catch (error) {
    if (sessions.some(({ isProving }) => isProving)) for (const session of sessions) session.close('peer');
    throw error instanceof ClosedWithoutResponse ? closedMidHandshake(peer) : error;
  }
}
