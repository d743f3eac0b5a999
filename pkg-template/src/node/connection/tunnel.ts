import { type Answer, type Http1Client, ClosedWithoutResponse } from './dialogue.js';
import { closedMidHandshake, credentialsRequired, tooManyLegs, tunnelRefused } from '../network-errors.js';
import { type LegTarget, legText } from './outgoing-request.js';
import { judgeAll, type AuthSession } from '../auth/session.js';
import { valuesOf } from '../http1/fields.js';

/** NTLM takes two legs, a change of scheme two more; whoever asks for more than this is asking for ever. */
export const MOST_LEGS = 8;

/** The connection is spent, and the next one continues where this one stopped. */
export class Reconnect extends Error {
  /** How the first leg is to be sent there, when this connection showed that it must be sent differently. */
  readonly next: { readonly legMethod?: string; readonly greeted?: true };

  constructor(next: Reconnect['next'] = {}) {
    super('the handshake goes on, on another connection');
    this.next = next;
  }
}

/** Asks the proxy for a tunnel, signing on as it demands. All legs are CONNECT requests. */
export async function connectTunnel(
  dialogue: Http1Client,
  peer: string,
  target: string,
  proxy: AuthSession | undefined,
): Promise<void> {
  const parties = proxy === undefined ? [] : [proxy];
  for (let leg = 0; leg < MOST_LEGS; leg += 1) {
    const { head, stays } = await askOrClosed(dialogue, 'CONNECT', { target, host: target }, parties, peer);
    const verdict = await judgeAll(parties, head, stays);
    if (verdict === 'reconnect') throw new Reconnect();
    if (verdict === 'send') continue;
    if (head.status >= 200 && head.status < 300) return;
    if (head.status === 407) throw credentialsRequired(peer, valuesOf(head.fields, 'proxy-authenticate'));
    throw tunnelRefused(peer, target, head.status);
  }
  throw tooManyLegs(peer);
}

export interface Greeting {
  readonly leg: LegTarget;
  /** HEAD, or what the peer was found to want instead. */
  readonly legMethod: string;
  /** The caller's method, for peers that will not have HEAD. */
  readonly method: string;
  /** Finish the handshake before the caller's request goes out, although that costs a round trip. */
  readonly complete: () => boolean;
}

/**
 * Goes through the legs that the caller's request cannot carry. Afterwards the parties hold the headers that it must
 * carry, or the peers have shown that they need none.
 */
export async function greet(
  dialogue: Http1Client,
  peer: string,
  parties: readonly AuthSession[],
  greeting: Greeting,
): Promise<string> {
  let { legMethod } = greeting;
  for (let leg = 0; leg < MOST_LEGS; leg += 1) {
    const complete = greeting.complete();
    if (parties.every((party) => (complete ? party.header === undefined : party.ready))) return legMethod;
    const answer = await firstAnswer(dialogue, legMethod, parties, peer, greeting, leg);
    const unwanted = leg === 0 && (answer.head.status === 405 || answer.head.status === 501);
    if (unwanted && legMethod !== greeting.method) {
      if (!answer.stays) throw new Reconnect({ legMethod: greeting.method });
      legMethod = greeting.method;
      for (const party of parties) await party.begin();
      continue;
    }
    // Some devices answer a HEAD with the body of a GET, and nobody can say where that ends.
    if (leg === 0 && dialogue.hasUnread && legMethod !== greeting.method) {
      throw new Reconnect({ legMethod: greeting.method });
    }
    const verdict = await judgeAll(parties, answer.head, answer.stays);
    if (verdict === 'reconnect') throw new Reconnect({ legMethod });
    if (verdict === 'done' && !answer.stays) throw new Reconnect({ legMethod, greeted: true });
    if (verdict === 'done') return legMethod;
  }
  throw tooManyLegs(peer);
}

/** A peer that closes instead of answering a HEAD is asked once more, on a new connection, in the caller's method. */
async function firstAnswer(
  dialogue: Http1Client,
  legMethod: string,
  parties: readonly AuthSession[],
  peer: string,
  greeting: Greeting,
  leg: number,
): Promise<Answer> {
  try {
    return await dialogue.ask(legMethod, legText(legMethod, greeting.leg, parties));
  } catch (error) {
    if (!(error instanceof ClosedWithoutResponse)) throw error;
    if (leg === 0 && legMethod !== greeting.method) throw new Reconnect({ legMethod: greeting.method });
    throw closedMidHandshake(peer);
  }
}

async function askOrClosed(
  dialogue: Http1Client,
  method: string,
  leg: LegTarget,
  parties: readonly AuthSession[],
  peer: string,
): Promise<Answer> {
  try {
    return await dialogue.ask(method, legText(method, leg, parties));
  } catch (error) {
    throw error instanceof ClosedWithoutResponse ? closedMidHandshake(peer) : error;
  }
}
