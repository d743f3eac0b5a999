import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isFile, readText, type RunContext, type Variables } from '../context.js';

const MAIN = '/etc/apt/apt.conf';
const PARTS = '/etc/apt/apt.conf.d';

/** apt: its settings beat the variables. The main file is read last, so ours includes the user's and takes its place. */
export function aptSettings({ env, files, proxy }: RunContext): Variables {
  const own = env['APT_CONFIG'];
  if (![own, MAIN, ...partsOf(PARTS)].some((file) => /proxy/i.test(readText(file) ?? ''))) return {};
  const settings = proxySettings(env, proxy.url);
  if (settings.length === 0) return {};
  const include = isFile(MAIN) ? [`#include "${MAIN}";`] : [];
  const main = files.write('apt.conf', lines([...include, ...settings]));
  const first = own ? [`#include "${own}";`] : [];
  return { APT_CONFIG: files.write('apt-first.conf', lines([...first, `Dir::Etc::main "${main}";`])) };
}

/** Replaces the settings that name a proxy, also those for one host. DIRECT stays. */
function proxySettings(env: NodeJS.ProcessEnv, url: string): string[] {
  const { stdout } = spawnSync('apt-config', ['dump'], { env, encoding: 'utf8', timeout: 5000 });
  const found = (stdout ?? '').matchAll(/^(Acquire::https?::Proxy(-Auto-Detect)?(?:::\S+)?) "([^"]+)";$/gim);
  return [...found].flatMap(([, name, autoDetect, value]) => {
    if (autoDetect) return [`${name} "";`, `Acquire::http::Proxy "${url}";`, `Acquire::https::Proxy "${url}";`];
    return /^direct$/i.test(value as string) ? [] : [`${name} "${url}";`];
  });
}

function partsOf(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function lines(text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
