import { join } from 'node:path';
import { homeOf, type LocalProxy, PrivateFolder, readText, type RunContext, type Variables } from './context.js';
import { nodeOptions } from './preload.js';
import { aptSettings } from './settings/apt.js';
import { curlSettings, mercurialSettings, phpSettings, rSettings, wgetSettings } from './settings/files.js';
import { GitSettings, gitVariables } from './settings/git.js';
import { javaVariables } from './settings/java.js';
import { subversionSettings } from './settings/subversion.js';
import { Trust } from './trust.js';

/** The default of NO_PROXY. Without `::1`, which some programs parse as a name and a port. */
const THIS_MACHINE = 'localhost,127.0.0.1';

export interface CommandEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** Settings that cannot be overridden: one sentence each. */
  readonly hints: readonly string[];
  /** Removes the files that the variables name. */
  remove(): void;
}

export interface CommandEnvironmentOptions {
  readonly program: readonly string[];
  readonly proxy: LocalProxy;
  /** Certificates (PEM) of `--ca`. */
  readonly certificates?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** The environment in which a command and its child processes use the local proxy, whatever their settings. */
export function commandEnvironment(options: CommandEnvironmentOptions): CommandEnvironment {
  const { env = process.env, program, proxy, certificates } = options;
  const files = new PrivateFolder();
  const hints: string[] = [];
  try {
    const trust = certificates === undefined ? undefined : new Trust(certificates, files);
    const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? THIS_MACHINE;
    const context: RunContext = { env, program, proxy, noProxy, files, trust, hint: (text) => void hints.push(text) };
    const git = new GitSettings(env);
    const result: NodeJS.ProcessEnv = {
      ...env,
      ...trust?.variables(env, git.certificates),
      ...proxyVariables(proxy.url, noProxy),
      ...gitVariables(context, git),
      ...curlSettings(context),
      ...wgetSettings(context),
      ...mercurialSettings(context),
      ...rSettings(context),
      ...phpSettings(context),
      ...aptSettings(context),
      ...javaVariables(context),
      ...subversionSettings(context),
      ...nodeOptions(context),
    };
    withhold(result);
    addHints(context);
    return { env: result, hints, remove: () => files.remove() };
  } catch (error) {
    files.remove();
    throw error;
  }
}

/**
 * The variables that name the proxy. Most programs read the common three; the others are for programs whose configuration
 * overrides those, but not a program-specific variable.
 */
export function proxyVariables(url: string, noProxy: string): Variables {
  const variables: Variables = {
    // npm and its kin: beats `proxy=` in .npmrc. yarn 1 reads them too.
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: noProxy,
    // yarn 2 and later
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    // Node 22.21 and 24 and later: fetch, http and https
    NODE_USE_ENV_PROXY: '1',
    // global-agent, and what Electron downloads itself with
    GLOBAL_AGENT_HTTP_PROXY: url,
    GLOBAL_AGENT_HTTPS_PROXY: url,
    GLOBAL_AGENT_NO_PROXY: noProxy,
    ELECTRON_GET_USE_PROXY: '1',
    // pip: beats pip.conf
    PIP_PROXY: url,
    // cargo: beats config.toml and git's settings
    CARGO_HTTP_PROXY: url,
  };
  for (const [name, value] of [
    ['http_proxy', url],
    ['https_proxy', url],
    ['all_proxy', url],
    ['no_proxy', noProxy],
  ] as const) {
    variables[name] = value;
    variables[name.toUpperCase()] = value;
  }
  return variables;
}

const WITHHELD = /^NTLM_(?:USERNAME|DOMAIN|WORKSTATION|PASSWORD|HASH|PROXY|WASM_SECRET)$/i;

/** The command does not inherit these, in any letter case (Windows): it does not need the password. */
export function withhold(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (WITHHELD.test(name)) delete env[name];
}

const SHELL = /(?:^|\/)(?:ba|z|k|da)?sh$/;
const SHELL_FILES = ['.bashrc', '.bash_profile', '.profile', '.zshrc', '.zshenv'];
const SHELL_PROXY = /^\s*(?:export\s+)?(?:https?|all)_proxy=/im;

/** Settings that override the variables and cannot be overridden. */
function addHints({ env, program, hint }: RunContext): void {
  const [command = ''] = program;
  if (SHELL.test(command)) {
    for (const name of SHELL_FILES) {
      const file = join(homeOf(env), name);
      if (SHELL_PROXY.test(readText(file) ?? ''))
        hint(`${file} sets a proxy variable: a shell that reads it bypasses the local proxy`);
    }
  }
  const nuget = join(homeOf(env), '.nuget', 'NuGet', 'NuGet.Config');
  if (/key="https?_proxy"/i.test(readText(nuget) ?? ''))
    hint(`${nuget} names a proxy, which overrides the local one in NuGet`);
  if (/(?:^|\/)sudo$/.test(command) && !program.some((word) => /^-\w*E|^--preserve-env/.test(word))) {
    hint('sudo removes the proxy variables: use sudo -E or sudo --preserve-env');
  }
}
