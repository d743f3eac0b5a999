import { type Decoded, decode, findTokens } from '../../decode.js';
import type { PassingToken } from '../passing-tokens.js';
import type { SignOnView } from './observations.js';
import type { ChallengeView, Leg } from './report.js';

const EXTENDED_SESSION_SECURITY = 0x0008_0000;

/** Writes down what passes, without the tokens themselves. */
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
