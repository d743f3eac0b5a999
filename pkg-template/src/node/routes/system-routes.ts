import { type Environment, readEnvironment } from './environment.js';
import { parseNoProxy } from './no-proxy.js';
import { PacFile } from './pac-file.js';
import { parseProxyUrl, unsupportedProxy } from './proxy-url.js';
import { readSystemSettings } from './read-system.js';
import { type RouteResolver, type Routes, wholeUrl } from './route.js';
import type { SystemSettings } from './system-settings.js';
import { winHttpRoutes } from './system-windows.js';

/** Asking the system starts a process: often enough to notice a change of network, and no more. */
const MAX_AGE = 60_000;

/** Where "system" looks; the parts that differ between machines, so that tests can stand in for them. */
export interface SystemSources {
  readonly env: Environment;
  readonly settings: () => Promise<SystemSettings | undefined>;
  /** The system's own decision, where it can be asked for it: better than ours by its settings. */
  readonly decision?: () => RouteResolver | undefined;
}

export function thisSystem(env: Environment = process.env): SystemSources {
  return {
    env,
    settings: () => readSystemSettings(process.platform, env),
    ...(process.platform === 'win32' ? { decision: winHttpRoutes } : {}),
  };
}

/**
 * The proxy that this machine is set up for: the environment, where it speaks of proxies at all, otherwise the settings
 * of the operating system. NO_PROXY counts for both.
 */
export function systemRoutes(sources: SystemSources = thisSystem()): RouteResolver {
  let settings: { resolve: RouteResolver; at: number } | undefined;
  return (url, path) => {
    // Read anew each time: programs change their own environment, and it is cheap.
    const environment = readEnvironment(sources.env);
    const routes = environment.resolve(url, path);
    if (routes !== undefined) return routes;
    if (environment.present) return [{ kind: 'direct', rule: `no proxy variable for ${url.protocol}` }];
    const exception = environment.noProxy.match(url);
    if (exception !== undefined) return [{ kind: 'direct', rule: `NO_PROXY: ${exception}` }];
    const now = Date.now();
    if (settings === undefined || now - settings.at > MAX_AGE) {
      settings = { resolve: askSystem(sources), at: now };
    }
    return settings.resolve(url, path);
  };
}

/** The system's own decision, or ours where it fails. */
function askSystem(sources: SystemSources): RouteResolver {
  let read: Promise<RouteResolver> | undefined;
  const bySettings: RouteResolver = async (url, path) =>
    (await (read ??= sources.settings().then(settingsRoutes)))(url, path);
  const decide = sources.decision?.();
  if (decide === undefined) return bySettings;
  return (url, path) => {
    const decided = decide(wholeUrl(url, path));
    return decided instanceof Promise ? decided.catch(() => bySettings(url, path)) : decided;
  };
}

/** Routes by the environment alone. */
export function environmentRoutes(env: Environment = process.env): RouteResolver {
  return (url, path) => readEnvironment(env).resolve(url, path) ?? [{ kind: 'direct', rule: 'no proxy variable' }];
}

function settingsRoutes(settings: SystemSettings | undefined): RouteResolver {
  if (settings === undefined)
    return () => [{ kind: 'direct', rule: 'no proxy is set in the environment or the system' }];
  const { source } = settings;
  const exceptions = parseNoProxy(settings.exceptions);
  const beyond = settings.pacUrl === undefined ? fixed(settings) : pac(settings.pacUrl, source);
  return (url, path) => {
    const exception = exceptions.match(url);
    if (exception !== undefined) return [{ kind: 'direct', rule: `${source}, exception ${exception}` }];
    return beyond(url, path);
  };
}

function fixed({ source, http, https, socksOnly }: SystemSettings): RouteResolver {
  return (url): Routes => {
    const proxy = url.protocol === 'https:' || url.protocol === 'wss:' ? https : http;
    if (proxy !== undefined) return [parseProxyUrl(proxy, source)];
    if (socksOnly === true) throw unsupportedProxy('SOCKS', source);
    return [{ kind: 'direct', rule: `${source} name no proxy for ${url.protocol}` }];
  };
}

function pac(pacUrl: string, source: string): RouteResolver {
  const file = new PacFile(pacUrl, source);
  return (url, path) => file.resolve(wholeUrl(url, path));
}
