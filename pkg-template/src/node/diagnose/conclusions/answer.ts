import { type Finding, finding } from '../findings.js';
import type { Observations } from '../observations.js';
import { isPortal } from './offer.js';

/** What became of the request itself. */
export function* ofTheAnswer({ signOn, url, offer }: Observations): Generator<Finding> {
  const status = signOn?.status;
  if (signOn === undefined || status === undefined) return;
  const asks = signOn.schemes?.some((scheme) => /^(ntlm|negotiate)$/i.test(scheme)) ?? false;
  if (status === 401 && asks && !signOn.answers.some(({ peer }) => peer === 'server'))
    yield finding('server-asks', signOn.schemes?.join(', '));
  else if (status === 403 || status === 451) yield finding('forbidden', `status ${status}`);
  else if (status === 404 || status === 410) yield finding('not-found');
  else if (status === 502 || status === 503 || status === 504) yield finding('target-unreachable', `status ${status}`);
  else if (status >= 500 && status !== 511) yield finding('server-error', `status ${status}`);
  const elsewhere = signOn.location !== undefined && new URL(signOn.location).hostname !== url.hostname;
  if (status >= 300 && status < 400 && elsewhere && !isPortal(offer?.status ?? 200, offer?.location, url)) {
    yield finding('log-in-page', signOn.location);
  }
}
