import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../command.js';
import { setInSection, setProperty, setYaml } from './edit.js';

/** The local proxy, as written into the settings of other programs. */
export interface LocalProxy {
  readonly host: string;
  readonly port: number;
  readonly secret: string | undefined;
}

export interface Tool {
  /** Programs whose presence means that the tool is installed. */
  readonly programs: readonly string[];
  file(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string;
  /** Returns the settings with the proxy added. The text is empty if there is no file. */
  edit(text: string, proxy: LocalProxy): string;
  /** Printed after the change. */
  readonly note?: string;
}

export function urlOf({ host, port, secret }: LocalProxy): string {
  return `http://${secret === undefined ? '' : `ntlm-wasm:${secret}@`}${host}:${port}`;
}

const home = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string =>
  (platform === 'win32' ? env['USERPROFILE'] : env['HOME']) || homedir();

const inHome =
  (...names: string[]): Tool['file'] =>
  (env, platform) =>
    join(home(env, platform), ...names);

const NO_PROXY = 'localhost,127.0.0.1';

const npm: Tool = {
  programs: ['npm', 'pnpm'],
  file: (env, platform) => env['NPM_CONFIG_USERCONFIG'] ?? inHome('.npmrc')(env, platform),
  edit(text, proxy) {
    const url = urlOf(proxy);
    return setProperty(setProperty(setProperty(text, 'proxy', url), 'https-proxy', url), 'noproxy', NO_PROXY);
  },
};

/** The tools by operand. */
export const TOOLS: Readonly<Record<string, Tool>> = {
  npm,
  pnpm: npm,
  yarn: {
    programs: ['yarn'],
    file: inHome('.yarnrc.yml'),
    edit(text, proxy) {
      const url = JSON.stringify(urlOf(proxy));
      return setYaml(setYaml(text, 'httpProxy', [`httpProxy: ${url}`]), 'httpsProxy', [`httpsProxy: ${url}`]);
    },
    note: 'yarn 2 and later read this file; yarn 1 reads the file of npm',
  },
  git: {
    programs: ['git'],
    file: (env, platform) => env['GIT_CONFIG_GLOBAL'] ?? inHome('.gitconfig')(env, platform),
    edit: (text, proxy) => setInSection(text, 'http', 'proxy', urlOf(proxy), '\t'),
  },
  pip: {
    programs: ['pip', 'pip3'],
    file(env, platform) {
      if (env['PIP_CONFIG_FILE']) return env['PIP_CONFIG_FILE'];
      if (platform === 'win32')
        return join(env['APPDATA'] ?? join(home(env, platform), 'AppData', 'Roaming'), 'pip', 'pip.ini');
      const folder = env['XDG_CONFIG_HOME'] || join(home(env, platform), '.config');
      return join(folder, 'pip', 'pip.conf');
    },
    // The file format gives % a meaning.
    edit: (text, proxy) => setInSection(text, 'global', 'proxy', urlOf(proxy).replaceAll('%', '%%')),
  },
  conda: {
    programs: ['conda', 'mamba'],
    file: inHome('.condarc'),
    edit(text, proxy) {
      const url = JSON.stringify(urlOf(proxy));
      return setYaml(text, 'proxy_servers', ['proxy_servers:', `  http: ${url}`, `  https: ${url}`]);
    },
  },
  cargo: {
    programs: ['cargo'],
    file: (env, platform) => join(env['CARGO_HOME'] || join(home(env, platform), '.cargo'), 'config.toml'),
    edit: (text, proxy) => setInSection(text, 'http', 'proxy', JSON.stringify(urlOf(proxy))),
  },
  gradle: {
    programs: ['gradle'],
    file: (env, platform) => join(env['GRADLE_USER_HOME'] || join(home(env, platform), '.gradle'), 'gradle.properties'),
    edit(text, { host, port, secret }) {
      let edited = text;
      for (const scheme of ['http', 'https']) {
        edited = setProperty(edited, `systemProp.${scheme}.proxyHost`, host);
        edited = setProperty(edited, `systemProp.${scheme}.proxyPort`, String(port));
        if (secret === undefined) continue;
        edited = setProperty(edited, `systemProp.${scheme}.proxyUser`, 'ntlm-wasm');
        edited = setProperty(edited, `systemProp.${scheme}.proxyPassword`, secret);
      }
      // Otherwise Java does not authenticate to a proxy for tunnels.
      if (secret !== undefined) edited = setProperty(edited, 'systemProp.jdk.http.auth.tunneling.disabledSchemes', '');
      return edited;
    },
  },
  maven: {
    programs: ['mvn'],
    file: inHome('.m2', 'settings.xml'),
    edit(text, { host, port, secret }) {
      const login =
        secret === undefined ? '' : `\n      <username>ntlm-wasm</username>\n      <password>${secret}</password>`;
      const entry = (scheme: string): string => `    <proxy>
      <id>ntlm-wasm-${scheme}</id>
      <active>true</active>
      <protocol>${scheme}</protocol>
      <host>${host}</host>
      <port>${port}</port>${login}
      <nonProxyHosts>localhost|127.0.0.1</nonProxyHosts>
    </proxy>`;
      const proxies = `  <proxies>\n${entry('http')}\n${entry('https')}\n  </proxies>\n`;
      if (text.trim() === '') return `<settings>\n${proxies}</settings>\n`;
      const known = /[ \t]*<proxies\b[^]*?<\/proxies>[ \t]*\r?\n?/;
      if (known.test(text)) return text.replace(known, () => proxies);
      if (!/<\/settings>\s*$/.test(text))
        throw new UsageError('settings.xml has no end of <settings>', 'correct it first');
      return text.replace(/<\/settings>\s*$/, () => `${proxies}</settings>\n`);
    },
  },
  docker: {
    programs: ['docker'],
    file: (env, platform) => join(env['DOCKER_CONFIG'] || join(home(env, platform), '.docker'), 'config.json'),
    edit(text, proxy) {
      const settings = (text.trim() === '' ? {} : JSON.parse(text)) as { proxies?: Record<string, unknown> };
      // In a container 127.0.0.1 is the container.
      const url = urlOf({ ...proxy, host: 'host.docker.internal' });
      const entry = { httpProxy: url, httpsProxy: url, noProxy: NO_PROXY };
      const edited = { ...settings, proxies: { ...settings.proxies, default: entry } };
      return `${JSON.stringify(edited, null, /^\{\r?\n\t/.test(text) ? '\t' : 2)}\n`;
    },
    note: 'containers can connect to the local proxy only with --listen and --allow',
  },
};
