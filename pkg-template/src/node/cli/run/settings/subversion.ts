import { cpSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, homeOf, readText, type RunContext, type Variables, withoutLines } from '../context.js';
import { wrapper } from './wrapper.js';

const PROXY = /^\s*http-proxy-(?:host|port|username|password)\s*=/;

/**
 * Subversion reads no variable, only its own settings: the command gets a copy of them, in which every group of servers has
 * the local proxy, through `--config-dir`.
 */
export function subversionSettings(context: RunContext): Variables {
  const { env, files, proxy, noProxy, trust } = context;
  if (process.platform === 'win32' || findProgram('svn', env) === undefined) return {};
  const own = join(homeOf(env), '.subversion');
  const secret =
    proxy.secret === undefined
      ? []
      : [`http-proxy-username = ${new URL(proxy.url).username}`, `http-proxy-password = ${proxy.secret}`];
  const settings = [
    `http-proxy-host = ${proxy.host}`,
    `http-proxy-port = ${proxy.port}`,
    ...secret,
    ...(trust === undefined ? [] : [`ssl-authority-files = ${trust.bundle()}`]),
  ].join('\n');
  const servers = withoutLines(readText(join(own, 'servers')) ?? '', PROXY);
  files.write('subversion/servers', withSettings(servers, settings, noProxy));
  const folder = join(files.path, 'subversion');
  if (existsSync(join(own, 'config'))) cpSync(join(own, 'config'), join(folder, 'config'));
  // Names and passwords that svn keeps stay with the user.
  if (existsSync(join(own, 'auth'))) symlinkSync(join(own, 'auth'), join(folder, 'auth'));
  return wrapper(context, 'svn', ['--config-dir', folder], ['--config-dir', '--config-dir=*']);
}

/** Puts the settings into every section of servers, and into `[global]`, which is made if there is none. */
function withSettings(text: string, settings: string, noProxy: string): string {
  const global = /^\s*\[global\]/m.test(text) ? text : `${text}[global]\n`;
  const exceptions = noProxy
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^\./, '*.'));
  return global.replace(/^\s*\[([^\]\n]+)\].*$/gm, (line, section: string) => {
    if (section === 'groups') return line;
    const own =
      section === 'global' && exceptions.length > 0 ? `\nhttp-proxy-exceptions = ${exceptions.join(', ')}` : '';
    return `${line}\n${settings}${own}`;
  });
}
