import { NtlmError } from '../../errors.js';
import type { Route, Routes } from '../routes/route.js';
import type { AnswerView, ChallengeView, Leg, OfferView, PageView, TlsView } from './report.js';

/** An error, as plain data. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  /** What to do about it, where the error itself says. */
  readonly advice?: string | undefined;
}

/** What the probes observed: each writes its own part, and reads those of earlier ones. */
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
  /** Whose credentials were accepted. */
  readonly accepted: Set<'proxy' | 'server'>;
  status?: number;
  /** Schemes that the server asks for in the answer. */
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

/** The first place that is connected to. */
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

/** What an error comes down to; the reason may lie deeper than its surface. */
export function troubleOf(error: unknown): Trouble {
  let reason = error as Error & { code?: string; reason?: string };
  while (reason.code === undefined && reason.cause instanceof Error) reason = reason.cause as typeof reason;
  // Of OpenSSL's errors only the reason is for people; the rest is a place in its sources.
  const ofOpenSsl = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(reason.message)?.[1];
  const said = reason.code?.startsWith('ERR_SSL_') ? (reason.reason ?? ofOpenSsl) : ofOpenSsl;
  const message = said === undefined ? reason.message : `TLS: ${said}`;
  return { code: reason.code ?? 'UNKNOWN', message: message.trim(), ...adviceOf(reason) };
}

function adviceOf(error: Error): { advice?: string } {
  return error instanceof NtlmError ? { advice: error.advice } : {};
}

/** An address without what may be secret in it. */
export function shareable(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
