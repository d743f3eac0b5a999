import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseProxyUrl } from '../routes/proxy-url.js';
import { type Environment, readEnvironment } from '../routes/environment.js';
import { readSystemSettings } from '../routes/system.js';

/** A proxy that the settings of another program name. */
export interface ToolProxy {
  readonly url: string;
  /** Hosts that bypass it. */
  readonly noProxy: readonly string[];
  /** The settings, for display: the path of an `.npmrc` file, or a setting of git. */
  readonly source: string;
}

/**
 * Returns the proxy in the settings of npm or git, if no variable and no system setting names a proxy. Only the user's and the
 * system's files are read: a file of the current folder comes with a project, which must not choose the receiver of credentials.
 */
export async function toolProxy(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<ToolProxy | undefined> {
  if (env['NTLM_PROXY'] || readEnvironment(env).present) return undefined;
  const isDesktop = ['win32', 'darwin'].includes(platform) || env['XDG_CURRENT_DESKTOP'] !== undefined;
  if (isDesktop && (await readSystemSettings(platform, env)) !== undefined) return undefined;
  return npmProxy(env) ?? (await gitProxy(env));
}

function npmProxy(env: Environment): ToolProxy | undefined {
  const file = env['npm_config_userconfig'] || env['NPM_CONFIG_USERCONFIG'] || join(home(env), '.npmrc');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const value = (name: string): string | undefined => {
    const [, found] = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(.*?)[ \\t\\r]*$`, 'm').exec(text) ?? [];
    return found
      ?.replace(/^(["'])(.*)\1$/, '$2')
      .replace(/\$\{([^}]+)\}/g, (_all, variable: string) => env[variable] ?? '');
  };
  const url = [value('https-proxy'), value('proxy')].find(isRemoteProxy);
  if (url === undefined) return undefined;
  const noProxy = (value('noproxy') ?? '').split(/[\s,]+/).filter((host) => host !== '');
  return { url, noProxy, source: file };
}

/** git lists the system's settings first and the user's after them; the last one counts. */
async function gitProxy(env: Environment): Promise<ToolProxy | undefined> {
  const words = (await gitSettings(env)).split('\0');
  const found = words.flatMap((scope, at) =>
    at % 2 === 0 && scope !== 'local' && scope !== 'worktree' ? [words[at + 1]] : [],
  );
  const url = found.filter((value) => value !== undefined).at(-1);
  return isRemoteProxy(url) ? { url, noProxy: [], source: 'http.proxy of git' } : undefined;
}

function gitSettings(env: Environment): Promise<string> {
  const options = { env: { ...env }, timeout: 5000, windowsHide: true };
  return new Promise((resolve) => {
    execFile('git', ['config', '--null', '--show-scope', '--get-all', 'http.proxy'], options, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });
}

/** Whether a setting names an HTTP proxy of the network. A proxy on this machine may be the one that this command starts. */
function isRemoteProxy(url: string | undefined): url is string {
  if (!url) return false;
  try {
    return !/^(?:localhost$|127\.|::1$)/.test(parseProxyUrl(url, 'the setting').host);
  } catch {
    return false;
  }
}

function home(env: Environment): string {
  return env['HOME'] || env['USERPROFILE'] || homedir();
}
