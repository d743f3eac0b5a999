import type { HttpLegResponse, HttpScheme, HttpStep } from '../../http-authenticator.js';

/** What one dialogue with the operating system's own mechanisms is about. */
export interface SystemAuthenticatorOptions {
  readonly isProxy: boolean;
  /** In order of preference. Default: Negotiate, then NTLM. */
  readonly schemes?: readonly HttpScheme[] | undefined;
  /** The service is HTTP/host. */
  readonly host: string;
  /** The service principal name instead. */
  readonly targetName?: string | undefined;
  /** The server's certificate (DER), to which the handshake is bound (RFC 5929, tls-server-end-point). */
  readonly certificate?: Uint8Array | undefined;
  /** Somebody else than the user who is logged on. */
  readonly credentials?: { readonly username: string; readonly password: string; readonly domain?: string } | undefined;
  /** Which of the user's own identities, and from which cache of tickets. GSS-API only. */
  readonly principal?: string | undefined;
  readonly credentialCache?: string | undefined;
}

/** The dialogue of one connection, led by the same core as everywhere, over the mechanisms of the operating system. */
export interface AddonAuthenticator {
  /** The value of the first leg's header. */
  begin(): Promise<string>;
  next(response: HttpLegResponse): Promise<HttpStep>;
  readonly authenticated: boolean;
  readonly scheme: HttpScheme | undefined;
  /** What `begin` gave says everything: a Kerberos ticket. */
  readonly last: boolean;
  /** What it came to, where the system tells. */
  readonly mechanism: 'Kerberos' | 'NTLM' | undefined;
  /** Who was signed on, where the system tells. */
  readonly identity: string | undefined;
  /** Frees contexts and credentials now; also while a call is pending. */
  close(): void;
}

/** One way for this user to sign on here. */
export interface SystemSurvey {
  readonly mechanism: 'Kerberos' | 'NTLM';
  /** Where it comes from: the cache of tickets, winbind, Windows. */
  readonly source: string;
  readonly available: boolean;
  readonly identity?: string;
  /** Why not, and what to do about it. */
  readonly reason?: string;
  readonly advice?: string;
}

/** What the addon exports. Whatever may block runs off the main thread. */
export interface SystemAddon {
  readonly version: string;
  readonly HttpAuthenticator: new (options: SystemAuthenticatorOptions) => AddonAuthenticator;
  /** What this user could sign on with, without a round trip over the network. */
  survey(): Promise<SystemSurvey[]>;
  /** Windows: the proxies for a URL in PAC syntax, whatever decides about them. */
  proxyFor?(url: string): Promise<string>;
  /** What this process holds of the system: for tests. */
  alive(): { contexts: number; credentials: number };
}
