import { spawnSync } from 'node:child_process';
import type { RunContext, Variables } from '../context.js';

const QUERY = ['config', '--includes', '--null', '--get-regexp', '^((http|remote)\\..*\\.proxy|http\\.sslcainfo)$'];

/** What git's own settings say, of the user, of the system and of the repository in this folder. */
export class GitSettings {
  /** Settings other than `http.proxy` that name a proxy: `http.https://host/.proxy`, `remote.origin.proxy`. */
  readonly proxies: readonly string[];
  readonly certificates: string | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    const { stdout } = spawnSync('git', QUERY, { env, encoding: 'utf8', timeout: 5000, windowsHide: true });
    const settings = new Map<string, string>();
    for (const line of (stdout ?? '').split('\0')) {
      const [key = '', ...value] = line.split('\n');
      if (key !== '') settings.set(key, value.join('\n'));
    }
    this.certificates = settings.get('http.sslcainfo') || undefined;
    settings.delete('http.sslcainfo');
    // An empty value means no proxy, which the user wants for that host.
    this.proxies = [...settings].filter(([, value]) => value !== '').map(([key]) => key);
  }
}

/** Variables beat git's settings files. */
export function gitVariables({ env, proxy }: RunContext, settings: GitSettings): Variables {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  const names = ['http.proxy', ...settings.proxies];
  const variables: Variables = {
    GIT_CONFIG_COUNT: String(count + names.length),
    // A setting for the corporate proxy (`http.proxyAuthMethod = ntlm`) does not fit the local one.
    GIT_HTTP_PROXY_AUTHMETHOD: 'basic',
  };
  names.forEach((name, index) => {
    variables[`GIT_CONFIG_KEY_${count + index}`] = name;
    variables[`GIT_CONFIG_VALUE_${count + index}`] = proxy.url;
  });
  return variables;
}
