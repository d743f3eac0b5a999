import { guard } from './core/guard.js';
import { core } from './core/load.js';
import type { HttpAuthenticator as CoreAuthenticator } from './core/generated/tokens.js';
import { clock } from './client.js';
import { coreOptions, type NtlmClientOptions } from './options.js';

/** A scheme that this package answers. */
export type HttpScheme = 'Negotiate' | 'NTLM';

/** The options of {@link HttpAuthenticator}. */
export interface HttpAuthenticatorOptions extends NtlmClientOptions {
  /** A proxy (407) rather than the server itself (401). */
  isProxy: boolean;
  /** In order of preference. Default: NTLM, then Negotiate. */
  schemes?: readonly HttpScheme[] | undefined;
}

/** What to do with a response. */
export type HttpStep =
  /** It is the caller's: the connection is authenticated, or needs nothing. */
  | { action: 'done' }
  /** Read it to its end, then send this header on the same connection; with the request proper if `last`. */
  | { action: 'send'; header: string; last: boolean }
  /** The peer closes: open another connection and send the first leg there with this header. */
  | { action: 'reconnect'; header: string };

/** A response, as far as authentication is concerned. */
export interface HttpLegResponse {
  status: number;
  /** The values of `WWW-Authenticate` or `Proxy-Authenticate`, in order. */
  challenges: readonly string[];
  /** Whether the connection stays open behind it. */
  keepAlive: boolean;
}

/** The authentication dialogue of one connection with its proxy or its server. Every decision is the core's. */
export class HttpAuthenticator {
  readonly #inner: CoreAuthenticator;
  readonly #now: () => number;

  constructor(options: HttpAuthenticatorOptions) {
    const schemes = options.schemes ?? ['NTLM', 'Negotiate'];
    const letters = schemes.map((scheme) => (scheme === 'Negotiate' ? 'S' : 'N')).join('');
    const built = coreOptions(options);
    this.#inner = guard(() => new (core().HttpAuthenticator)(built, options.isProxy, letters));
    this.#now = clock(options);
  }

  /** Begins on a new connection: the value of the first leg's `(Proxy-)Authorization`. */
  begin(): string {
    return guard(() => this.#inner.begin(this.#now()));
  }

  /** Decides on a response; throws an `NtlmError` when it ends in a refusal. */
  next(response: HttpLegResponse): HttpStep {
    const { Action } = core();
    const challenges = response.challenges.join('\n');
    const action = guard(() => this.#inner.next(response.status, challenges, response.keepAlive, this.#now()));
    if (action === Action.Deliver) return { action: 'done' };
    const header = this.#inner.header();
    if (action === Action.Reconnect) return { action: 'reconnect', header };
    return { action: 'send', header, last: action === Action.SendLast };
  }

  get authenticated(): boolean {
    return this.#inner.authenticated();
  }

  get scheme(): HttpScheme | undefined {
    return this.#inner.scheme() as HttpScheme | undefined;
  }
}
