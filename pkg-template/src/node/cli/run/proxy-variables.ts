/** Reached directly unless the user says otherwise: what listens here is none of the proxy's business. */
const THIS_MACHINE = 'localhost,127.0.0.1,::1';

/**
 * The variables from which programs learn of a proxy. Most read the usual three; the others are for programs whose own
 * configuration would win over those, and which read a variable of their own before it.
 */
export function proxyVariables(url: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const noProxy = env['no_proxy'] ?? env['NO_PROXY'] ?? THIS_MACHINE;
  const variables: Record<string, string> = {
    // npm and its kin: beats `proxy=` in .npmrc. yarn 1 reads them too.
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: noProxy,
    // yarn 2 and later
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
    // Node 24 and later: fetch, http and https
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
    ...gitProxy(url, env),
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

/** git: `http.proxy` in a configuration file beats the environment, and this beats the file. */
function gitProxy(url: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const count = Number(env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  return {
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${count}`]: 'http.proxy',
    [`GIT_CONFIG_VALUE_${count}`]: url,
  };
}

/**
 * Java reads no variable but this one, and cannot show a secret to a proxy: so only when there is none. It says on
 * standard error that it has picked the variable up.
 */
export function javaVariables(host: string, port: number, env: NodeJS.ProcessEnv): Record<string, string> {
  const settings = ['http', 'https'].flatMap((scheme) => [
    `-D${scheme}.proxyHost=${host}`,
    `-D${scheme}.proxyPort=${port}`,
  ]);
  return { JAVA_TOOL_OPTIONS: [env['JAVA_TOOL_OPTIONS'], ...settings].filter(Boolean).join(' ') };
}

const WITHHELD = new Set(['NTLM_PASSWORD', 'NTLM_HASH', 'NTLM_WASM_SECRET']);

/** The command must not inherit these, in whatever letters Windows has them: it needs the proxy, not the password. */
export function withhold(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (WITHHELD.has(name.toUpperCase())) delete env[name];
}
