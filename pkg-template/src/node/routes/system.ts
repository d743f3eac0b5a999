import { findAddon } from '../system-addon.js';
import { parsePacResult } from './pac-result.js';
import { execFile } from 'node:child_process';
import { delimiter, isAbsolute } from 'node:path';
import { debuglog } from 'node:util';
import { type Environment, readEnvironment } from './environment.js';
import { parseNoProxy } from './no-proxy.js';
import { PacFile } from './pac-file.js';
import { parseProxyUrl, unsupportedProxy } from './proxy-url.js';
import { type RouteResolver, type Routes, wholeUrl } from './route.js';
import { type SystemSettings, parseGsettings, parseScutil, parseRegistry } from './system-settings.js';
import { wpadRoutes } from './wpad.js';

/** Milliseconds for which settings are cached. Reading them starts a process, but network changes must be noticed. */
const MAX_AGE = 60_000;

/** The sources of "system" that differ between machines. Tests replace them. */
export interface SystemSources {
  readonly env: Environment;
  /** Returns the settings; a promise only if a program must be started. */
  readonly settings: () => SystemSettings | undefined | Promise<SystemSettings | undefined>;
  /** Returns a resolver that uses the system's API, if there is one. It has precedence over parsed settings. */
  readonly decision?: () => RouteResolver | undefined;
}

export function thisSystem(env: Environment = process.env): SystemSources {
  return {
    env,
    // On Linux and similar systems there are no settings outside a desktop session.
    settings: () => (hasSettings(env) ? readSystemSettings(process.platform, env) : undefined),
    ...(process.platform === 'win32' ? { decision: winHttpRoutes } : {}),
  };
}

function hasSettings(env: Environment): boolean {
  return ['win32', 'darwin'].includes(process.platform) || env['XDG_CURRENT_DESKTOP'] !== undefined;
}

/**
 * Resolves routes by the machine's configuration: the proxy variables, if any is set, otherwise the system settings. NO_PROXY
 * applies to both.
 */
export function systemRoutes(sources: SystemSources = thisSystem()): RouteResolver {
  let settings: { resolve: RouteResolver; at: number } | undefined;
  return (url, path) => {
    // Read each time, because programs change their environment and reading is cheap.
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

/** Uses the system's decision, or the parsed settings if that fails. */
function askSystem(sources: SystemSources): RouteResolver {
  let known: RouteResolver | undefined;
  let read: Promise<RouteResolver> | undefined;
  const ask = (): RouteResolver | Promise<RouteResolver> => {
    const settings = sources.settings();
    if (!(settings instanceof Promise)) return (known = settingsRoutes(settings));
    return settings.then((found) => (known = settingsRoutes(found)));
  };
  const bySettings: RouteResolver = (url, path) => {
    const resolve = known ?? (read === undefined ? ask() : read);
    if (!(resolve instanceof Promise)) return resolve(url, path);
    read = resolve;
    return resolve.then((found) => found(url, path));
  };
  const decide = sources.decision?.();
  if (decide === undefined) return bySettings;
  return (url, path) => {
    const decided = decide(wholeUrl(url, path));
    return decided instanceof Promise ? decided.catch(() => bySettings(url, path)) : decided;
  };
}

/** Resolves routes only by the environment. */
export function environmentRoutes(env: Environment = process.env): RouteResolver {
  return (url, path) => readEnvironment(env).resolve(url, path) ?? [{ kind: 'direct', rule: 'no proxy variable' }];
}

function settingsRoutes(settings: SystemSettings | undefined): RouteResolver {
  if (settings === undefined)
    return () => [{ kind: 'direct', rule: 'no proxy is set in the environment or the system' }];
  const { source } = settings;
  const exceptions = parseNoProxy(settings.exceptions);
  const beyond = routesBeyondExceptions(settings);
  return (url, path) => {
    const exception = exceptions.match(url);
    if (exception !== undefined) return [{ kind: 'direct', rule: `${source}, exception ${exception}` }];
    return beyond(url, path);
  };
}

function routesBeyondExceptions(settings: SystemSettings): RouteResolver {
  if (settings.pacUrl !== undefined) return pac(settings.pacUrl, settings.source);
  return settings.autoDetect === true ? wpadRoutes(settings.source) : fixed(settings);
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

const TIMEOUT = 3_000;
const debug = debuglog('ntlm');

/** Reads the settings with the system's tool; undefined if there is no tool or no proxy. */
export async function readSystemSettings(platform: string, env: Environment): Promise<SystemSettings | undefined> {
  switch (platform) {
    case 'win32': {
      const key = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
      const output = await run(`${env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\reg.exe`, ['query', key]);
      return parseRegistry(output);
    }
    case 'darwin':
      return parseScutil(await run('/usr/sbin/scutil', ['--proxy']));
    default:
      return parseGsettings(await run('gsettings', ['list-recursively', 'org.gnome.system.proxy']));
  }
}

/** Returns the tool's output; empty if the tool does not exist, because then there are no settings either. */
function run(file: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: ownFolders(process.env['PATH'] ?? '') };
    const options = { timeout: TIMEOUT, maxBuffer: 1024 * 1024, windowsHide: true, env };
    execFile(file, args, options, (error, stdout) => {
      if (error !== null) debug('%s failed: %s', file, error.message);
      resolve(error === null ? stdout : '');
    });
  });
}

/**
 * Removes dependency folders from PATH. npm puts them first, and a package's program may have the name of a system tool. An
 * empty entry would mean the current folder.
 */
export function ownFolders(path: string): string {
  const isOwn = (folder: string): boolean => isAbsolute(folder) && !/[\\/]node_modules([\\/]|$)/.test(folder);
  return path.split(delimiter).filter(isOwn).join(delimiter) || ['/usr/bin', '/bin'].join(delimiter);
}

/** The number of cached results, because WinHTTP runs its PAC engine for each call. */
const MOST_ANSWERS = 1_000;

/**
 * Returns a resolver that uses WinHTTP, which applies settings, WPAD, PAC files and group policy. Undefined without the addon;
 * then the settings are parsed here.
 */
export function winHttpRoutes(): RouteResolver | undefined {
  const found = findAddon();
  if (!('addon' in found) || found.addon.proxyFor === undefined) return undefined;
  const { addon } = found;
  const answers = new Map<string, Routes | Promise<Routes>>();
  return (url) => {
    // As in browsers, the script does not see the path of a URL.
    const origin = `${url.protocol.replace('ws', 'http')}//${url.host}/`;
    const known = answers.get(origin);
    if (known !== undefined) return known;
    if (answers.size >= MOST_ANSWERS) answers.clear();
    const asked = (addon.proxyFor as (url: string) => Promise<string>)(origin).then((answer) => {
      const routes = parsePacResult(answer, 'the proxy settings of Windows');
      answers.set(origin, routes);
      return routes;
    });
    answers.set(origin, asked);
    return asked;
  };
}
