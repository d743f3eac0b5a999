import type { AgentOptions as NodeAgentOptions } from 'node:https';
import { checkOptions, CONNECTION_OPTIONS, type ConnectionOptions } from '../options.js';

/**
 * The options of {@link NtlmAgent}: those of every adapter, and those of Node's agents, such as `keepAlive`, `maxFreeSockets`,
 * `timeout`, `ca` and `localAddress`.
 */
export interface AgentOptions
  extends
    ConnectionOptions,
    Omit<NodeAgentOptions, 'host' | 'port' | 'path' | 'socket' | 'onread' | 'signal' | keyof ConnectionOptions> {}

/** The options of http.Agent and net.connect. */
const POOL_OPTIONS = [
  'keepAlive',
  'keepAliveMsecs',
  'keepAliveInitialDelay',
  'agentKeepAliveTimeoutBuffer',
  'maxFreeSockets',
  'maxTotalSockets',
  'maxCachedSessions',
  'scheduling',
  'timeout',
  'noDelay',
  'localAddress',
  'localPort',
  'family',
  'hints',
  'lookup',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'highWaterMark',
] as const;

/** The options of tls.connect, which can also be set in `tls`. */
const TLS_OPTIONS = [
  'allowPartialTrustChain',
  'ca',
  'cert',
  'checkServerIdentity',
  'ciphers',
  'clientCertEngine',
  'crl',
  'dhparam',
  'ecdhCurve',
  'enableTrace',
  'honorCipherOrder',
  'key',
  'maxVersion',
  'minDHSize',
  'minVersion',
  'passphrase',
  'pfx',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'pskCallback',
  'rejectUnauthorized',
  'requestOCSP',
  'secureContext',
  'secureOptions',
  'secureProtocol',
  'servername',
  'session',
  'sessionIdContext',
  'sessionTimeout',
  'sigalgs',
  'ticketKeys',
] as const;

const NAMES: readonly string[] = [...CONNECTION_OPTIONS, ...POOL_OPTIONS, ...TLS_OPTIONS];

/** Returns the options that this package supports. Node's agents ignore unknown options. */
export function knownOptions(options: object): AgentOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => NAMES.includes(name)));
}

/** Checks the options and splits them into connector options and the `options` of Node's agent. */
export function sortOptions(given: AgentOptions): { own: ConnectionOptions; node: NodeAgentOptions } {
  checkOptions(given, 'NtlmAgent', NAMES);
  const node: Record<string, unknown> = {};
  const own: Record<string | symbol, unknown> = {};
  const tls: Record<string, unknown> = { ...given.tls };
  for (const name of Reflect.ownKeys(given)) {
    const value = (given as Record<string | symbol, unknown>)[name];
    if (value === undefined) continue;
    if (typeof name === 'symbol' || CONNECTION_OPTIONS.includes(name)) own[name] = value;
    else node[name] = value;
    if ((TLS_OPTIONS as readonly unknown[]).includes(name)) tls[name as string] = value;
  }
  if (Object.keys(tls).length > 0) own['tls'] = tls;
  if (given.maxSockets !== undefined) node['maxSockets'] = given.maxSockets;
  return { own, node };
}
