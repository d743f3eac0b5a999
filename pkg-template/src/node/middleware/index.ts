import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NtlmError } from '../../errors.js';
import { NtlmServer, type NtlmServerOptions } from '../../server.js';
import { SystemVerifier } from './system-verifier.js';
import { type NtlmUser, userOf, type Verifier } from './user.js';
import { checkNames, namesOf } from '../options.js';

export type { NtlmUser } from './user.js';

type Next = (error?: unknown) => void;
type Handler = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/** The options of {@link ntlmAuth}, in addition to those of `NtlmServer`. */
export interface NtlmAuthOptions extends Omit<NtlmServerOptions, 'account'> {
  /** Looks up an account; returns undefined if it does not exist. */
  readonly account?: NtlmServerOptions['account'] | undefined;
  /** 'system', instead of `account`: the operating system verifies, with winbind's `ntlm_auth` on Linux. */
  readonly verify?: 'system' | undefined;
  /** With `verify`: the command and arguments of `ntlm_auth`. Default `['ntlm_auth']`. */
  readonly helper?: readonly string[] | undefined;
  /** The offered schemes, in this order. Default: NTLM. */
  readonly schemes?: readonly ('Negotiate' | 'NTLM')[] | undefined;
  /** Accept requests of a reverse proxy that uses one connection per client. Otherwise they are rejected. Default false. */
  readonly trustProxy?: boolean | undefined;
  /** Whether a request needs no authentication. Default: none. */
  readonly skip?: ((req: IncomingMessage) => boolean) | undefined;
  /** Whether an authenticated user has access. Default: every authenticated user. */
  readonly authorize?: ((user: NtlmUser, req: IncomingMessage) => boolean | Promise<boolean>) | undefined;
  /** Answers a request without credentials. Status 401 and its header are already set. Default: an empty response. */
  readonly unauthorized?: Handler | undefined;
  /** Answers rejected credentials, and users that `authorize` rejects. Default: 401 and 403. */
  readonly forbidden?: Handler | undefined;
  /** Called for each failed handshake, for logging. The error is not sent to the client. */
  readonly onFailure?: ((error: NtlmError, req: IncomingMessage) => void) | undefined;
}

const OPTIONS = namesOf<NtlmAuthOptions>({
  netbiosDomain: true,
  netbiosComputer: true,
  dnsDomain: true,
  dnsComputer: true,
  dnsTree: true,
  channelBindings: true,
  channelBindingPolicy: true,
  requireMic: true,
  minimumNtlmVersion: true,
  challengeLifetimeSeconds: true,
  allowAnonymous: true,
  targetNames: true,
  timestamp: true,
  version: true,
  oemEncoding: true,
  random: true,
  now: true,
  account: true,
  verify: true,
  helper: true,
  schemes: true,
  trustProxy: true,
  skip: true,
  authorize: true,
  unauthorized: true,
  forbidden: true,
  onFailure: true,
});

interface State {
  queue: Promise<void>;
  waiting: number;
  user: NtlmUser | undefined;
  pending: { verifier: Verifier; scheme: string } | undefined;
}

type Outcome =
  | { kind: 'pass'; user: NtlmUser; token?: string }
  | { kind: 'challenge'; values: string[]; rejected: boolean }
  | { kind: 'forbidden' };

const TOKEN = /^(NTLM|Negotiate) +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Creates NTLM authentication middleware for express, connect, fastify and any `node:http` server. It passes on requests of
 * authenticated connections and sets `req.ntlm` to the user.
 *
 * NTLM authenticates connections, so each client needs a separate connection to this server. A reverse proxy that shares
 * connections would mix up users. Requests of proxies are therefore rejected unless `trustProxy` is set.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` for invalid options.
 *
 * @example
 * ```js
 * import express from 'express';
 * import { ntlmAuth } from 'ntlm-wasm/node';
 *
 * const app = express();
 * app.use(ntlmAuth({ account: ({ username }) => (username === 'alice' ? { password: 'secret' } : undefined) }));
 * app.get('/', (req, res) => res.send(`Hello ${req.ntlm.UserName}`));
 * ```
 */
export function ntlmAuth(options: NtlmAuthOptions): (req: IncomingMessage, res: ServerResponse, next: Next) => void {
  checkNames(options, 'ntlmAuth', OPTIONS);
  const makeVerifier = verifierFactory(options);
  const schemes = options.schemes ?? ['NTLM'];
  const states = new WeakMap<Socket, State>();
  const report = (error: unknown, req: IncomingMessage): void => options.onFailure?.(error as NtlmError, req);

  const stateOf = (socket: Socket): State => {
    let state = states.get(socket);
    if (state === undefined) {
      const fresh: State = { queue: Promise.resolve(), waiting: 0, user: undefined, pending: undefined };
      state = fresh;
      states.set(socket, fresh);
      socket.once('close', () => fresh.pending?.verifier.close?.());
    }
    return state;
  };

  const decide = async (req: IncomingMessage, state: State): Promise<Outcome> => {
    const header = req.headers.authorization;
    if (header === undefined && state.user !== undefined) return authorized(state.user, req);
    state.user = undefined;
    const { pending } = state;
    state.pending = undefined;
    const [, name = '', token = ''] = TOKEN.exec(header ?? '') ?? [];
    const scheme = schemes.find((offered) => offered.toLowerCase() === name.toLowerCase());
    if (scheme === undefined) {
      pending?.verifier.close?.();
      return { kind: 'challenge', values: [...schemes], rejected: false };
    }
    if (isFirstMessage(token)) {
      pending?.verifier.close?.();
      const verifier = makeVerifier(scheme);
      try {
        const challenge = await verifier.challenge(token);
        state.pending = { verifier, scheme };
        return { kind: 'challenge', values: [`${scheme} ${challenge}`], rejected: false };
      } catch (error) {
        verifier.close?.();
        report(error, req);
        return { kind: 'challenge', values: [...schemes], rejected: false };
      }
    }
    if (pending === undefined || pending.scheme !== scheme) {
      pending?.verifier.close?.();
      report(noChallenge(), req);
      return { kind: 'challenge', values: [...schemes], rejected: false };
    }
    try {
      const { user, token: last } = await pending.verifier.authenticate(token);
      state.user = user;
      const outcome = await authorized(user, req);
      return outcome.kind === 'pass' && last !== undefined ? { ...outcome, token: `${scheme} ${last}` } : outcome;
    } catch (error) {
      state.user = undefined;
      report(error, req);
      return { kind: 'challenge', values: [...schemes], rejected: true };
    }
  };

  const authorized = async (user: NtlmUser, req: IncomingMessage): Promise<Outcome> => {
    const allowed = options.authorize === undefined || (await options.authorize(user, req));
    return allowed ? { kind: 'pass', user } : { kind: 'forbidden' };
  };

  const carryOut = (outcome: Outcome, req: IncomingMessage, res: ServerResponse, next: Next): void => {
    if (outcome.kind === 'pass') {
      if (outcome.token !== undefined) res.setHeader('WWW-Authenticate', outcome.token);
      pass(req, res, outcome.user, next);
      return;
    }
    if (res.headersSent || res.destroyed) return;
    if (outcome.kind === 'forbidden') {
      if (options.forbidden !== undefined) options.forbidden(req, res, next);
      else finish(req, res, 403);
      return;
    }
    res.statusCode = 401;
    res.setHeader('WWW-Authenticate', outcome.values);
    const custom = outcome.rejected ? options.forbidden : isHandshake(outcome) ? undefined : options.unauthorized;
    if (custom !== undefined) custom(req, res, next);
    else finish(req, res, 401);
  };

  return (req, res, next) => {
    if (options.skip?.(req) === true) return next();
    const refusal =
      req.httpVersionMajor >= 2 ? http2() : sharesConnections(req) && !options.trustProxy ? shared() : undefined;
    if (refusal !== undefined) return next(refusal);
    const state = stateOf(req.socket);
    // Requests on authenticated connections are passed on synchronously.
    const { user } = state;
    if (state.waiting === 0 && user !== undefined && options.authorize === undefined && !req.headers.authorization) {
      pass(req, res, user, next);
      return;
    }
    // Process one at a time, because Node emits pipelined requests before the first one is answered.
    state.waiting += 1;
    const step = state.queue.then(() => decide(req, state));
    const over = (): void => void (state.waiting -= 1);
    state.queue = step.then(over, over);
    // Exceptions of the next handler are not handshake errors.
    void step.then((outcome) => carryOut(outcome, req, res, next), next);
  };
}

function verifierFactory(options: NtlmAuthOptions): (scheme: string) => Verifier {
  const { account, verify, helper } = options;
  if (verify === 'system') {
    const system = new SystemVerifier(helper);
    return (scheme) => system.handshake(scheme);
  }
  if (verify !== undefined || typeof account !== 'function') {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'ntlmAuth needs the function account, or verify: "system"', {
      advice: 'pass { account: ({ username }) => ({ password }) }, where undefined means that there is no such account',
    });
  }
  return () => new OwnVerifier({ ...options, account });
}

/** Verifies with NtlmServer and the `account` function. */
class OwnVerifier implements Verifier {
  readonly #server: NtlmServer;

  constructor(options: NtlmServerOptions) {
    this.#server = new NtlmServer(options);
  }

  challenge(token: string): string {
    return this.#server.challenge(token);
  }

  async authenticate(token: string): Promise<{ user: NtlmUser; token: string | undefined }> {
    const { username, domain, workstation, token: last } = await this.#server.authenticate(token);
    return { user: userOf(username, domain, workstation), token: last };
  }
}

function pass(req: IncomingMessage, res: ServerResponse, user: NtlmUser, next: Next): void {
  Object.defineProperty(req, 'ntlm', { value: user, enumerable: true, configurable: true });
  const { locals } = res as { locals?: Record<string, unknown> };
  if (typeof locals === 'object' && locals !== null) locals['ntlm'] = user;
  next();
}

function isHandshake({ values }: { values: string[] }): boolean {
  return values.length === 1 && values[0]?.includes(' ') === true;
}

function finish(req: IncomingMessage, res: ServerResponse, status: number): void {
  res.statusCode = status;
  res.setHeader('Content-Length', '0');
  res.end();
  // Discard the body of a rejected request, so that the next request can be read.
  req.resume();
}

/** NEGOTIATE has message type 1 (MS-NLMP 2.2.1.1). The first SPNEGO token is an InitialContextToken (RFC 4178 4.2). */
function isFirstMessage(token: string): boolean {
  const bytes = Buffer.from(token, 'base64');
  return bytes.toString('latin1', 0, 8) === 'NTLMSSP\0' ? bytes[8] === 1 : bytes[0] === 0x60;
}

/** Detects proxies by the fields that they add. A proxy may send requests of several users on one connection. */
function sharesConnections({ headers }: IncomingMessage): boolean {
  return ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'].some((name) => headers[name] !== undefined);
}

function noChallenge(): NtlmError {
  return new NtlmError('ERR_NTLM_NO_CHALLENGE', 'message 3 arrived on a connection that was sent no challenge', {
    advice:
      'something between the client and this server, such as a reverse proxy, does not keep their connection together',
  });
}

function shared(): NtlmError {
  const error = new NtlmError(
    'ERR_NTLM_SHARED_CONNECTION',
    'the request came through a proxy, which may put requests of several users on one connection',
    {
      advice: 'let clients connect directly, or set trustProxy if the proxy uses one connection per client',
    },
  );
  return Object.assign(error, { status: 500, statusCode: 500 });
}

function http2(): NtlmError {
  const error = new NtlmError('ERR_NTLM_HTTP2_ONLY', 'NTLM authenticates a connection, which HTTP/2 does not allow', {
    advice: 'serve HTTP/1.1 here',
  });
  return Object.assign(error, { status: 505, statusCode: 505 });
}
