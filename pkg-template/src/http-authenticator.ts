import { clock } from './client.js';
import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { drawFrom, type RandomSource } from './core/random.js';
import { TextView } from './core/text-view.js';
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
    return headerOf(load().exchange.begin().askBytes(Operation.Begin, this.#handle, 0, this.#now()));
  }

  /** Decides on a response; throws an `NtlmError` when it ends in a refusal. */
  next(response: HttpLegResponse): HttpStep {
    const now = this.#now();
    const detail = (response.status << 1) | (response.keepAlive ? 1 : 0);
    const exchange = load().exchange.begin().rawText(response.challenges.join('\n'));
    drawFrom(this.#random);
    const answer = exchange.askBytes(Operation.Next, this.#handle, detail, now);
    if (answer.length === 0) return { action: 'done' };
    const header = headerOf(answer);
    const action = answer.at(-1);
    return action === RECONNECT
      ? { action: 'reconnect', header }
      : { action: 'send', header, last: action === LAST_LEG };
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

/** What to do with a header: what else there is, is to send it as a first leg. */
const [LAST_LEG, RECONNECT] = [0x21, 0x3c];

/** The header's value in an answer: its token, its scheme, and what to do with it. */
function headerOf(answer: Uint8Array): string {
  return `${SCHEMES[answer.at(-2)!]} ${new TextView(answer).base64(answer.length - 2)}`;
}
