import { decode, findTokens } from '../../decode.js';
import type { Decoded } from '../../decoded.js';
import { watchTokens, type PassingToken } from '../diagnostics.js';
import { NtlmDispatcher } from '../dispatcher/index.js';
import type { ConnectionOptions } from '../options.js';
import { type Observations, shareable, type SignOnView, troubleOf } from './observations.js';
import { schemesOf } from './offer-probe.js';
import { isOfCertificate } from './network-probes.js';
import { pageInWords, pageOf } from './page.js';
import { Failed, Skipped } from './probe.js';
import type { Leg, ChallengeView } from './report.js';

/** The maximum number of response body bytes that are read. */
const ENOUGH = 65_536;

/** Sends the request once, like a program, and records the handshake. */
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
    const { origin, pathname, search } = url;
    const headers = { accept: '*/*' };
    const answer = await dispatcher.request({ origin, path: pathname + search, method: 'GET', headers, signal });
    view.status = answer.statusCode;
    view.schemes = schemesOf([answer.headers['www-authenticate'] ?? []].flat());
    const location = [answer.headers['location'] ?? []].flat()[0];
    if (location !== undefined && URL.canParse(location, url.href))
      view.location = shareable(new URL(location, url.href));
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of answer.body) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > ENOUGH) break;
    }
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]);
    const page = pageOf(answer.statusCode, Object.fromEntries(fields), Buffer.concat(chunks).toString('utf8'), url);
    if (page !== undefined) view.page = page;
    for (const peer of ['proxy', 'server'] as const) if (wasAccepted(view.legs, peer)) view.accepted.add(peer);
    const who = [...view.accepted].join(' and the ');
    const written = pageInWords(page);
    const response = `the response is ${view.status}${written === undefined || answer.statusCode < 400 ? '' : ` (${written})`}`;
    return `${who === '' ? 'no authentication took place' : `authenticated to the ${who}`}; ${response}`;
  } catch (error) {
    view.trouble = signal.aborted ? { code: 'ETIMEDOUT', message: 'no answer in time' } : troubleOf(error);
    // The certificate probe reports it.
    if (isOfCertificate(view.trouble.code)) throw new Skipped('the certificate is rejected');
    if (view.trouble.code === 'ERR_NTLM_CREDENTIALS_INCOMPLETE') throw new Skipped('no password');
    throw new Failed(view.trouble.message);
  } finally {
    unwatch();
    await dispatcher.destroy();
  }
}

/**
 * Whether the peer received credentials and did not challenge again. Message 1 alone proves nothing, because peers without
 * authentication ignore it.
 */
function wasAccepted(legs: readonly Leg[], peer: Leg['peer']): boolean {
  const own = legs.filter((leg) => leg.peer === peer);
  const last = own.findLastIndex(({ direction }) => direction === 'sent');
  if (last === -1 || own[last]?.message === 'message 1') return false;
  return own.slice(last).every(({ status }) => status !== 401 && status !== 407);
}

const EXTENDED_SESSION_SECURITY = 0x0008_0000;

/** Records the legs without their tokens. */
export function tokenReader(view: SignOnView, clock: () => number): (token: PassingToken) => void {
  const earlier = new Map<string, { negotiate?: Uint8Array; challenge?: Uint8Array }>();
  return (token) => {
    const peer = token.isProxy ? 'proxy' : 'server';
    const scheme = token.value.split(/[\s,]/, 1)[0] ?? '';
    const [found] = findTokens(token.value);
    const decoded = found && decode(found.bytes, { ...earlier.get(peer), now: new Date() });
    const type = decoded?.type === 'spnego' ? decoded.messageType : decoded?.type;
    const leg: Leg = {
      connection: token.connection,
      peer,
      direction: token.direction,
      scheme,
      message: found === undefined ? 'none' : typeof type === 'number' ? (`message ${type}` as const) : 'token',
      wrapped: decoded?.type === 'spnego',
      ...(token.status === undefined ? {} : { status: token.status }),
      bytes: found?.bytes.length ?? 0,
      at: clock(),
    };
    if (token.direction === 'received' && leg.message === 'none' && view.legs.at(-1)?.message === 'message 3') {
      view.refusedBecause = token.reason ?? '';
    }
    view.legs.push(leg);
    if (decoded === undefined || found === undefined) return;
    if (token.direction === 'sent') earlier.set(peer, { ...earlier.get(peer), negotiate: found.bytes });
    else earlier.set(peer, { ...earlier.get(peer), challenge: found.bytes });
    if (type === 2) view.challenges.push(challengeOf(decoded, peer));
    if (type === 3) view.answers.push(answerOf(decoded, peer));
  };
}

function challengeOf(decoded: Decoded, peer: 'proxy' | 'server'): ChallengeView {
  const { targetInfo, version, negotiateFlags = 0, targetName } = decoded;
  const { nbDomainName, nbComputerName, dnsDomainName, dnsComputerName, timestamp } = targetInfo ?? {};
  const ahead = timestamp === undefined ? Number.NaN : (Date.parse(timestamp) - Date.now()) / 1000;
  return {
    peer,
    ...named('domain', nbDomainName ?? targetName),
    ...named('computer', nbComputerName),
    ...named('dnsDomain', dnsDomainName),
    ...named('dnsComputer', dnsComputerName),
    ...named('version', version),
    ...named('time', timestamp),
    ...(Number.isNaN(ahead) ? {} : { skewSeconds: Math.round(ahead) }),
    flags: (negotiateFlags >>> 0).toString(16).padStart(8, '0'),
    extendedSessionSecurity: (negotiateFlags & EXTENDED_SESSION_SECURITY) !== 0,
    targetInfo: targetInfo !== undefined,
    findings: decoded.findings.map(({ id }) => id),
  };
}

function named<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined || value === '' ? {} : ({ [name]: value } as Record<Name, string>);
}

function answerOf({ ntlmVersion, mic, targetInfo }: Decoded, peer: 'proxy' | 'server') {
  const isSet = (hex: string | undefined): boolean => hex !== undefined && /[^0]/.test(hex);
  return {
    peer,
    ...(ntlmVersion === undefined ? {} : { ntlmVersion }),
    integrityCode: isSet(mic),
    channelBinding: isSet(targetInfo?.channelBindings),
  };
}
