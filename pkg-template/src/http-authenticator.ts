import { clock } from './client.js';
import { load } from './core/load.js';
import { drawFrom, type RandomSource } from './core/random.js';
import { type NtlmClientOptions, writeClientOptions } from './options.js';

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
  readonly #handle: number;
  readonly #random: RandomSource;
  readonly #now: () => number;

  constructor(options: HttpAuthenticatorOptions) {
    const { core, exchange, own } = load();
    const schemes = options.schemes ?? ['NTLM', 'Negotiate'];
    const numbers = schemes.map((scheme) => (scheme === 'Negotiate' ? 1 : 0));
    const length = writeClientOptions(options, [options.isProxy ? 1 : 0, numbers.length, ...numbers]);
    this.#handle = own(this, exchange.result(core.http(length)));
    this.#random = options.random;
    this.#now = clock(options);
  }

  /** Begins on a new connection: the value of the first leg's `(Proxy-)Authorization`. */
  begin(): string {
    const { core, exchange } = load();
    drawFrom(this.#random);
    return exchange.answerText(core.begin(this.#handle, this.#now()));
  }

  /** Decides on a response; throws an `NtlmError` when it ends in a refusal. */
  next(response: HttpLegResponse): HttpStep {
    const { core, exchange } = load();
    const now = this.#now();
    const { length } = exchange.begin().rawText(response.challenges.join('\n'));
    drawFrom(this.#random);
    const answer = exchange.answerText(core.next(this.#handle, length, response.status, response.keepAlive, now));
    const header = answer.slice(1);
    switch (answer[0]) {
      case '=':
        return { action: 'done' };
      case '<':
        return { action: 'reconnect', header };
      default:
        return { action: 'send', header, last: answer[0] === '!' };
    }
  }

  get authenticated(): boolean {
    return (load().core.httpState(this.#handle) & 1) === 1;
  }

  get scheme(): HttpScheme | undefined {
    return SCHEMES[load().core.httpState(this.#handle) >> 1];
  }
}

/** By the core's numbers; 0 is none. */
const SCHEMES: readonly (HttpScheme | undefined)[] = [undefined, 'NTLM', 'Negotiate'];
