import { textArgument } from './core/arguments.js';
import { HttpAuthenticator as Authenticator } from './core/generated/tokens.js';
import { clock, createClient, type NtlmClientOptions } from './options.js';

/** An authentication scheme that this package supports. */
export type HttpScheme = 'Negotiate' | 'NTLM';

/** The options of {@link HttpAuthenticator}. */
export interface HttpAuthenticatorOptions extends NtlmClientOptions {
  /** Whether the peer is a proxy (407) or a server (401). */
  isProxy: boolean;
  /** The schemes in order of preference. Default: NTLM, then Negotiate. */
  schemes?: readonly HttpScheme[] | undefined;
}

/** The next action after a response. */
export type HttpStep =
  /** Deliver the response to the caller: the connection is authenticated, or needs no authentication. */
  | { action: 'done' }
  /** Read the response to its end, then send this header on the same connection. If `last`, send it with the request itself. */
  | { action: 'send'; header: string; last: boolean }
  /** The peer closes the connection. Open another one and send the first leg there with this header. */
  | { action: 'reconnect'; header: string };

/** The parts of a response that authentication needs. */
export interface HttpLegResponse {
  status: number;
  /** The values of `WWW-Authenticate` or `Proxy-Authenticate`, in order. */
  challenges: readonly string[];
  /** Whether the connection stays open after the response. */
  keepAlive: boolean;
}

/** The HTTP authentication handshake of one connection with a proxy or a server. The core makes every decision. */
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

  /** Starts a handshake on a new connection. Returns the first leg's `(Proxy-)Authorization` value. */
  begin(): string {
    return this.#core.begin(this.#now());
  }

  /** Processes a response and returns the next action. Throws an `NtlmError` if authentication failed. */
  next(response: HttpLegResponse): HttpStep {
    const challenges = textArgument(response.challenges.join('\n'), 'challenge');
    const action = this.#core.next(response.status, challenges, response.keepAlive, this.#now());
    if (action === 'done') return { action };
    const header = this.#core.header!;
    return action === 'send' ? { action, header, last: this.#core.last } : { action, header };
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
