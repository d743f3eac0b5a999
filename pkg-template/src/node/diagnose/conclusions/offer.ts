import { type Finding, finding } from '../findings.js';
import type { Observations } from '../observations.js';

/** What is asked for, and how one may answer. */
export function* ofTheOffer(seen: Observations): Generator<Finding> {
  const { offer, url, signOn } = seen;
  if (offer === undefined) return;
  const { status, schemes, location, httpVersion } = offer;
  const known = schemes.filter((scheme) => /^(ntlm|negotiate)$/i.test(scheme));
  const asks = status === 401 || status === 407;
  const accepted = (signOn?.accepted.size ?? 0) > 0;
  const portal = isPortal(status, location, url);
  if (portal) yield finding('captive-portal', location ?? `status ${status}`);
  if (!asks && !accepted && !portal && (signOn?.status ?? 500) < 400) yield finding('no-sign-on-needed');
  if (asks && known.length === 0 && !accepted) {
    const onlyBasic = schemes.length > 0 && schemes.every((scheme) => scheme.toLowerCase() === 'basic');
    yield onlyBasic ? finding('basic-only') : finding('no-known-scheme', schemes.join(', ') || 'it offers none at all');
  }
  if (known.length > 0 && known.every((scheme) => scheme.toLowerCase() === 'negotiate'))
    yield finding('negotiate-only');
  if (known.length > 0 && !offer.keepsConnection) yield finding('closes-connection');
  if (httpVersion === '1.0') yield finding('http-1.0');
}

/** A portal sends one elsewhere before anybody was asked, or says that the network wants something (RFC 6585, section 6). */
export function isPortal(status: number, location: string | undefined, url: URL): boolean {
  if (status === 511) return true;
  return status >= 300 && status < 400 && location !== undefined && new URL(location).hostname !== url.hostname;
}
