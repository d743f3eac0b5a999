import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { NtlmError } from '../../errors.js';
import { RequestDispatcher } from '../dispatcher/request-dispatcher.js';
import { isLoopback, listen, type Listener } from '../http1/listener.js';
import { type Exchange, sendText, type Service } from '../http1/serving.js';
import { ownUpstream } from '../network-errors.js';
import { forCallers } from '../connector.js';
import { checkOptions, CONNECTION_OPTIONS, type ConnectionOptions, namesOf } from '../options.js';
import type { Route } from '../routes/route.js';
import { hostPort, withoutUserinfo } from '../url.js';
import { type AccessList, parseAccess } from './access.js';
import { Caller, CALLER_NAME, CallerSecret } from './callers.js';
import { failureOf, type FixedFields, fixedFields, forwardRequest, forwardTunnel, tunnelTarget } from './forward.js';
import { serveForward, serveSocks, socksUrl } from './socks.js';
import { type ProxyStatus, StatusCounter, statusPage } from './status.js';
import { listenTcp, type TcpListener } from './tcp-listener.js';

export type { ProxyStatus } from './status.js';

/** The options of {@link startProxy}: those of every adapter for the upstream side, and these for its callers. */
export interface ProxyOptions extends ConnectionOptions {
  /** The address to listen on. Default 127.0.0.1. Addresses other than loopback require `allow`. */
  readonly host?: string | undefined;
  /** The port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
  /** The secret that callers must send as Basic credentials. Default: random. false: any program on this machine may connect. */
  readonly secret?: string | false | undefined;
  /**
   * Also accept programs of the same user without the secret, over loopback. The kernel reports the owner of a socket. Linux only;
   * on other systems the secret is required. Default false.
   */
  readonly sameUser?: boolean | undefined;
  /** The maximum number of simultaneous callers; others wait. Default: derived from the limit of open files. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds without traffic after which a connection is closed. Default 600,000. */
  readonly idleTimeout?: number | undefined;
  /** Remote addresses that may connect: "172.17.0.0/16", "10.1.0.1-10.1.0.9". Others are disconnected without a response. */
  readonly allow?: readonly string[] | undefined;
  /** Also serve SOCKS5 at this port. */
  readonly socks?: { readonly host?: string | undefined; readonly port: number } | undefined;
  /** Ports that are forwarded to one `host:port` each. They require no secret. */
  readonly forwards?: readonly ForwardedPort[] | undefined;
  /** Header fields that replace the caller's in every plain HTTP request. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** The User-Agent of every plain HTTP request. */
  readonly userAgent?: string | undefined;
  /** Called after each request. The argument contains no secret. */
  readonly onRequest?: ((request: RelayedRequest) => void) | undefined;
}

/** A local port that is forwarded to one target. */
export interface ForwardedPort {
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly port: number;
  /** The target, `host:port`. */
  readonly target: string;
}

/** The options that `reload()` can change. */
export type ReloadedOptions = Omit<
  ProxyOptions,
  'host' | 'port' | 'secret' | 'sameUser' | 'maxConnections' | 'idleTimeout' | 'socks' | 'forwards' | 'onRequest'
>;

/** A completed request, passed to {@link ProxyOptions.onRequest}. */
export interface RelayedRequest {
  readonly method: string;
  /** The target, without user name, password and query. */
  readonly target: string;
  /** The status sent to the caller; 200 for a tunnel. */
  readonly status: number;
  /** The error that caused the response, if any. */
  readonly error: { readonly code: string; readonly message: string; readonly advice: string } | undefined;
  readonly milliseconds: number;
}

/** A running local proxy. */
export interface RunningProxy {
  /** The proxy URL including the secret, for HTTP_PROXY and similar settings. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string | undefined;
  /** The URL of the SOCKS5 proxy including the secret. */
  readonly socksUrl: string | undefined;
  /** The forwarded ports, in the order of the option. */
  readonly forwardedPorts: readonly number[];
  /** Returns the statistics since the start. */
  status(): ProxyStatus;
  /** Applies other options from the next request on. Pending requests are not affected. */
  reload(options: ReloadedOptions): void;
  /** Stops accepting connections, waits up to `grace` milliseconds (default 5000) for pending requests, and closes everything. */
  close(options?: { grace?: number }): Promise<void>;
}

const PROXY_OPTIONS = [
  ...CONNECTION_OPTIONS,
  ...namesOf<Omit<ProxyOptions, keyof ConnectionOptions>>({
    host: true,
    port: true,
    secret: true,
    maxConnections: true,
    idleTimeout: true,
    onRequest: true,
    sameUser: true,
    allow: true,
    socks: true,
    forwards: true,
    headers: true,
    userAgent: true,
  }),
];

const IDLE_TIMEOUT = 600_000;
const MAX_HEADER_SIZE = 65_536;

/**
 * Starts a local forward proxy that authenticates to the upstream proxy, for programs that do not support NTLM.
 *
 * Callers send plain requests or CONNECT. The authenticated upstream connections are shared by all callers.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION`, `ERR_NTLM_LISTEN` or `ERR_NTLM_NOT_LOOPBACK`.
 * @example
 * const proxy = await startProxy({ proxy: 'http://proxy.corp.example:8080' });
 * process.env.HTTPS_PROXY = proxy.url;
 * await proxy.close();
 */
export async function startProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  checkOptions(options, 'startProxy', PROXY_OPTIONS);
  const secret = options.secret === false ? undefined : new CallerSecret(options.secret);
  const service = new ProxyService(options, secret);
  const { host = '127.0.0.1', port = 0, idleTimeout = IDLE_TIMEOUT } = options;
  const maxConnections = options.maxConnections ?? callersByFileLimit();
  const onWait = (): void => warnOfWaiting(maxConnections);
  const admits = options.allow === undefined ? undefined : (socket: Socket) => service.admits(socket);
  const listeners: TcpListener[] = [];
  const listener = await listen({ host, port, idleTimeout, maxConnections, onWait, admits }, service);
  const stop = async (grace: number): Promise<void> => {
    await Promise.all([listener.close(grace), ...listeners.map((one) => one.close())]);
    await service.destroy();
  };
  try {
    await service.checkUpstream(listener);
    if (options.socks !== undefined) {
      const { host: bind = '127.0.0.1', port: socksPort } = options.socks;
      const serve = (socket: Socket): void => service.serveSocks(socket);
      listeners.push(await listenTcp({ host: bind, port: socksPort, idleTimeout, admits }, serve));
    }
    for (const { host: bind = '127.0.0.1', port: from, target } of options.forwards ?? []) {
      tunnelTarget(target);
      const serve = (socket: Socket): void => service.serveForward(socket, target);
      listeners.push(await listenTcp({ host: bind, port: from, idleTimeout, admits }, serve));
    }
  } catch (error) {
    await stop(0);
    throw error;
  }
  service.countCallers(() => [listener, ...listeners].reduce((sum, one) => sum + one.openConnections, 0));
  const userinfo = secret === undefined ? '' : `${CALLER_NAME}:${secret.value}@`;
  const socks = options.socks === undefined ? undefined : listeners[0];
  return masked({
    url: `http://${userinfo}${hostPort(listener.address, listener.port)}`,
    host: listener.address,
    port: listener.port,
    secret: secret?.value,
    socksUrl: socks === undefined ? undefined : socksUrl(socks.address, secret),
    forwardedPorts: listeners.slice(socks === undefined ? 0 : 1).map((one) => one.port),
    status: () => service.status,
    reload: (changed) => service.reload(changed),
    close: ({ grace = 5000 } = {}) => stop(grace),
  });
}

/** Hides the secret when the proxy is printed, or written as JSON. Its properties have it. */
function masked(proxy: RunningProxy): RunningProxy {
  const { secret } = proxy;
  if (secret === undefined) return proxy;
  const shown = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll(secret, '***') : value);
  const copy = (): object => Object.fromEntries(Object.entries(proxy).map(([name, value]) => [name, shown(value)]));
  for (const name of [inspect.custom, 'toJSON']) Object.defineProperty(proxy, name, { value: copy });
  return proxy;
}

class ProxyService implements Service<Caller> {
  #options: ProxyOptions;
  #dispatcher: RequestDispatcher;
  #access: AccessList;
  #fields: FixedFields | undefined;
  #listener: Listener | undefined;
  readonly #secret: CallerSecret | undefined;
  readonly #counter = new StatusCounter();

  constructor(options: ProxyOptions, secret: CallerSecret | undefined) {
    this.#secret = secret;
    this.#options = options;
    this.#access = parseAccess(options.allow ?? []);
    this.#fields = fixedFields(options.headers ?? [], options.userAgent);
    this.#dispatcher = this.#createDispatcher(options);
  }

  #createDispatcher(options: ProxyOptions): RequestDispatcher {
    const { host: _host, port: _port, secret: _secret, maxConnections: _max, idleTimeout: _idle, ...rest } = options;
    const { onRequest: _on, sameUser: _sameUser, allow: _allow, socks: _socks, forwards: _forwards, ...more } = rest;
    const { headers: _headers, userAgent: _agent, ...connection } = more;
    // The caller and `idleTimeout` limit the duration of a response.
    const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: MAX_HEADER_SIZE };
    const credentials = this.#counter.watchIdentity(options.credentials);
    const settings = { ...connection, credentials, ...limits };
    return new RequestDispatcher(forCallers(settings, (route) => this.#checkRoute(route)));
  }

  /** Invalid options throw before anything is changed. */
  reload(changed: ReloadedOptions): void {
    const { host, port, secret, maxConnections, idleTimeout, socks, forwards, onRequest, sameUser } = this.#options;
    const options = {
      ...changed,
      host,
      port,
      secret,
      maxConnections,
      idleTimeout,
      socks,
      forwards,
      onRequest,
      sameUser,
    };
    checkOptions(options, 'reload', PROXY_OPTIONS);
    const access = parseAccess(options.allow ?? []);
    const fields = fixedFields(options.headers ?? [], options.userAgent);
    const dispatcher = this.#createDispatcher(options);
    const old = this.#dispatcher;
    [this.#options, this.#access, this.#fields, this.#dispatcher] = [options, access, fields, dispatcher];
    // close() waits for pending requests.
    void old.close();
  }

  admits(socket: Socket): boolean {
    return this.#access.allows(socket.remoteAddress);
  }

  countCallers(callers: () => number): void {
    this.#counter.callers = callers;
  }

  get status(): ProxyStatus {
    return this.#counter.status;
  }

  serveSocks(socket: Socket): void {
    const started = performance.now();
    void serveSocks(socket, {
      secret: this.#secret,
      open: (target, signal) => this.#dispatcher.openTunnel(tunnelTarget(target), signal),
      onRequest: (target, error) => this.#reportTunnel('socks', target, error, started),
    });
  }

  serveForward(socket: Socket, target: string): void {
    const started = performance.now();
    void serveForward(socket, {
      open: (signal) => this.#dispatcher.openTunnel(tunnelTarget(target), signal),
      onRequest: (error) => this.#reportTunnel('forward', target, error, started),
    });
  }

  #reportTunnel(kind: 'socks' | 'forward', target: string, failure: unknown, started: number): void {
    const error = failure === undefined ? undefined : failureOf(hostOf(target), failure as Error);
    this.#counter.count(kind, error);
    const milliseconds = performance.now() - started;
    const status = error === undefined ? 200 : statusOf(error);
    this.#options.onRequest?.({ method: kind.toUpperCase(), target, status, error, milliseconds });
  }

  /** Rejects settings that name this proxy as its upstream, because requests would loop until no socket is left. */
  async checkUpstream(listener: Listener): Promise<void> {
    this.#listener = listener;
    // Functions and PAC files are not called without a request. Their routes are checked at each connection.
    if (typeof this.#options.proxy === 'function') return;
    for (const origin of ['http://ntlm-wasm.invalid', 'https://ntlm-wasm.invalid']) {
      const routes = this.#dispatcher.routesTo(new URL(origin));
      if (routes instanceof Promise) return void routes.catch(() => {});
      for (const route of routes) this.#checkRoute(route);
    }
  }

  #checkRoute(route: Route): void {
    const listener = this.#listener;
    if (listener === undefined || route.kind !== 'proxy' || route.port !== listener.port) return;
    if (!isLoopback(route.host) && route.host !== listener.address) return;
    throw ownUpstream(`http://${hostPort(listener.address, listener.port)}`);
  }

  destroy(): Promise<void> {
    this.#counter.close();
    return this.#dispatcher.destroy(new Error('the proxy is closed'));
  }

  connect(socket: Socket): Caller {
    const caller = new Caller(this.#secret, this.#options.sameUser === true ? socket : undefined);
    socket.once('close', () => {
      if (caller.ownAffinity !== undefined) this.#dispatcher.leave(caller.ownAffinity);
    });
    return caller;
  }

  /** Answers the status pages. The secret is accepted in `Authorization` and `Proxy-Authorization`. */
  #answerOwnPage({ req, res, method, target }: Exchange, caller: Caller): boolean {
    const page = method === 'GET' || method === 'HEAD' ? statusPage(target, () => this.status) : undefined;
    if (page === undefined) return false;
    const { authorization, host } = req.headers;
    // Without a secret, a website could read the page by DNS rebinding, so the host must be loopback.
    const isMeant = this.#secret !== undefined || isLoopback((host ?? '').replace(/:\d+$/, ''));
    if (!isMeant || !(caller.isAuthorized(req) || this.#secret?.admits(authorization) === true)) {
      sendText(res, 401, ['WWW-Authenticate', 'Basic realm="ntlm-wasm local proxy"'], 'the secret is required\n');
      return true;
    }
    res.writeHead(200, { 'Content-Type': page.type, 'Content-Length': Buffer.byteLength(page.text) });
    res.end(page.text);
    return true;
  }

  answer(exchange: Exchange, caller: Caller): void {
    const started = performance.now();
    const { req, res, method, target } = exchange;
    const report = (status: number, error?: NtlmError): void => {
      const milliseconds = performance.now() - started;
      if (status !== 407 && !target.startsWith('/'))
        this.#counter.count(method === 'CONNECT' ? 'tunnel' : 'http', error);
      this.#options.onRequest?.({ method, target: withoutSecrets(target), status, error, milliseconds });
    };
    const outcome = (result: number | NtlmError): void => {
      if (typeof result === 'number') report(result);
      else report(answerError(exchange, result), result);
    };
    if (target.startsWith('/') || target === '*') {
      if (this.#answerOwnPage(exchange, caller)) return;
      sendText(res, 400, [], 'this is a proxy: it takes requests for other servers\n');
      report(400);
      return;
    }
    const admit = (admitted: boolean): void => {
      if (admitted) return this.#forward(exchange, caller, report, outcome);
      const challenge = ['Proxy-Authenticate', 'Basic realm="ntlm-wasm local proxy"'];
      sendText(res, 407, challenge, 'this proxy requires its own secret, see its URL\n');
      report(407);
    };
    const admitted = caller.isAuthorized(req) || caller.isSameUser();
    if (admitted instanceof Promise) void admitted.then((value) => !res.closed && admit(value));
    else admit(admitted);
  }

  #forward(
    exchange: Exchange,
    caller: Caller,
    report: (status: number) => void,
    outcome: (result: number | NtlmError) => void,
  ): void {
    const { req, res, method, target } = exchange;
    try {
      if (method !== 'CONNECT') {
        forwardRequest(exchange, this.#dispatcher, caller.affinity(req), this.#fields, outcome);
        return;
      }
      forwardTunnel(exchange, this.#dispatcher).then(
        () => report(200),
        (error: Error) => {
          if (!res.closed) outcome(failureOf(hostOf(target), error));
        },
      );
    } catch (error) {
      outcome(failureOf(hostOf(target), error as Error));
    }
  }
}

/** Sends an error response. Programs show the status, the reason phrase or the body, so reason and body contain the code. */
function answerError({ res }: Exchange, error: NtlmError): number {
  const text = `${error.message} (${error.code}): ${error.advice}\n`;
  const status = statusOf(error);
  sendText(res, status, [], text, error.code);
  return status;
}

function statusOf(error: NtlmError): number {
  if (error.code === 'ERR_NTLM_BAD_TARGET') return 400;
  if (error.code.includes('TIMEOUT')) return 504;
  // The upstream proxy's status for a tunnel, unless it would request authentication from the caller.
  const { status = 0 } = error as { status?: number };
  return status >= 400 && status !== 401 && status !== 407 ? status : 502;
}

function hostOf(target: string): string {
  return URL.canParse(target) ? new URL(target).host || target : target;
}

/** Removes the query and the userinfo, which may contain secrets, for logs. */
function withoutSecrets(target: string): string {
  return withoutUserinfo(target).replace(/\?.*$/, '?…');
}

const FALLBACK_FILE_LIMIT = 4096;
/** The number of open files that are reserved for other purposes than callers. */
const SPARE_FILES = 128;
const MAX_CALLERS = 65_536;

/** Returns the maximum number of callers: each needs two sockets, and the same number is left for waiting callers. */
function callersByFileLimit(): number {
  return Math.max(16, Math.min(MAX_CALLERS, Math.floor((fileLimit() - SPARE_FILES) / 4)));
}

/** Returns the limit of open files. Node raises it to the hard limit, which is high except on Linux. */
function fileLimit(): number {
  if (process.platform !== 'linux') return FALLBACK_FILE_LIMIT;
  try {
    const [, limit] = /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return limit === 'unlimited' ? Infinity : Number(limit) || FALLBACK_FILE_LIMIT;
  } catch {
    return FALLBACK_FILE_LIMIT;
  }
}

let hasWarned = false;

function warnOfWaiting(maxConnections: number): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `the local proxy serves ${maxConnections} connections at a time; further callers wait (maxConnections, or the limit of open files)`,
    { type: 'NtlmWarning', code: 'NTLM_CALLERS_WAIT' },
  );
}
