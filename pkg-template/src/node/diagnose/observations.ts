import { NtlmError } from '../../errors.js';
import type { Route, Routes } from '../routes/route.js';
import type { AnswerView, ChallengeView, Leg, OfferView, PageView, TlsView } from './report.js';

/** An error, as plain data. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  /** The recommended action, if the error has one. */
  readonly advice?: string | undefined;
  /** The response status of a proxy that rejected a tunnel. */
  readonly status?: number | undefined;
}

/** The observations of the probes. Each probe writes one part and reads those of earlier probes. */
export interface Observations {
  readonly url: URL;
  routes?: Routes;
  routeTrouble?: Trouble;
  nameTrouble?: Trouble;
  connectTrouble?: Trouble;
  proxyTlsTrouble?: Trouble;
  proxyTls?: TlsView;
  offer?: OfferView;
  offerTrouble?: Trouble;
  signOn?: SignOnView;
  targetTls?: TlsView;
}

export interface SignOnView {
  readonly legs: Leg[];
  readonly challenges: ChallengeView[];
  readonly answers: AnswerView[];
  /** The peers that accepted the credentials. */
  readonly accepted: Set<'proxy' | 'server'>;
  status?: number;
  /** The schemes that the server offers in the response. */
  schemes?: readonly string[];
  location?: string;
  page?: PageView;
  /** The reason phrase of the rejection. */
  refusedBecause?: string;
  trouble?: Trouble;
}

export function firstRoute(seen: Observations): Route | undefined {
  return seen.routes?.[0];
}

/** Returns the first hop. */
export function firstHop(seen: Observations): { host: string; port: number; tls: boolean } | undefined {
  const route = firstRoute(seen);
  if (route === undefined) return undefined;
  if (route.kind === 'proxy') return route;
  const { host, port, secure } = targetOf(seen.url);
  return { host, port, tls: secure };
}

export function targetOf(url: URL): { host: string; port: number; secure: boolean } {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, secure };
}

/** Returns the root cause of an error. */
export function troubleOf(error: unknown): Trouble {
  let reason = error as Error & { code?: string; reason?: string; status?: number };
  while (reason.code === undefined && reason.cause instanceof Error) reason = reason.cause as typeof reason;
  // Only the reason of an OpenSSL error is for people; the rest is a source location.
  const ofOpenSsl = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(reason.message)?.[1];
  const said = reason.code?.startsWith('ERR_SSL_') ? (reason.reason ?? ofOpenSsl) : ofOpenSsl;
  const message = said === undefined ? reason.message : `TLS: ${said}`;
  return {
    code: reason.code ?? 'UNKNOWN',
    message: message.trim(),
    ...(reason instanceof NtlmError ? { advice: reason.advice } : {}),
    ...(reason.status === undefined ? {} : { status: reason.status }),
  };
}

/** Formats a URL without possible secrets. */
export function shareable(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
