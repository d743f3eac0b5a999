import { type Finding, finding, type FindingId } from './findings.js';
import { type Observations, firstRoute, type SignOnView, targetOf, type Trouble } from './observations.js';
import { skewInWords } from './duration.js';
import { isOfCertificate } from './network-probes.js';
import { pageInWords } from './page.js';
import type { Probe } from './report.js';

const SEVERITIES = ['error', 'warning', 'note'];

/** Derives the findings from the observations, worst first, without duplicates. */
export function conclude(seen: Observations, probes: readonly Probe[]): Finding[] {
  const found = [
    ...probes
      .filter(({ outcome }) => outcome === 'crashed')
      .map(({ id, summary }) => finding('crashed', `${id}: ${summary}`)),
    ...ofTheWay(seen),
    ...ofTheSignOn(seen),
    ...ofTheOffer(seen),
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

/** Findings about the connection to the first peer that could challenge. */
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
  const code = signOn?.trouble?.code ?? '';
  const refusedHere = signOn?.legs.length === 0 && (isOfCertificate(code) || code === 'ERR_NTLM_PROXY_TLS');
  if (proxyTls?.publiclyTrusted === false && refusedHere) yield finding('proxy-certificate-untrusted', proxyTls.reason);
  if (offerTrouble !== undefined && proxyTlsTrouble === undefined) yield* ofNoOffer(offerTrouble.code, seen);
}

/** The first hop accepts connections, but does not respond with HTTP. */
function* ofNoOffer(code: string, { url, routes }: Observations): Generator<Finding> {
  const isDirectTls = routes?.[0]?.kind === 'direct' && url.protocol === 'https:';
  if (code === 'ETIMEDOUT') yield finding('no-answer');
  else if (isDirectTls && isOfTls(code)) yield finding('target-not-tls', code);
  else if (code === 'ECONNRESET') yield finding('not-http', 'the connection is closed without an answer');
  else yield finding('not-http', code);
}

/** Whether the error means that the peer does not support TLS. */
export function isOfTls(code: string): boolean {
  return /^(ERR_SSL_|EPROTO)/.test(code);
}

/** Findings about the offered schemes. */
export function* ofTheOffer(seen: Observations): Generator<Finding> {
  const { offer, url, signOn } = seen;
  if (offer === undefined) return;
  const { status, schemes, location, httpVersion } = offer;
  const known = schemes.filter((scheme) => /^(ntlm|negotiate)$/i.test(scheme));
  const asks = status === 401 || status === 407;
  const accepted = (signOn?.accepted.size ?? 0) > 0;
  const portal = isPortal(status, location, url);
  if (portal) yield finding('captive-portal', location ?? `status ${status}`);
  const replaced = signOn?.page?.isPortal === true || signOn?.page?.isBlock === true;
  if (!asks && !accepted && !portal && !replaced && (signOn?.status ?? 500) < 400) yield finding('no-sign-on-needed');
  if (asks && known.length === 0 && !accepted) {
    const onlyBasic = schemes.length > 0 && schemes.every((scheme) => scheme.toLowerCase() === 'basic');
    yield onlyBasic ? finding('basic-only') : finding('no-known-scheme', schemes.join(', ') || 'it offers none at all');
  }
  if (known.length > 0 && known.every((scheme) => scheme.toLowerCase() === 'negotiate'))
    yield finding('negotiate-only');
  if (known.length > 0 && !offer.keepsConnection) yield finding('closes-connection');
  if (httpVersion === '1.0') yield finding('http-1.0');
}

/** Whether a captive portal responded: a redirect before any challenge, or a 511 status (RFC 6585, section 6). */
export function isPortal(status: number, location: string | undefined, url: URL): boolean {
  if (status === 511) return true;
  return status >= 300 && status < 400 && location !== undefined && new URL(location).hostname !== url.hostname;
}

/** The clock difference in seconds that Windows accepts (the Kerberos limit, also common in NTLM servers). */
const MOST_SKEW = 300;

/** Findings by error code, unless another finding explains the error better. */
const BY_CODE: Readonly<Record<string, FindingId>> = {
  ERR_NTLM_CREDENTIALS_REQUIRED: 'no-credentials',
  ERR_NTLM_CREDENTIALS_INCOMPLETE: 'no-credentials',
  ERR_NTLM_NO_CHALLENGE: 'token-lost',
  ERR_NTLM_CLOSED_MID_HANDSHAKE: 'closed-mid-handshake',
  ERR_NTLM_CONNECTION_NOT_KEPT: 'closed-mid-handshake',
  ERR_NTLM_HANDSHAKE_TIMEOUT: 'handshake-timeout',
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
  UND_ERR_SOCKET: 'closed-mid-handshake',
  ECONNRESET: 'closed-mid-handshake',
  ETIMEDOUT: 'handshake-timeout',
};

/** Findings about the handshake. */
export function* ofTheSignOn(seen: Observations): Generator<Finding> {
  const { signOn } = seen;
  if (signOn === undefined) return;
  const { trouble, challenges, accepted } = signOn;
  const refused = trouble?.code === 'ERR_NTLM_REJECTED' || (signOn.status === 401 && signOn.answers.some(isServers));
  const skewed = challenges.find(({ skewSeconds = 0 }) => Math.abs(skewSeconds) > MOST_SKEW);
  const isDamaged = BY_CODE[trouble?.code ?? ''] === 'challenge-damaged';
  const bare = isDamaged ? undefined : challenges.find(({ targetInfo }) => !targetInfo);
  if (skewed !== undefined)
    yield finding(refused ? 'clock-skew' : 'clock-differs', skewInWords(skewed.skewSeconds ?? 0));
  if (bare !== undefined) {
    yield refused && !bare.extendedSessionSecurity ? finding('ntlmv1-demanded') : finding('no-target-info');
  } else if (!isDamaged && challenges.some(({ time }) => time === undefined)) yield finding('no-timestamp');
  if (refused) {
    yield* ofRefusal(seen, signOn);
  } else if (trouble !== undefined) {
    yield* ofTrouble(trouble, seen);
  } else if (accepted.size > 0) {
    yield finding('signed-on', [...accepted].join(', '));
  }
}

function* ofRefusal(seen: Observations, signOn: SignOnView): Generator<Finding> {
  const told = toldBy(signOn.refusedBecause ?? '');
  if (told !== undefined) return yield finding(told, signOn.refusedBecause?.trim());
  if (signOn.answers.length === 0) return yield finding('ntlm-blocked', 'refused before the answer to a challenge');
  if (isBindingSuspected(seen, signOn)) yield finding('channel-binding-suspected');
  yield finding('credentials-refused');
}

function isServers({ peer }: { peer: string }): boolean {
  return peer === 'server';
}

/** Whether channel binding may be the cause: TLS to the server, without a binding or with that of another certificate. */
function isBindingSuspected(seen: Observations, { answers }: SignOnView): boolean {
  const answer = answers.find(isServers);
  if (answer === undefined || !targetOf(seen.url).secure) return false;
  return !answer.channelBinding || seen.targetTls?.publiclyTrusted === false;
}

function* ofTrouble({ code, message, advice, status }: Trouble, seen: Observations): Generator<Finding> {
  if (status !== undefined) return yield ofTunnel(status, seen);
  if (code.startsWith('ERR_NTLM_SSO_')) return yield finding('sso-unavailable', message, advice);
  // Earlier findings about the connection, the offer or the certificate explain these.
  const earlier = seen.connectTrouble ?? seen.proxyTlsTrouble ?? seen.offerTrouble;
  if (earlier !== undefined || isOfCertificate(code) || code === 'ERR_NTLM_SCHEME_NOT_OFFERED') return;
  if (code === 'ERR_NTLM_PROXY_TLS' && seen.proxyTls?.publiclyTrusted === false) return;
  // Credentials do not help if no offered scheme is usable.
  const usable = seen.offer?.schemes.some((scheme) => /^(ntlm|negotiate)$/i.test(scheme)) ?? true;
  if (BY_CODE[code] === 'no-credentials' && !usable) return;
  const onlyNegotiate = seen.offer?.schemes.every((scheme) => scheme.toLowerCase() !== 'ntlm') ?? false;
  if (code === 'ERR_NTLM_NO_CHALLENGE' && onlyNegotiate) return yield finding('ntlm-blocked');
  if (isOfTls(code)) return yield finding('target-not-tls', code);
  const known = BY_CODE[code];
  yield known === undefined ? finding('handshake-failed', `${message}, ${code}`, advice) : finding(known);
}

function ofTunnel(status: number, { offer }: Observations): Finding {
  if (status === 511) return finding('captive-portal', `status ${status}`);
  if (status >= 300 && status < 400) return finding('captive-portal', offer?.location ?? `status ${status}`);
  return finding(status >= 500 ? 'target-unreachable' : 'tunnel-refused', `status ${status}`);
}

/**
 * The account problems that a reason phrase can name. HTTP has only 401 and 407 for them, but some peers add the Windows error
 * text, as Microsoft's proxies do, or the name or number of its status (MS-ERREF, section 2.3.1).
 */
const TOLD: readonly (readonly [words: RegExp, id: FindingId])[] = [
  [/password [a-z ]*expired|PASSWORD_EXPIRED|0xC0000071/i, 'password-expired'],
  [/password must (be changed|change)|PASSWORD_MUST_CHANGE|0xC0000224/i, 'password-expired'],
  [/locked out|account is locked|ACCOUNT_LOCKED_OUT|0xC0000234/i, 'account-locked'],
  [/account (is )?(currently )?disabled|ACCOUNT_DISABLED|0xC0000072/i, 'account-disabled'],
  [/account has expired|ACCOUNT_EXPIRED|0xC0000193/i, 'account-expired'],
  [/time restriction|INVALID_LOGON_HOURS|0xC000006F/i, 'logon-not-allowed'],
  [/allowed to log ?on (to|at|from)|INVALID_WORKSTATION|0xC0000070/i, 'logon-not-allowed'],
  [/requested logon type|LOGON_TYPE_NOT_GRANTED|0xC000015B|account restriction|0xC000006E/i, 'logon-not-allowed'],
  [/NTLM (was|is) (blocked|disabled)|NTLM_BLOCKED|0xC0000418/i, 'ntlm-blocked'],
];

export function toldBy(reason: string): FindingId | undefined {
  return TOLD.find(([words]) => words.test(reason))?.[1];
}

const withPage = (status: number, page: SignOnView['page']) =>
  [`status ${status}`, pageInWords(page)].filter((part) => part !== undefined).join(', ');

/** Findings about the response to the request itself. */
export function* ofTheAnswer({ signOn, url, offer }: Observations): Generator<Finding> {
  const status = signOn?.status;
  if (signOn === undefined || status === undefined) return;
  const { page } = signOn;
  const asks = signOn.schemes?.some((scheme) => /^(ntlm|negotiate)$/i.test(scheme)) ?? false;
  if (status === 401 && asks && !signOn.answers.some(({ peer }) => peer === 'server'))
    yield finding('server-asks', signOn.schemes?.join(', '));
  else if (status === 403 || status === 451) yield finding('forbidden', withPage(status, page));
  else if (status === 404 || status === 410) yield finding('not-found');
  else if (status === 502 || status === 503 || status === 504)
    yield finding('target-unreachable', withPage(status, page));
  else if (status >= 500 && status !== 511) yield finding('server-error', withPage(status, page));
  else if (page?.isPortal === true && signOn.accepted.size === 0) yield finding('captive-portal', pageInWords(page));
  else if (page?.isBlock === true) yield finding('block-page', pageInWords(page));
  const elsewhere = signOn.location !== undefined && new URL(signOn.location).hostname !== url.hostname;
  if (status >= 300 && status < 400 && elsewhere && !isPortal(offer?.status ?? 200, offer?.location, url)) {
    yield finding('log-in-page', signOn.location);
  }
}

/** Whether the server accepted a channel binding, which proves that the certificate is the server's. */
const isBound = (signOn: SignOnView | undefined) =>
  signOn?.accepted.has('server') === true &&
  signOn.answers.some((answer) => isServers(answer) && answer.channelBinding);

/** Findings about the server's certificate. */
export function* ofTheCertificate({ targetTls, signOn }: Observations): Generator<Finding> {
  const code = signOn?.trouble?.code ?? '';
  const reason = targetTls?.reason ?? '';
  if (targetTls === undefined) return;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') yield finding('certificate-wrong-name', targetTls.subject);
  else if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code || reason))
    yield finding('certificate-expired', targetTls.validTo);
  else if (isOfCertificate(code)) yield finding('certificate-untrusted', `issued by ${targetTls.issuer}`);
  else if (!targetTls.publiclyTrusted && !isBound(signOn))
    yield finding('tls-inspected', `issued by ${targetTls.issuer}`);
}
