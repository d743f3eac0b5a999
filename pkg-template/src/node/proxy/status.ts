import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { version } from '../../version.js';
import { type CredentialsOption, environmentCredentials } from '../credentials/index.js';
import type { DiagnosticEvents } from '../diagnostics.js';

/** The statistics on the status page. They contain no secret. */
export interface ProxyStatus {
  readonly version: string;
  /** The last five proxies that connections were opened to, or "direct". */
  readonly upstream: readonly string[];
  /** The user whose credentials are used, if already known. */
  readonly identity: string | undefined;
  readonly requests: number;
  /** The number of requests that ended with an error of this proxy. */
  readonly failed: number;
  /** The number of requests by kind: http: URLs, tunnels, SOCKS and forwarded ports. */
  readonly byKind: Readonly<Record<RequestKind, number>>;
  /** The number of connected callers. */
  readonly callers: number;
  /** The number of upstream connections authenticated since the start. */
  readonly connections: number;
  readonly uptimeSeconds: number;
  readonly lastErrors: readonly { readonly time: string; readonly code: string; readonly message: string }[];
}

export type RequestKind = 'http' | 'tunnel' | 'socks' | 'forward';

const MAX_ERRORS = 5;
const MAX_UPSTREAM = 5;

/** Collects the statistics of a local proxy. */
export class StatusCounter {
  readonly #startedAt = Date.now();
  readonly #byKind: Record<RequestKind, number> = { http: 0, tunnel: 0, socks: 0, forward: 0 };
  readonly #errors: { time: string; code: string; message: string }[] = [];
  readonly #upstream = new Set<string>();
  #failed = 0;
  #authenticated = 0;
  #identity: string | undefined;
  /** Called when the status is requested. */
  callers: () => number = () => 0;

  constructor() {
    subscribe('ntlm-wasm:connect', this.#onConnect);
    subscribe('ntlm-wasm:authenticated', this.#onAuthenticated);
  }

  count(kind: RequestKind, error: { code: string; message: string } | undefined): void {
    this.#byKind[kind] += 1;
    if (error === undefined) return;
    this.#failed += 1;
    this.#errors.push({ time: new Date().toISOString(), code: error.code, message: error.message });
    if (this.#errors.length > MAX_ERRORS) this.#errors.shift();
  }

  /** Reports the user of these credentials in the status. Returns the option to use instead of the given one. */
  watchIdentity(option: CredentialsOption | undefined): CredentialsOption | undefined {
    this.#identity = identityName(option ?? environmentCredentials(process.env));
    if (typeof option !== 'function') return option;
    return async (question) => {
      const found = await option(question);
      this.#identity = identityName(found) ?? this.#identity;
      return found;
    };
  }

  get status(): ProxyStatus {
    return {
      version: version(),
      upstream: [...this.#upstream],
      identity: this.#identity,
      requests: Object.values(this.#byKind).reduce((sum, count) => sum + count, 0),
      failed: this.#failed,
      byKind: { ...this.#byKind },
      callers: this.callers(),
      connections: this.#authenticated,
      uptimeSeconds: Math.round((Date.now() - this.#startedAt) / 1000),
      lastErrors: [...this.#errors],
    };
  }

  close(): void {
    unsubscribe('ntlm-wasm:connect', this.#onConnect);
    unsubscribe('ntlm-wasm:authenticated', this.#onAuthenticated);
  }

  readonly #onConnect = (event: unknown): void => {
    const { route } = event as DiagnosticEvents['connect'];
    this.#upstream.delete(route);
    this.#upstream.add(route);
    const [oldest] = this.#upstream;
    if (this.#upstream.size > MAX_UPSTREAM && oldest !== undefined) this.#upstream.delete(oldest);
  };

  readonly #onAuthenticated = (): void => void (this.#authenticated += 1);
}

function identityName(option: CredentialsOption | undefined): string | undefined {
  const [first] = Array.isArray(option) ? (option as unknown[]) : [option];
  if (first === 'system' || first === 'keychain') return first === 'system' ? 'the current user' : 'from the key store';
  if (typeof first !== 'object' || first === null) return undefined;
  const { username, domain } = first as { username?: string; domain?: string };
  return username === undefined ? 'the current user' : domain === undefined ? username : `${domain}\\${username}`;
}

/** Formats the status for Prometheus (text exposition format 0.0.4). */
export function prometheusText(status: ProxyStatus): string {
  const { byKind, failed, callers, connections, uptimeSeconds } = status;
  const metric = (name: string, type: string, help: string, samples: readonly string[]): string[] => [
    `# HELP ntlm_wasm_${name} ${help}`,
    `# TYPE ntlm_wasm_${name} ${type}`,
    ...samples.map((sample) => `ntlm_wasm_${name}${sample}`),
  ];
  const kinds = Object.entries(byKind).map(([kind, count]) => `{kind="${kind}"} ${count}`);
  const lines = [
    ...metric('info', 'gauge', 'The version.', [`{version="${status.version}"} 1`]),
    ...metric('requests_total', 'counter', 'Requests of callers.', kinds),
    ...metric('failed_requests_total', 'counter', 'Requests that ended in an error of the local proxy.', [
      ` ${failed}`,
    ]),
    ...metric('callers', 'gauge', 'Callers that are connected.', [` ${callers}`]),
    ...metric('authenticated_connections_total', 'counter', 'Connections that were authenticated.', [
      ` ${connections}`,
    ]),
    ...metric('uptime_seconds', 'gauge', 'Seconds since the start.', [` ${uptimeSeconds}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns a status page of the local proxy by path. */
export function statusPage(path: string, status: () => ProxyStatus): { type: string; text: string } | undefined {
  if (path === '/status.json') return { type: 'application/json', text: `${JSON.stringify(status(), null, 2)}\n` };
  if (path === '/metrics') return { type: 'text/plain; version=0.0.4; charset=utf-8', text: prometheusText(status()) };
  if (path !== '/status') return undefined;
  const { byKind, lastErrors, upstream, identity, ...rest } = status();
  const rows = [
    ['upstream', upstream.join(', ') || 'none yet'],
    ['identity', identity ?? 'none yet'],
    ...Object.entries(rest).map(([name, value]) => [name, String(value)]),
    ...Object.entries(byKind).map(([name, value]) => [`${name} requests`, String(value)]),
    ...lastErrors.map(({ time, code, message }) => ['error', `${time} ${code}: ${message}`]),
  ];
  const text = rows.map(([name = '', value]) => `${name.padEnd(18)}${value}`).join('\n');
  return { type: 'text/plain; charset=utf-8', text: `ntlm-wasm local proxy\n\n${text}\n` };
}
