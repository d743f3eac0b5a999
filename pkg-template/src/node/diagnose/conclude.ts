import { type Finding, finding, type FindingId } from './findings.js';
import { firstRoute, type Observations, type SignOnView, targetOf } from './observations.js';
import type { Probe } from './report.js';

/** Seconds that Windows allows clocks to differ by (Kerberos' limit, and a usual one of NTLM servers). */
const MOST_SKEW = 300;
const SEVERITIES = ['error', 'warning', 'note'];

/** What follows from all that was seen, worst first, each once. */
export function conclude(seen: Observations, probes: readonly Probe[]): Finding[] {
  const found = [
    ...probes
      .filter(({ outcome }) => outcome === 'crashed')
      .map(({ id, summary }) => finding('crashed', `${id}: ${summary}`)),
    ...ofTheWay(seen),
    ...ofTheOffer(seen),
    ...ofTheSignOn(seen),
    ...ofTheAnswer(seen),
    ...ofTheCertificate(seen),
  ];
  const ids = new Set<string>();
  const once = found.filter(({ id }) => !ids.has(id) && ids.add(id));
  return once.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

const BY_CONNECT: Readonly<Record<string, FindingId>> = {
  ECONNREFUSED: 'port-closed',
  ETIMEDOUT: 'no-answer',
};

function* ofTheWay(seen: Observations): Generator<Finding> {
  const { routeTrouble, nameTrouble, connectTrouble, proxyTlsTrouble, proxyTls, offerTrouble, signOn } = seen;
  const route = firstRoute(seen);
  if (routeTrouble !== undefined) yield finding('route-unknown', routeTrouble.message);
  if (route?.kind === 'direct' && /no_?proxy|exception/i.test(route.rule ?? ''))
    yield finding('bypasses-proxy', route.rule);
  if (nameTrouble !== undefined) yield finding('name-not-found', nameTrouble.code);
  if (connectTrouble !== undefined)
    yield finding(BY_CONNECT[connectTrouble.code] ?? 'not-reachable', connectTrouble.code);
  if (proxyTlsTrouble !== undefined) yield finding('proxy-not-tls', proxyTlsTrouble.code);
  if (proxyTls?.publiclyTrusted === false && signOn?.trouble !== undefined && isOfCertificate(signOn.trouble.code)) {
    if (signOn.legs.length === 0) yield finding('proxy-certificate-untrusted', proxyTls.reason);
  }
  if (offerTrouble !== undefined && proxyTlsTrouble === undefined) {
    if (offerTrouble.code === 'ETIMEDOUT') yield finding('no-answer');
    else if (/BAD_RESPONSE|ERR_SSL|EPROTO/.test(offerTrouble.code)) yield finding('not-http', offerTrouble.code);
    else if (offerTrouble.code === 'ECONNRESET')
      yield finding('not-http', 'the connection is closed without an answer');
  }
}

function* ofTheOffer(seen: Observations): Generator<Finding> {
  const { offer, url } = seen;
  if (offer === undefined) return;
  const { status, schemes, location, httpVersion } = offer;
  const known = schemes.filter((scheme) => /^(ntlm|negotiate)$/i.test(scheme));
  if (isPortal(status, location, url)) yield finding('captive-portal', location ?? `status ${status}`);
  if (schemes.length === 0 && status !== 401 && status !== 407 && seen.signOn?.accepted.size === 0) {
    if (seen.signOn.trouble === undefined) yield finding('no-sign-on-needed');
  }
  if (schemes.length > 0 && known.length === 0) {
    const onlyBasic = schemes.every((scheme) => scheme.toLowerCase() === 'basic');
    yield onlyBasic ? finding('basic-only') : finding('no-known-scheme', schemes.join(', '));
  }
  if (known.length > 0 && known.every((scheme) => scheme.toLowerCase() === 'negotiate'))
    yield finding('negotiate-only');
  if (known.length > 0 && !offer.keepsConnection) yield finding('closes-connection');
  if (httpVersion === '1.0') yield finding('http-1.0');
}

/** A portal sends one elsewhere before anybody was asked, or says that the network wants something (RFC 6585, section 6). */
function isPortal(status: number, location: string | undefined, url: URL): boolean {
  if (status === 511) return true;
  return status >= 300 && status < 400 && location !== undefined && new URL(location).hostname !== url.hostname;
}

/** What the codes of errors come to where nothing else says it better. */
const BY_CODE: Readonly<Record<string, FindingId>> = {
  ERR_NTLM_CREDENTIALS_REQUIRED: 'no-credentials',
  ERR_NTLM_CREDENTIALS_INCOMPLETE: 'no-credentials',
  ERR_NTLM_NO_CHALLENGE: 'token-lost',
  ERR_NTLM_CLOSED_MID_HANDSHAKE: 'closed-mid-handshake',
  ERR_NTLM_CONNECTION_NOT_KEPT: 'closed-mid-handshake',
  ERR_NTLM_HANDSHAKE_TIMEOUT: 'handshake-timeout',
  ERR_NTLM_DOWNGRADED: 'challenge-weakened',
  ERR_NTLM_TOO_MANY_LEGS: 'asks-again-and-again',
  ERR_NTLM_BAD_BASE64: 'challenge-damaged',
  ERR_NTLM_NOT_NTLM: 'challenge-damaged',
  ERR_NTLM_WRONG_MESSAGE_TYPE: 'challenge-damaged',
  ERR_NTLM_TRUNCATED: 'challenge-damaged',
  ERR_NTLM_FIELD_OUT_OF_BOUNDS: 'challenge-damaged',
  ERR_NTLM_BAD_AV_PAIRS: 'challenge-damaged',
  ERR_NTLM_BAD_TEXT: 'challenge-damaged',
  ERR_NTLM_BAD_SPNEGO: 'challenge-damaged',
  ERR_NTLM_BAD_RESPONSE: 'not-http',
};

function* ofTheSignOn(seen: Observations): Generator<Finding> {
  const { signOn } = seen;
  if (signOn === undefined) return;
  const { trouble, challenges, accepted } = signOn;
  const refused = trouble?.code === 'ERR_NTLM_REJECTED' || (signOn.status === 401 && signOn.answers.some(isServers));
  const skewed = challenges.find(({ skewSeconds = 0 }) => Math.abs(skewSeconds) > MOST_SKEW);
  const bare = challenges.find(({ targetInfo }) => !targetInfo);
  if (skewed !== undefined) yield finding(refused ? 'clock-skew' : 'clock-differs', `${skewed.skewSeconds} seconds`);
  if (bare !== undefined) {
    yield refused && !bare.extendedSessionSecurity ? finding('ntlmv1-demanded') : finding('no-target-info');
  }
  if (refused) {
    if (isBindingSuspected(seen, signOn)) yield finding('channel-binding-suspected');
    yield finding('credentials-refused');
  } else if (trouble !== undefined) {
    yield* ofTrouble(trouble.code, trouble.message, seen);
  } else if (accepted.size > 0) {
    yield finding('signed-on', [...accepted].join(', '));
  }
}

function isServers({ peer }: { peer: string }): boolean {
  return peer === 'server';
}

function* ofTrouble(code: string, message: string, seen: Observations): Generator<Finding> {
  if (code === 'ERR_NTLM_TUNNEL_REFUSED') {
    const status = Number(/answered (\d{3})/.exec(message)?.[1]);
    yield status >= 500
      ? finding('target-unreachable', `status ${status}`)
      : finding('tunnel-refused', `status ${status}`);
    return;
  }
  if (code.startsWith('ERR_NTLM_SSO_')) yield finding('sso-unavailable', message);
  const known = BY_CODE[code];
  const answerable =
    seen.offer === undefined || seen.offer.schemes.some((scheme) => /^(ntlm|negotiate)$/i.test(scheme));
  if (known !== undefined && (known !== 'no-credentials' || answerable)) yield finding(known);
  // What has been said of the way, of the offer or of the certificate explains these.
  const explained = isOfCertificate(code) || seen.connectTrouble !== undefined || seen.offerTrouble !== undefined;
  if (known !== undefined || explained || code.startsWith('ERR_NTLM_SSO_') || code === 'ERR_NTLM_SCHEME_NOT_OFFERED')
    return;
  yield finding('handshake-failed', `${message}, ${code}`);
}

/** Over TLS, to the server itself, with no channel binding or with that of another certificate than the server's. */
function isBindingSuspected(seen: Observations, { answers }: SignOnView): boolean {
  const answer = answers.find(isServers);
  if (answer === undefined || !targetOf(seen.url).secure) return false;
  return !answer.channelBinding || seen.targetTls?.publiclyTrusted === false;
}

function* ofTheAnswer({ signOn, url, offer }: Observations): Generator<Finding> {
  const status = signOn?.status;
  if (signOn === undefined || status === undefined) return;
  const asks = signOn.schemes?.some((scheme) => /^(ntlm|negotiate)$/i.test(scheme)) ?? false;
  if (status === 401 && asks && !signOn.answers.some(isServers))
    yield finding('server-asks', signOn.schemes?.join(', '));
  else if (status === 403 || status === 451) yield finding('forbidden', `status ${status}`);
  else if (status === 404 || status === 410) yield finding('not-found');
  else if (status === 502 || status === 503 || status === 504) yield finding('target-unreachable', `status ${status}`);
  else if (status >= 500) yield finding('server-error', `status ${status}`);
  const elsewhere = signOn.location !== undefined && new URL(signOn.location).hostname !== url.hostname;
  if (status >= 300 && status < 400 && elsewhere && !isPortal(offer?.status ?? 200, offer?.location, url)) {
    yield finding('log-in-page', signOn.location);
  }
}

/** Of OpenSSL's verdicts, those that are neither about the name nor about the time are about trust. */
function isOfCertificate(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code);
}

function* ofTheCertificate({ targetTls, signOn }: Observations): Generator<Finding> {
  const code = signOn?.trouble?.code ?? '';
  const reason = targetTls?.reason ?? '';
  if (targetTls === undefined) return;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') yield finding('certificate-wrong-name', targetTls.subject);
  else if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code || reason))
    yield finding('certificate-expired', targetTls.validTo);
  else if (isOfCertificate(code)) yield finding('certificate-untrusted', `issued by ${targetTls.issuer}`);
  else if (!targetTls.publiclyTrusted) yield finding('tls-inspected', `issued by ${targetTls.issuer}`);
}
