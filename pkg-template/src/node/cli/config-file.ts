import { userInfo } from 'node:os';
import { createRouteResolver } from '../routes/index.js';
import { routeName } from '../routes/route.js';
import { wrapped } from './arguments.js';
import type { SettingValue } from './configuration.js';
import { CONFIGURABLE, SETTINGS } from './settings.js';

/** Writes a configuration file with a comment for every setting. Settings without a value are commented out. */
export function configurationText(
  values: ReadonlyMap<string, SettingValue>,
  remarks: Readonly<Record<string, string>> = {},
): string {
  const parts = CONFIGURABLE.map((name) => {
    const setting = SETTINGS[name];
    const lines = [wrapped(setting?.help ?? '', 0, 92), ...(remarks[name] === undefined ? [] : [remarks[name]])];
    const comment = lines.flatMap((text) => text.split('\n')).map((line) => `# ${line}`);
    const value = values.get(name);
    const line = value === undefined ? `# ${name} = ${example(name)}` : `${name} = ${tomlValue(value)}`;
    return [...comment, line].join('\n');
  });
  return `# Configuration of ntlm-wasm. "ntlm-wasm config" prints the effective values and their sources.
# Do not put a password here: store it with "ntlm-wasm credential set".

${parts.join('\n\n')}
`;
}

export function tomlValue(value: SettingValue): string {
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlText).join(', ')}]`;
  return tomlText(value);
}

/** Single quotes need no escapes, which suits names and paths with backslashes. */
function tomlText(text: string): string {
  // JSON's escapes are TOML's.
  return /^[^'\u0000-\u001f\u007f]*$/.test(text) ? `'${text}'` : JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function example(name: string): string {
  const setting = SETTINGS[name];
  if (setting?.type === 'boolean') return 'true';
  const text = `'${setting?.default ?? setting?.choices?.[0] ?? setting?.value ?? ''}'`;
  return setting?.multiple === true ? `[${text}]` : text;
}

/** The proxy and the user found on this machine. */
export async function detected(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ values: Map<string, SettingValue>; remarks: Record<string, string> }> {
  const values = new Map<string, SettingValue>();
  const remarks: Record<string, string> = {};
  try {
    const [route] = await createRouteResolver('system', env)(new URL('https://www.example.com/'));
    if (route?.kind === 'proxy' && isThisMachine(route.host)) {
      remarks['proxy'] = `Found, but left out because it is this machine: ${routeName(route)} (${route.rule}).`;
    } else if (route?.kind === 'proxy') {
      const isPac = /\bPAC\b/.test(route.rule ?? '');
      values.set('proxy', isPac ? 'system' : routeName(route));
      remarks['proxy'] = `Found: ${routeName(route)} (${route.rule}).`;
    } else remarks['proxy'] = `None was found (${route?.rule ?? 'no proxy is set'}).`;
  } catch (error) {
    remarks['proxy'] = `None could be read: ${(error as Error).message}.`;
  }
  const user = env['NTLM_USERNAME'] || (process.platform === 'win32' ? env['USERNAME'] : userInfo().username);
  const domain = env['NTLM_DOMAIN'] || (process.platform === 'win32' ? env['USERDOMAIN'] : undefined);
  if (user && env['NTLM_USERNAME']) values.set('user', user);
  else if (user) remarks['user'] = `The name of the current user is ${user}.`;
  if (domain && env['NTLM_DOMAIN']) values.set('domain', domain);
  else if (domain) remarks['domain'] = `The domain of the current user is ${domain}.`;
  return { values, remarks };
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127\.|::1$)/i.test(host);
}
