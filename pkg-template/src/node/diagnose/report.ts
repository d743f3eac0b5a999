import type { Fault, Finding } from './findings.js';

/** The outcome of a probe. `crashed` is a bug of this package. */
export type Outcome = 'ok' | 'failed' | 'skipped' | 'crashed';

/** One probe of a diagnosis. */
export interface Probe {
  readonly id: 'route' | 'name' | 'connection' | 'offer' | 'sign-on' | 'certificate';
  readonly outcome: Outcome;
  readonly milliseconds: number;
  /** The result in one sentence. */
  readonly summary: string;
}

/** One header of a handshake, without its token. */
export interface Leg {
  /** The connection number. Legs of one connection have the same number. */
  readonly connection: number;
  readonly peer: 'proxy' | 'server';
  readonly direction: 'sent' | 'received';
  readonly scheme: string;
  /** The message type; `none` for an offer without a token. */
  readonly message: 'none' | 'message 1' | 'message 2' | 'message 3' | 'token';
  /** Whether the message is wrapped in SPNEGO. */
  readonly wrapped: boolean;
  /** The status of the response that carried the token. */
  readonly status?: number;
  /** The token length in bytes. */
  readonly bytes: number;
  /** Milliseconds since the start of authentication. */
  readonly at: number;
}

/** The information about the sender in a challenge. */
export interface ChallengeView {
  readonly peer: 'proxy' | 'server';
  readonly domain?: string;
  readonly computer?: string;
  readonly dnsDomain?: string;
  readonly dnsComputer?: string;
  /** The Windows version, such as `10.0.26100`. */
  readonly version?: string;
  /** The sender's clock in ISO 8601. */
  readonly time?: string;
  /** Seconds by which the sender's clock is ahead of this machine's clock. */
  readonly skewSeconds?: number;
  /** The flags as a hexadecimal number. */
  readonly flags: string;
  readonly extendedSessionSecurity: boolean;
  readonly targetInfo: boolean;
  /** The ids of the decoder's findings. */
  readonly findings: readonly string[];
}

/** The properties of the response to a challenge. */
export interface AnswerView {
  readonly peer: 'proxy' | 'server';
  readonly ntlmVersion?: string;
  readonly integrityCode: boolean;
  readonly channelBinding: boolean;
}

/** The author of a response: a block page, a proxy error page or a captive portal. */
export interface PageView {
  readonly title?: string;
  /** The start of the text, if there is no title. */
  readonly text?: string;
  /** The product, if recognized. */
  readonly vendor?: string;
  /** The field X-Squid-Error. */
  readonly squidError?: string;
  readonly isPortal?: boolean;
  readonly isBlock?: boolean;
}

/** The TLS observations at one peer. */
export interface TlsView {
  readonly protocol: string;
  /** The names of the certificate, its issuer and the end of its chain. */
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  /** Whether the chain ends at a root that is included in this runtime. */
  readonly publiclyTrusted: boolean;
  /** OpenSSL's reason, if it is not trusted. */
  readonly reason?: string;
  /** The SHA-256 hash of the certificate in hexadecimal. */
  readonly fingerprint: string;
}

/** The result of `diagnose()`. It contains no password, hash, token or user name, and can be shared. */
export interface Report {
  /** The format version. It changes only with incompatible changes. */
  readonly format: 1;
  readonly tool: { readonly name: 'ntlm-wasm'; readonly version: string };
  readonly runtime: {
    readonly name: string;
    readonly version: string;
    readonly platform: string;
    readonly arch: string;
  };
  /** The start time in ISO 8601. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** The URL without query and credentials. */
  readonly url: string;
  readonly verdict: 'works' | 'fails';
  /** Who can fix the failure, if any. */
  readonly fault?: Fault;
  /** The routes in order, and the rule that chose them. */
  readonly routes: readonly { readonly route: string; readonly rule?: string }[];
  readonly probes: readonly Probe[];
  /** The first hop's response to a request without credentials. */
  readonly offer?: OfferView;
  readonly legs: readonly Leg[];
  readonly challenges: readonly ChallengeView[];
  readonly answers: readonly AnswerView[];
  /** The status of the last response. */
  readonly status?: number;
  /** The author of the last response, if recognized. */
  readonly page?: PageView;
  readonly tls: { readonly proxy?: TlsView; readonly target?: TlsView };
  /** The findings, worst first. */
  readonly findings: readonly Finding[];
}

export interface OfferView {
  readonly from: 'proxy' | 'server';
  readonly status: number;
  readonly httpVersion: string;
  /** The offered schemes, in the peer's order of preference. */
  readonly schemes: readonly string[];
  /** Whether the connection carried a second request. */
  readonly keepsConnection: boolean;
  /** The software name that the peer reports. */
  readonly software?: string;
  /** The redirect location, without the query. */
  readonly location?: string;
}
