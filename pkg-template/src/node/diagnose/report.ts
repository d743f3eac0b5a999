import type { Fault, Finding } from './findings.js';

/** The outcome of a probe. `crashed` is a bug of this package. */
export type Outcome = 'ok' | 'failed' | 'skipped' | 'crashed';

/** One thing that was tried. */
export interface Probe {
  readonly id: 'route' | 'name' | 'connection' | 'offer' | 'sign-on' | 'certificate';
  readonly outcome: Outcome;
  readonly milliseconds: number;
  /** The result, in a sentence. */
  readonly summary: string;
}

/** One header of a handshake, without its token. */
export interface Leg {
  /** Legs of one connection share the number. */
  readonly connection: number;
  readonly peer: 'proxy' | 'server';
  readonly direction: 'sent' | 'received';
  readonly scheme: string;
  /** Which message it is; `none` is an offer without a token. */
  readonly message: 'none' | 'message 1' | 'message 2' | 'message 3' | 'token';
  /** In SPNEGO. */
  readonly wrapped: boolean;
  /** The status of the response that it came with. */
  readonly status?: number;
  /** Bytes of the token. */
  readonly bytes: number;
  /** Milliseconds since the sign-on began. */
  readonly at: number;
}

/** What a challenge says about its sender. */
export interface ChallengeView {
  readonly peer: 'proxy' | 'server';
  readonly domain?: string;
  readonly computer?: string;
  readonly dnsDomain?: string;
  readonly dnsComputer?: string;
  /** Of its Windows, such as `10.0.26100`. */
  readonly version?: string;
  /** Its clock, in ISO 8601. */
  readonly time?: string;
  /** Seconds that its clock is ahead of this machine's. */
  readonly skewSeconds?: number;
  /** The hexadecimal number of its flags. */
  readonly flags: string;
  readonly extendedSessionSecurity: boolean;
  readonly targetInfo: boolean;
  /** Ids of what the decoder finds about it. */
  readonly findings: readonly string[];
}

/** What our answer to it had. */
export interface AnswerView {
  readonly peer: 'proxy' | 'server';
  readonly ntlmVersion?: string;
  readonly integrityCode: boolean;
  readonly channelBinding: boolean;
}

/** What a response says about who wrote it: a block page, an error page of a proxy, a portal. */
export interface PageView {
  readonly title?: string;
  /** The beginning of the text, if there is no title. */
  readonly text?: string;
  /** The product, by its signature. */
  readonly vendor?: string;
  /** The field X-Squid-Error. */
  readonly squidError?: string;
  readonly isPortal?: boolean;
  readonly isBlock?: boolean;
}

/** What is seen of TLS at one place. */
export interface TlsView {
  readonly protocol: string;
  /** Names of the certificate, its issuer and the end of its chain. */
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: string;
  /** It goes back to one of the roots that this runtime carries. */
  readonly publiclyTrusted: boolean;
  /** Why it does not, in the words of OpenSSL. */
  readonly reason?: string;
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
}

/** The result of `diagnose`. It holds no password, hash, token or user name, and can be shared. */
export interface Report {
  /** The version of this structure; it changes with incompatible changes only. */
  readonly format: 1;
  readonly tool: { readonly name: 'ntlm-wasm'; readonly version: string };
  readonly runtime: {
    readonly name: string;
    readonly version: string;
    readonly platform: string;
    readonly arch: string;
  };
  /** In ISO 8601. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** Without query and credentials. */
  readonly url: string;
  readonly verdict: 'works' | 'fails';
  /** Who can fix it, if it fails. */
  readonly fault?: Fault;
  /** The routes, first choice first, and the rule that chose them. */
  readonly routes: readonly { readonly route: string; readonly rule?: string }[];
  readonly probes: readonly Probe[];
  /** What the first hop says to a request without credentials. */
  readonly offer?: OfferView;
  readonly legs: readonly Leg[];
  readonly challenges: readonly ChallengeView[];
  readonly answers: readonly AnswerView[];
  /** The status of the last response. */
  readonly status?: number;
  /** What that response says about who wrote it. */
  readonly page?: PageView;
  readonly tls: { readonly proxy?: TlsView; readonly target?: TlsView };
  /** Worst first. */
  readonly findings: readonly Finding[];
}

export interface OfferView {
  readonly from: 'proxy' | 'server';
  readonly status: number;
  readonly httpVersion: string;
  /** Schemes as they are offered, best first for the peer. */
  readonly schemes: readonly string[];
  /** The connection carried a second request. */
  readonly keepsConnection: boolean;
  /** What the peer calls itself. */
  readonly software?: string;
  /** Where it sends one, without the query. */
  readonly location?: string;
}
