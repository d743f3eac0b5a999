import { type Finding, finding, type FindingId } from '../findings.js';
import { firstRoute, type Observations } from '../observations.js';
import { isOfCertificate } from './certificate.js';

const BY_CONNECT: Readonly<Record<string, FindingId>> = {
  ECONNREFUSED: 'port-closed',
  ETIMEDOUT: 'no-answer',
};

/** How far one gets before anybody could ask for credentials. */
export function* ofTheWay(seen: Observations): Generator<Finding> {
  const { routeTrouble, nameTrouble, connectTrouble, proxyTlsTrouble, proxyTls, offerTrouble, signOn } = seen;
  const route = firstRoute(seen);
  if (routeTrouble !== undefined) yield finding('route-unknown', routeTrouble.message);
  if (route?.kind === 'direct' && /no_?proxy|exception/i.test(route.rule ?? ''))
    yield finding('bypasses-proxy', route.rule);
  if (nameTrouble !== undefined) yield finding('name-not-found', nameTrouble.code);
  if (connectTrouble !== undefined)
    yield finding(BY_CONNECT[connectTrouble.code] ?? 'not-reachable', connectTrouble.code);
  if (proxyTlsTrouble !== undefined) yield finding('proxy-not-tls', proxyTlsTrouble.code);
  const refusedHere = signOn?.legs.length === 0 && isOfCertificate(signOn.trouble?.code ?? '');
  if (proxyTls?.publiclyTrusted === false && refusedHere) yield finding('proxy-certificate-untrusted', proxyTls.reason);
  if (offerTrouble !== undefined && proxyTlsTrouble === undefined) yield* ofNoOffer(offerTrouble.code, seen);
}

/** The first hop takes connections, and then does not answer as one that speaks HTTP. */
function* ofNoOffer(code: string, { url, routes }: Observations): Generator<Finding> {
  const isDirectTls = routes?.[0]?.kind === 'direct' && url.protocol === 'https:';
  if (code === 'ETIMEDOUT') yield finding('no-answer');
  else if (isDirectTls && isOfTls(code)) yield finding('target-not-tls', code);
  else if (code === 'ECONNRESET') yield finding('not-http', 'the connection is closed without an answer');
  else yield finding('not-http', code);
}

/** OpenSSL meets something that is no TLS. */
export function isOfTls(code: string): boolean {
  return /^(ERR_SSL_|EPROTO)/.test(code);
}
