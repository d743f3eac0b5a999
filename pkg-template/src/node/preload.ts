import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** The part of undici's API that this file uses, in any version built into Node. */
interface Dispatcher {
  dispatch(options: DispatchOptions, handler: unknown): boolean;
}
interface DispatchOptions {
  readonly origin?: string | URL;
  readonly path: string;
  readonly headers?: unknown;
}
type Callback = (error: Error | null, socket?: Socket) => void;
interface ConnectOptions {
  readonly host?: string;
  readonly hostname?: string;
  readonly port?: number | string;
  readonly servername?: string;
  readonly socket?: Socket;
  readonly socketPath?: string;
}

/**
 * Makes `fetch` and all agents of this process use the HTTP proxy in the proxy variables. Node 22.21 and 24.5 do the same, but
 * not for agents that the program creates. `run` loads this file into every Node process through NODE_OPTIONS. It has no
 * imports, does not use NTLM, and runs in Node 14 and later.
 */
export function preload(require: NodeJS.Require): void {
  const installed = Symbol.for('ntlm-wasm.preload');
  const world = globalThis as unknown as Record<PropertyKey, unknown>;
  if (world[installed] === true) return;
  Object.defineProperty(globalThis, installed, { value: true });

  const net = require('net') as typeof import('node:net');
  const tls = require('tls') as typeof import('node:tls');
  const http = require('http') as typeof import('node:http');
  const https = require('https') as typeof import('node:https');
  const env = process.env;
  const variable = (name: string): string => env[name] || env[name.toUpperCase()] || '';

  /** Marks the options of a request that is sent to the proxy in absolute form. */
  const PROXY = Symbol('ntlm-wasm.proxy');

  function isLoopback(host: string): boolean {
    return host === 'localhost' || host.endsWith('.localhost') || /^127\.|^(?:::ffff:127\.|::1$)/.test(host);
  }

  /** Whether NO_PROXY covers a host. Entries are domains, patterns, addresses or ranges, optionally with a port. */
  function isException(host: string, port: number): boolean {
    return variable('no_proxy')
      .toLowerCase()
      .split(/[\s,;]+/)
      .some((written) => {
        const entry = written.replace(/^["']|["']$/g, '').replace(/^[a-z]+:\/\//, '');
        if (entry === '' || entry === '*') return entry === '*';
        const range = /^(.+)\/(\d+)$/.exec(entry);
        if (range !== null) return inRange(host, range[1] as string, Number(range[2]));
        const [, name = '', only] = /^\[?(.*?)\]?(?::(\d+))?\/?$/.exec(entry) as unknown as [string, string?, string?];
        if (net.isIP(entry) === 6) return host === entry;
        if (only !== undefined && Number(only) !== port) return false;
        const plain = name.replace(/^\*?\.+/, '');
        if (!plain.includes('*')) return host === plain || (net.isIP(host) === 0 && host.endsWith(`.${plain}`));
        return new RegExp(`^${plain.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`).test(host);
      });
  }

  function inRange(host: string, network: string, bits: number): boolean {
    const family = net.isIP(host);
    if (family === 0 || net.isIP(network) !== family || net.BlockList === undefined) return false;
    const list = new net.BlockList();
    try {
      list.addSubnet(network, bits, family === 6 ? 'ipv6' : 'ipv4');
      return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
    } catch {
      return false;
    }
  }

  function proxyFor(protocol: 'http:' | 'https:', hostname: string | undefined, port: number): URL | undefined {
    const host = (hostname || 'localhost').toLowerCase().replace(/^\[|\]$/g, '');
    const text = variable(protocol === 'https:' ? 'https_proxy' : 'http_proxy') || variable('all_proxy');
    if (text === '' || isLoopback(host) || isException(host, port)) return undefined;
    try {
      const url = new URL(text);
      return url.protocol === 'http:' ? url : undefined;
    } catch {
      return undefined;
    }
  }

  function authorization(proxy: URL): string | undefined {
    if (proxy.username === '') return undefined;
    const text = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    return `Basic ${Buffer.from(text).toString('base64')}`;
  }

  function connectProxy(proxy: URL): Socket {
    return net.connect({ host: proxy.hostname.replace(/^\[|\]$/g, ''), port: Number(proxy.port || 80) });
  }

  function authority(host: string | undefined, port: number | string): string {
    const name = host || 'localhost';
    return `${net.isIP(name) === 6 ? `[${name}]` : name}:${port}`;
  }

  /** Opens a tunnel through the proxy. */
  function openTunnel(proxy: URL, target: string, callback: Callback): void {
    const socket = connectProxy(proxy);
    let head = Buffer.alloc(0);
    const finish = (error: Error | null): void => {
      socket.removeListener('data', onData).removeListener('error', onEnd).removeListener('close', onEnd);
      if (error === null) return callback(null, socket);
      socket.on('error', () => {}).destroy();
      callback(error);
    };
    const onEnd = (error?: Error | boolean): void =>
      finish(error instanceof Error ? error : new Error('the proxy closed the connection before the tunnel was open'));
    const onData = (data: Buffer): void => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 && head.length < 65536) return;
      const [line = ''] = head.toString('latin1').split('\r\n');
      if (!/^HTTP\/1\.[01] 2/.test(line))
        return finish(new Error(`the proxy refused the tunnel to ${target}: ${line}`));
      socket.pause();
      finish(null);
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
    };
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    const field = authorization(proxy);
    const secret = field === undefined ? '' : `Proxy-Authorization: ${field}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${secret}\r\n`);
  }

  /** Agents whose class supports proxies, or which Node routes to the proxy, are unchanged. */
  const keepsAgents = env['NTLM_AGENTS'] === 'keep';
  function isOurs(agent: Agent & { options?: { proxyEnv?: unknown } }): boolean {
    if (agent.options?.proxyEnv) return false;
    return !keepsAgents || agent === http.globalAgent || agent === (https.globalAgent as unknown);
  }

  /**
   * Node's global agents reject requests that a library sends to the proxy by itself (`request`, Playwright): the Host field
   * names another server. Plain agents, which the functions below route, replace them.
   */
  function replaceGlobalAgent(module: typeof http | typeof https): void {
    const { options } = module.globalAgent as Agent & { options?: { proxyEnv?: unknown } };
    if (!options?.proxyEnv) return;
    const agent = new module.Agent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });
    (module as { globalAgent: Agent }).globalAgent = agent;
  }

  function patchHttp(): void {
    const prototype = http.Agent.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const { addRequest, createConnection, createSocket } = prototype;
    prototype['createConnection'] = function (this: unknown, ...args: unknown[]) {
      const proxy = (args[0] as Record<symbol, URL | undefined> | undefined)?.[PROXY];
      return proxy === undefined ? createConnection!.apply(this, args) : connectProxy(proxy);
    };
    const ours = prototype['createConnection'];
    prototype['addRequest'] = function (this: unknown, request: unknown, given: unknown, ...rest: unknown[]) {
      const agent = this as Agent & Record<string, unknown>;
      const options = given as ConnectOptions & { defaultPort?: number };
      const usual =
        typeof options === 'object' &&
        agent['protocol'] === 'http:' &&
        agent['createConnection'] === ours &&
        agent['createSocket'] === createSocket &&
        !options.socketPath &&
        isOurs(agent);
      const port = Number(options?.port || 80);
      const proxy = usual ? proxyFor('http:', options.host, port) : undefined;
      if (proxy === undefined) return addRequest!.call(this, request, given, ...rest);
      toAbsoluteForm(request as ClientRequest, authority(options.host, port).replace(/:80$/, ''), proxy);
      return addRequest!.call(this, request, { ...options, [PROXY]: proxy }, ...rest);
    };
  }

  function toAbsoluteForm(request: ClientRequest & { _header?: string | null }, target: string, proxy: URL): void {
    const absolute = (path: string): string => (path.startsWith('/') ? `http://${target}${path}` : path);
    const field = authorization(proxy);
    request.path = absolute(request.path);
    if (typeof request._header === 'string') {
      // The head was already written, because its fields were passed as an array.
      const secret = field === undefined ? '' : `Proxy-Authorization: ${field}\r\n`;
      request._header = request._header.replace(
        /^(\S+) (\S+) (HTTP\/1\.1\r\n)/,
        (_line, method: string, path: string, version: string) => `${method} ${absolute(path)} ${version}${secret}`,
      );
    } else if (field !== undefined && !request.hasHeader('proxy-authorization')) {
      request.setHeader('Proxy-Authorization', field);
    }
  }

  function patchHttps(): void {
    const prototype = https.Agent.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    const { createConnection, createSocket } = prototype;
    // Node's agent waits for the callback. Others, such as msw, call createConnection for a socket that exists at once.
    let waits = false;
    prototype['createSocket'] = function (this: unknown, ...args: unknown[]) {
      waits = true;
      try {
        return createSocket!.apply(this, args);
      } finally {
        waits = false;
      }
    };
    prototype['createConnection'] = function (this: unknown, ...args: unknown[]) {
      const [options, callback] = args as [ConnectOptions, Callback | undefined];
      const usual = waits && typeof options === 'object' && typeof callback === 'function' && !options.socket;
      const port = Number(usual ? options.port || 443 : 0);
      const wanted = usual && !options.socketPath && isOurs(this as Agent);
      const proxy = wanted ? proxyFor('https:', options.host, port) : undefined;
      if (proxy === undefined || callback === undefined) return createConnection!.apply(this, args);
      openTunnel(proxy, authority(options.host, port), (error, socket) => {
        if (error !== null) return callback(error);
        try {
          callback(null, createConnection!.call(this, { ...options, socket }) as Socket);
        } catch (failure) {
          callback(failure as Error);
        }
      });
      return undefined;
    };
  }

  /** Adds an agent to WebSocket requests. `ws` and similar packages open the socket without an agent. */
  function patchUpgrades(module: typeof http | typeof https): void {
    const original = module.request as (...args: unknown[]) => ClientRequest;
    const secure = (module as unknown) === https;
    const request = function (this: unknown, ...args: unknown[]): ClientRequest {
      const at = args.findIndex((word) => typeof word === 'object' && word !== null && !(word instanceof URL));
      const options = args[at] as Record<string, unknown> | undefined;
      const fields = options?.['headers'] as Record<string, unknown> | undefined;
      const upgrade = fields?.['Upgrade'] ?? fields?.['upgrade'];
      if (options?.['agent'] === undefined && options?.['createConnection'] !== undefined && upgrade === 'websocket') {
        const host = String(options['hostname'] ?? options['host'] ?? '');
        const port = Number(options['port'] || (secure ? 443 : 80));
        if (!options['socketPath'] && proxyFor(secure ? 'https:' : 'http:', host, port) !== undefined) {
          const servername = options['servername'] ?? (net.isIP(host) === 0 ? host : '');
          args[at] = { ...options, servername, createConnection: undefined, agent: new module.Agent() };
        }
      }
      return original.apply(this, args);
    };
    const get = function (this: unknown, ...args: unknown[]): ClientRequest {
      const sent = request.apply(this, args);
      sent.end();
      return sent;
    };
    Object.assign(module, { request, get });
  }

  /** The global dispatcher symbol of all copies of undici. Loading undici creates the dispatcher. */
  const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
  const PATCHED = Symbol('ntlm-wasm.patched');

  function patchFetch(): void {
    const { fetch } = globalThis;
    if (typeof fetch !== 'function') return;
    Object.defineProperty(globalThis, DISPATCHER, {
      configurable: true,
      get: loadDispatcher,
      set: (value) => void Object.defineProperty(globalThis, DISPATCHER, { value, writable: true }),
    });
    globalThis.fetch = function (this: unknown, ...args: Parameters<typeof fetch>) {
      loadDispatcher();
      return fetch.apply(this as undefined, args);
    };
  }

  function loadDispatcher(): unknown {
    const own = Object.getOwnPropertyDescriptor(globalThis, DISPATCHER);
    if (own?.get !== undefined) delete world[DISPATCHER];
    // Accessing any of undici's classes loads it.
    void globalThis.Headers;
    const dispatcher = world[DISPATCHER] as (Dispatcher & Record<symbol, unknown>) | undefined;
    // There is no dispatcher yet while undici is being loaded.
    if (dispatcher === undefined) queueMicrotask(loadDispatcher);
    else if (dispatcher.constructor.name === 'Agent' && dispatcher[PATCHED] !== true) patchDispatcher(dispatcher);
    return dispatcher;
  }

  function patchDispatcher(direct: Dispatcher & Record<symbol, unknown>): void {
    const dispatch = direct.dispatch;
    const AgentOfUndici = direct.constructor as new (options: unknown) => Dispatcher;
    const tunnels = new AgentOfUndici({
      connect: (options: ConnectOptions, callback: Callback) => {
        const host = options.hostname ?? options.host ?? '';
        const port = Number(options.port || 443);
        const proxy = proxyFor('https:', host, port);
        if (proxy === undefined) return callback(new Error('the proxy variables have changed'));
        openTunnel(proxy, authority(host, port), (error, socket) => {
          if (error !== null) return callback(error);
          const servername = options.servername || (net.isIP(host) === 0 ? host : '');
          const secure = tls.connect({ socket: socket as Socket, servername, ALPNProtocols: ['http/1.1'] });
          secure.once('error', callback).once('secureConnect', () => {
            secure.removeListener('error', callback);
            callback(null, secure);
          });
        });
      },
    });
    direct[PATCHED] = true;
    direct.dispatch = function (options, handler) {
      const origin = options.origin === undefined ? undefined : new URL(String(options.origin));
      const secure = origin?.protocol === 'https:';
      const proxy =
        origin === undefined
          ? undefined
          : proxyFor(secure ? 'https:' : 'http:', origin.hostname, Number(origin.port || (secure ? 443 : 80)));
      if (origin === undefined || proxy === undefined) return dispatch.call(direct, options, handler);
      if (secure) return tunnels.dispatch(options, handler);
      const headers = withFields(options.headers, origin.host, authorization(proxy));
      const path = `${origin.origin}${options.path}`;
      return dispatch.call(direct, { ...options, origin: proxy.origin, path, headers }, handler);
    };
  }

  function withFields(headers: unknown, host: string, field: string | undefined): unknown {
    const more: [string, string][] = field === undefined ? [] : [['proxy-authorization', field]];
    if (Array.isArray(headers)) {
      const named = headers.some((name, index) => index % 2 === 0 && String(name).toLowerCase() === 'host');
      return [...headers, ...(named ? [] : ['host', host]), ...more.flat()];
    }
    return { host, ...(headers as Record<string, string> | undefined), ...Object.fromEntries(more) };
  }

  replaceGlobalAgent(http);
  replaceGlobalAgent(https);
  patchHttp();
  patchHttps();
  if (!keepsAgents) {
    patchUpgrades(http);
    patchUpgrades(https);
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const knowsVariables = major >= 24 || (major === 22 && minor >= 21);
  // A dispatcher that is already set is kept.
  const isSet = Object.prototype.hasOwnProperty.call(globalThis, DISPATCHER);
  if (!isSet && (!knowsVariables || env['NODE_USE_ENV_PROXY'] !== '1')) patchFetch();
  (require('module') as { syncBuiltinESMExports?: () => void }).syncBuiltinESMExports?.();
}
