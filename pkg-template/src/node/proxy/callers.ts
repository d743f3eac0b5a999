import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { rawFieldValues } from '../http1/fields.js';
import { isSameUser } from './same-user.js';

let last = 0;

/**
 * One connection of a caller. The caller may authenticate to an origin itself, which authenticates an upstream connection
 * (RFC 4559, section 6). All messages of the caller must then use that connection, and no other caller may use it.
 */
export class Caller {
  readonly #name = `caller ${(last += 1)}`;
  readonly #secret: CallerSecret | undefined;
  /** The last accepted header value, which is accepted again without a digest. */
  #shown: string | undefined;
  #authenticates = false;
  readonly #socket: Socket | undefined;
  #isSameUser: boolean | Promise<boolean> | undefined;

  /** @param socket the caller's socket, if programs of this user need no secret. */
  constructor(secret: CallerSecret | undefined, socket?: Socket) {
    this.#secret = secret;
    this.#socket = socket;
  }

  /** Whether the caller is a program of this user, which needs no secret. It is looked up once per connection, on demand. */
  isSameUser(): boolean | Promise<boolean> {
    if (this.#socket === undefined) return false;
    return (this.#isSameUser ??= isSameUser(this.#socket));
  }

  /** Whether the request contains the secret, or no secret is required. */
  isAuthorized({ headers }: IncomingMessage): boolean {
    if (this.#secret === undefined) return true;
    const shown = headers['proxy-authorization'];
    if (shown !== undefined && shown === this.#shown) return true;
    if (!this.#secret.admits(shown)) return false;
    this.#shown = shown;
    return true;
  }

  /** Returns the affinity of the upstream connections; undefined for shared ones, until the caller authenticates itself. */
  affinity({ headers, rawHeaders }: IncomingMessage): string | undefined {
    if (headers.authorization !== undefined && !this.#authenticates) {
      const values = rawFieldValues(rawHeaders, 'authorization');
      this.#authenticates = values.some((value) => /^(?:ntlm|negotiate)\b/i.test(value));
    }
    return this.#authenticates ? this.#name : undefined;
  }

  /** The affinity of the caller's upstream connections, if it has any. */
  get ownAffinity(): string | undefined {
    return this.#authenticates ? this.#name : undefined;
  }
}

/** The user name for the secret. It has no meaning. */
export const CALLER_NAME = 'ntlm-wasm';

/**
 * The secret that callers must send, because every program on this machine can connect to a loopback port, and the proxy uses the
 * user's credentials.
 */
export class CallerSecret {
  readonly value: string;
  readonly #digest: Buffer;

  constructor(value: string = randomBytes(24).toString('base64url')) {
    // An unset variable would otherwise admit any program that knows the user name.
    if (value === '') {
      throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'the secret of the local proxy is empty', {
        advice: 'leave the option secret out for a random one, or pass false to admit every program on this machine',
      });
    }
    this.value = value;
    this.#digest = digestOf(`${CALLER_NAME}:${value}`);
  }

  /** Whether a `Proxy-Authorization` value contains the secret (RFC 7617). */
  admits(header: string | undefined): boolean {
    const token = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
    if (token === undefined) return false;
    // Digests have equal lengths and are compared in constant time.
    return timingSafeEqual(digestOf(Buffer.from(token, 'base64')), this.#digest);
  }
}

function digestOf(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
