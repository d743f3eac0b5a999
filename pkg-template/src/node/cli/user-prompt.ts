import type { ConnectionOptions } from '../options.js';
import { storedCredentials } from '../credentials/stored.js';
import { createRouteResolver } from '../routes/index.js';
import type { Routes } from '../routes/route.js';
import { systemUserIfAvailable } from '../system-addon.js';
import type { CommandInput } from './command.js';
import { askLine } from './terminal.js';

/** A host that every network reaches through its proxy, if it has one. No request is sent to it. */
const ELSEWHERE = new URL('https://www.example.com/');

/**
 * Asks for the user name at the terminal if a proxy is used and nothing supplies credentials for it. Returns undefined if there
 * is no need, no terminal, or no answer.
 */
export async function promptedUser(
  options: CommandInput['options'],
  { proxy }: Pick<ConnectionOptions, 'proxy'>,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const isNamed = ['user', 'sso', 'password-stdin'].some((name) => options[name] !== undefined);
  if (isNamed || env['NTLM_USERNAME'] || !process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  if (!(await asksForCredentials(proxy, env))) return undefined;
  if ((await storedCredentials()) !== undefined || (await systemUserIfAvailable()()) !== undefined) return undefined;
  const answer = await askLine('User name for the proxy, such as CORP\\alice (leave it empty for none): ');
  return answer === '' ? undefined : answer;
}

/** Whether requests use a proxy whose URL has no credentials. */
async function asksForCredentials(proxy: ConnectionOptions['proxy'], env: NodeJS.ProcessEnv): Promise<boolean> {
  let routes: Routes;
  try {
    routes = await createRouteResolver(proxy, env)(ELSEWHERE);
  } catch {
    // The first request reports the error.
    return false;
  }
  return routes.some((route) => route.kind === 'proxy' && route.credentials === undefined);
}
