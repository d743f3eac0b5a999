import { request as undiciRequest } from '../../dispatcher/undici.js';
import { NtlmDispatcher } from '../../dispatcher.js';
import type { ConnectionOptions } from '../../connection-options.js';
import { type PassingToken, watchTokens } from '../../passing-tokens.js';
import { type Observations, shareable, type SignOnView, troubleOf } from '../observations.js';
import { Failed, Skipped } from '../probe.js';
import { tokenReader } from '../token-reader.js';
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
  const pending = new Map<string, PassingToken>();
  const unwatch = watchTokens((token) => {
    read(token);
    pending.set(token.isProxy ? 'proxy' : 'server', token);
  });
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
    for (const [peer, { direction }] of pending) {
      if (direction === 'sent' && !(peer === 'server' && view.status === 401)) view.accepted.add(peer as 'proxy');
    }
    return `${view.accepted.size === 0 ? 'nobody asked for credentials' : `signed on to the ${[...view.accepted].join(' and the ')}`}; the answer is ${view.status}`;
  } catch (error) {
    view.trouble = signal.aborted ? { code: 'ETIMEDOUT', message: 'no answer in time' } : troubleOf(error);
    throw new Failed(view.trouble.message);
  } finally {
    unwatch();
    await dispatcher.destroy();
  }
}
