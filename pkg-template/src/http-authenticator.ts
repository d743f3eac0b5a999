import { clock } from './client.js';
import { Operation } from './core/generated/tokens.js';
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
    const { exchange, own } = load();
    const schemes = options.schemes ?? ['NTLM', 'Negotiate'];
    const numbers = schemes.map((scheme) => (scheme === 'Negotiate' ? 1 : 0));
    writeClientOptions(options, [options.isProxy ? 1 : 0, numbers.length, ...numbers]);
    this.#handle = own(this, exchange.askNumber(Operation.Http));
    this.#random = options.random;
    this.#now = clock(options);
  }

  /** Begins on a new connection: the value of the first leg's `(Proxy-)Authorization`. */
  begin(): string {
    drawFrom(this.#random);
    return load().exchange.begin().askText(Operation.Begin, this.#handle, 0, this.#now());
  }

  /** Decides on a response; throws an `NtlmError` when it ends in a refusal. */
  next(response: HttpLegResponse): HttpStep {
    const now = this.#now();
    const detail = (response.status << 1) | (response.keepAlive ? 1 : 0);
    const exchange = load().exchange.begin().rawText(response.challenges.join('\n'));
    drawFrom(this.#random);
    const answer = exchange.askText(Operation.Next, this.#handle, detail, now);
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

  #state(): number {
    return load().exchange.begin().askNumber(Operation.HttpState, this.#handle);
  }

  get authenticated(): boolean {
    return (this.#state() & 1) === 1;
  }

  get scheme(): HttpScheme | undefined {
    return SCHEMES[this.#state() >> 1];
  }
}

/** By the core's numbers; 0 is none. */
const SCHEMES: readonly (HttpScheme | undefined)[] = [undefined, 'NTLM', 'Negotiate'];
