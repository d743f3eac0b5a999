import { type NoProxy, parseNoProxy } from './no-proxy.js';
import { namedPacFile, pacFile } from './pac-file.js';
import { parseProxyUrl } from './proxy-url.js';
import { type Routes, wholeUrl } from './route.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The routes defined by the proxy variables of an environment. */
export interface EnvironmentRoutes {
  /** Whether any variable names a proxy. */
  readonly present: boolean;
  readonly noProxy: NoProxy;
  /** Returns the routes for a URL; undefined if no variable is set for its scheme. */
  resolve(url: URL, path?: string): Routes | Promise<Routes> | undefined;
}

/** Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in either case. Lower case has precedence, as in curl. */
export function readEnvironment(env: Environment): EnvironmentRoutes {
  const http = variable(env, 'http_proxy', !isCgi(env));
  const https = variable(env, 'https_proxy');
  const all = variable(env, 'all_proxy');
  const except = variable(env, 'no_proxy');
  const noProxy = parseNoProxy(except?.value ?? '');
  return {
    present: [http, https, all].some((proxy) => proxy !== undefined && proxy.value !== ''),
    noProxy,
    resolve(url, path) {
      const secure = url.protocol === 'https:' || url.protocol === 'wss:';
      const proxy = (secure ? https : http) ?? all;
      if (proxy === undefined) return undefined;
      if (proxy.value === '') return [{ kind: 'direct', rule: `${proxy.name} is empty` }];
      const exception = noProxy.match(url);
      if (exception !== undefined) return [{ kind: 'direct', rule: `${except?.name}: ${exception}` }];
      const pac = namedPacFile(proxy.value);
      if (pac !== undefined) return pacFile(pac, proxy.name).resolve(wholeUrl(url, path));
      return [parseProxyUrl(proxy.value, proxy.name)];
    },
  };
}

function variable(env: Environment, name: string, upperToo = true): { name: string; value: string } | undefined {
  for (const spelling of upperToo ? [name, name.toUpperCase()] : [name]) {
    const value = env[spelling];
    if (value !== undefined) return { name: spelling, value: value.trim() };
  }
  return undefined;
}

/** Whether this is a CGI program. There HTTP_PROXY is the `Proxy` header of the client's request ("httpoxy"). */
function isCgi(env: Environment): boolean {
  return env['REQUEST_METHOD'] !== undefined;
}
