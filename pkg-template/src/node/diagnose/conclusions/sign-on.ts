import { type Finding, finding, type FindingId } from '../findings.js';
import { type Observations, type SignOnView, targetOf, type Trouble } from '../observations.js';
import { isOfCertificate } from './certificate.js';
import { toldBy } from './told.js';
import { isOfTls } from './way.js';

/** Seconds that Windows allows clocks to differ by (Kerberos' limit, and a usual one of NTLM servers). */
const MOST_SKEW = 300;

/** What the codes of errors come to where nothing else says it better. */
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

/** How the handshake went, and why it failed. */
export function* ofTheSignOn(seen: Observations): Generator<Finding> {
  const { signOn } = seen;
  if (signOn === undefined) return;
  const { trouble, challenges, accepted } = signOn;
  const refused = trouble?.code === 'ERR_NTLM_REJECTED' || (signOn.status === 401 && signOn.answers.some(isServers));
  const skewed = challenges.find(({ skewSeconds = 0 }) => Math.abs(skewSeconds) > MOST_SKEW);
  const isDamaged = BY_CODE[trouble?.code ?? ''] === 'challenge-damaged';
  const bare = isDamaged ? undefined : challenges.find(({ targetInfo }) => !targetInfo);
  if (skewed !== undefined) yield finding(refused ? 'clock-skew' : 'clock-differs', `${skewed.skewSeconds} seconds`);
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

/** Over TLS, to the server itself, with no channel binding or with that of another certificate than the server's. */
function isBindingSuspected(seen: Observations, { answers }: SignOnView): boolean {
  const answer = answers.find(isServers);
  if (answer === undefined || !targetOf(seen.url).secure) return false;
  return !answer.channelBinding || seen.targetTls?.publiclyTrusted === false;
}

function* ofTrouble({ code, message, advice }: Trouble, seen: Observations): Generator<Finding> {
  if (code === 'ERR_NTLM_TUNNEL_REFUSED') return yield ofTunnel(Number(/answered (\d{3})/.exec(message)?.[1]), seen);
  if (code.startsWith('ERR_NTLM_SSO_')) return yield finding('sso-unavailable', message, advice);
  // What has been said of the way, of the offer or of the certificate explains these.
  const earlier = seen.connectTrouble ?? seen.proxyTlsTrouble ?? seen.offerTrouble;
  if (earlier !== undefined || isOfCertificate(code) || code === 'ERR_NTLM_SCHEME_NOT_OFFERED') return;
  // Nobody's credentials would help where none of the schemes may be used.
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
