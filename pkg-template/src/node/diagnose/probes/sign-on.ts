import { request as undiciRequest } from '../../dispatcher/undici.js';
import { NtlmDispatcher } from '../../dispatcher/index.js';
import type { ConnectionOptions } from '../../connection-options.js';
import { watchTokens } from '../../passing-tokens.js';
import { type Observations, shareable, type SignOnView, troubleOf } from '../observations.js';
import { Failed, Skipped } from '../probe.js';
import { tokenReader } from '../token-reader.js';
import type { Leg } from '../report.js';
import { schemesOf } from './offer.js';

/** Of the page itself no more than this is read. */
const ENOUGH = 65_536;

/** The request as a program would send it, once, with everything that passes written down. */
export async function signOn(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  if (seen.routes === undefined || seen.nameTrouble !== undefined || seen.connectTrouble !== undefined) {
    throw new Skipped('there is no connection');
  }
  const view: SignOnView = { legs: [], challenges: [], answers: [], accepted: new Set() };
  seen.signOn = view;
  const start = performance.now();
  const read = tokenReader(view, () => Math.round(performance.now() - start));
  const unwatch = watchTokens(read);
  const dispatcher = new NtlmDispatcher({ ...options, maxSockets: 1, keepAliveTimeout: 1_000 });
  try {
    const url = new URL(seen.url);
    const answer = await undiciRequest(url, { dispatcher, method: 'GET', headers: { accept: '*/*' }, signal });
    view.status = answer.statusCode;
    view.schemes = schemesOf([answer.headers['www-authenticate'] ?? []].flat());
    const location = [answer.headers['location'] ?? []].flat()[0];
    if (location !== undefined && URL.canParse(location, url.href))
      view.location = shareable(new URL(location, url.href));
    let length = 0;
    for await (const chunk of answer.body) {
      length += (chunk as Buffer).length;
      if (length > ENOUGH) break;
    }
    for (const peer of ['proxy', 'server'] as const) if (wasAccepted(view.legs, peer)) view.accepted.add(peer);
    const who = [...view.accepted].join(' and the ');
    return `${who === '' ? 'nobody was signed on to' : `signed on to the ${who}`}; the answer is ${view.status}`;
  } catch (error) {
    view.trouble = signal.aborted ? { code: 'ETIMEDOUT', message: 'no answer in time' } : troubleOf(error);
    throw new Failed(view.trouble.message);
  } finally {
    unwatch();
    await dispatcher.destroy();
  }
}

/** It has heard credentials, and not asked again. A first message alone proves nothing: who does not ask ignores it. */
function wasAccepted(legs: readonly Leg[], peer: Leg['peer']): boolean {
  const own = legs.filter((leg) => leg.peer === peer);
  const last = own.findLastIndex(({ direction }) => direction === 'sent');
  if (last === -1 || own[last]?.message === 'message 1') return false;
  return own.slice(last).every(({ status }) => status !== 401 && status !== 407);
}
