import { textArgument } from './core/arguments.js';
import { HttpAuthenticator as Authenticator } from './core/generated/tokens.js';
import { clock, createClient, type NtlmClientOptions } from './options.js';

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
  /** Deliver it to the caller: the connection is authenticated, or needs no authentication. */
  | { action: 'done' }
  /** Read it to its end, then send this header on the same connection; with the request itself if `last`. */
  | { action: 'send'; header: string; last: boolean }
  /** The peer closes the connection: open another one and send the first leg there with this header. */
  | { action: 'reconnect'; header: string };

/** The parts of a response that matter to authentication. */
export interface HttpLegResponse {
  status: number;
  /** The values of `WWW-Authenticate` or `Proxy-Authenticate`, in order. */
  challenges: readonly string[];
  /** Whether the connection stays open after it. */
  keepAlive: boolean;
}

/** The authentication handshake of one connection with its proxy or its server. The core makes every decision. */
export class HttpAuthenticator {
  readonly #core: Authenticator;
  readonly #now: () => number;

  constructor(options: HttpAuthenticatorOptions) {
    const [first, second] = options.schemes ?? ['NTLM', 'Negotiate'];
    const client = createClient(options, 'NTLM');
    this.#core = new Authenticator(client, options.isProxy, first, second);
    client.free();
    this.#now = clock(options);
  }

  /** Starts on a new connection: the value of the first leg's `(Proxy-)Authorization`. */
  begin(): string {
    return this.#core.begin(this.#now());
  }

  /** Decides on a response; throws an `NtlmError` if authentication failed. */
  next(response: HttpLegResponse): HttpStep {
    const challenges = textArgument(response.challenges.join('\n'), 'challenge');
    const step = this.#core.next(response.status, challenges, response.keepAlive, this.#now());
    const { action, header, last } = step;
    step.free();
    if (action === 'done') return { action };
    return action === 'send' ? { action, header, last } : { action, header };
  }

  /** Whether the final token was accepted. */
  get authenticated(): boolean {
    return this.#core.authenticated;
  }

  /** The scheme in use. */
  get scheme(): HttpScheme | undefined {
    return this.#core.scheme;
  }
}
