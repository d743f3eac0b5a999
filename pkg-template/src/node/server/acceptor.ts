import { NtlmError } from '../../errors.js';
import { NtlmServer, type NtlmServerOptions } from '../../server.js';
import { type Fields, fieldValues } from '../http1/fields.js';
import type { Counters, Leg, Scheme, Side } from './options.js';

/** The parts of a request that the handshake needs. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
}

export interface AcceptorContext {
  readonly side: Side;
  readonly connection: number;
  readonly schemes: readonly Scheme[];
  readonly perRequest: boolean;
  readonly persistentAuth: boolean;
  readonly ntlm: NtlmServerOptions;
  readonly counters: Counters;
  readonly log: (line: string) => void;
  readonly onLeg: (leg: Leg) => void;
}

/** `fields` are added to the response in either case: a challenge, the last SPNEGO token, or nothing. */
export type Verdict = { admitted: boolean; fields: Fields };

/**
 * The NTLM authentication of one connection on one side (MS-NTHT, section 3.2): its current state, and the verdict on each
 * request.
 */
export class Acceptor {
  readonly #context: AcceptorContext;
  /** Set after a challenge: the handshake that waits for its AUTHENTICATE message, and its scheme. */
  #pending: { server: NtlmServer; scheme: Scheme } | undefined;
  #username: string | undefined;

  constructor(context: AcceptorContext) {
    this.#context = context;
  }

  get username(): string | undefined {
    return this.#username;
  }

  async judge(head: RequestHead): Promise<Verdict> {
    const header = this.#context.side === 'proxy' ? 'proxy-authorization' : 'authorization';
    const [value, ...more] = fieldValues(head.fields, header);
    if (value === undefined) return this.#withoutToken();
    const match = /^(\S+) +([A-Za-z0-9+/]+={0,2})$/.exec(value);
    const scheme = this.#context.schemes.find((offered) => offered.toLowerCase() === match?.[1]?.toLowerCase());
    if (scheme === undefined || more.length > 0) {
      this.#context.counters.otherSchemes += 1;
      return this.#refuse(`no credentials of an offered scheme in ${header}`);
    }
    const token = match?.[2] ?? '';
    this.#report('received', scheme, token, head);
    return isFirstMessage(token) ? this.#challenge(scheme, token, head) : this.#verify(scheme, token, head);
  }

  #withoutToken(): Verdict {
    if (this.#username === undefined) return this.#refuse();
    const { perRequest, persistentAuth } = this.#context;
    if (perRequest) {
      this.#username = undefined;
      return this.#refuse();
    }
    return { admitted: true, fields: persistentAuth ? [['Persistent-Auth', 'true']] : [] };
  }

  #challenge(scheme: Scheme, token: string, head: RequestHead): Verdict {
    // A new first message starts over, even on an authenticated connection.
    this.#username = undefined;
    const server = new NtlmServer(this.#context.ntlm);
    let challenge: string;
    try {
      challenge = server.challenge(token);
    } catch (error) {
      return this.#refuse(`NEGOTIATE message refused: ${reason(error)}`);
    }
    this.#pending = { server, scheme };
    this.#report('sent', scheme, challenge, head);
    return { admitted: false, fields: [[this.#challengeHeader, `${scheme} ${challenge}`]] };
  }

  async #verify(scheme: Scheme, token: string, head: RequestHead): Promise<Verdict> {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined || pending.scheme !== scheme) {
      this.#context.counters.refused += 1;
      return this.#refuse('AUTHENTICATE message without a challenge on this connection');
    }
    const fields: Fields = [];
    try {
      const { username, token: last } = await pending.server.authenticate(token);
      this.#username = username;
      if (last !== undefined) {
        // SPNEGO has a final token in the accepting response (RFC 4559, section 5).
        fields.push([this.#challengeHeader, `${scheme} ${last}`]);
        this.#report('sent', scheme, last, head);
      }
    } catch (error) {
      this.#context.counters.refused += 1;
      return this.#refuse(`AUTHENTICATE message refused: ${reason(error)}`);
    }
    this.#context.counters.handshakes += 1;
    const { perRequest, persistentAuth } = this.#context;
    if (persistentAuth) fields.push(['Persistent-Auth', String(!perRequest)]);
    return { admitted: true, fields };
  }

  /** Rejects a request. The reason is logged but not sent to the peer. */
  #refuse(why?: string): Verdict {
    this.#pending = undefined;
    this.#username = undefined;
    if (why !== undefined) this.#context.log(`#${this.#context.connection} ${this.#context.side}: ${why}`);
    return { admitted: false, fields: this.#context.schemes.map((scheme) => [this.#challengeHeader, scheme]) };
  }

  get #challengeHeader(): string {
    return this.#context.side === 'proxy' ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  }

  #report(direction: Leg['direction'], scheme: Scheme, token: string, head: RequestHead): void {
    const { connection, side, onLeg } = this.#context;
    onLeg({ connection, side, direction, scheme, token, method: head.method, target: head.target });
  }
}

/**
 * NEGOTIATE has message type 1 after the 8-byte signature (MS-NLMP, section 2.2.1.1). In SPNEGO only the first token has the
 * frame of an InitialContextToken (RFC 4178, section 4.2).
 */
function isFirstMessage(token: string): boolean {
  const bytes = Buffer.from(token, 'base64');
  return bytes.toString('latin1', 0, 8) === 'NTLMSSP\0' ? bytes[8] === 1 : bytes[0] === 0x60;
}

function reason(error: unknown): string {
  return error instanceof NtlmError ? `${error.code}: ${error.message}` : String(error);
}
