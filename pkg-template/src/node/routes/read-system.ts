import { execFile } from 'node:child_process';
import { delimiter, isAbsolute } from 'node:path';
import { debuglog } from 'node:util';
import type { Environment } from './environment.js';
import { parseGsettings } from './system-gnome.js';
import { parseScutil } from './system-macos.js';
import type { SystemSettings } from './system-settings.js';
import { parseRegistry } from './system-windows.js';

const TIMEOUT = 3_000;
const debug = debuglog('ntlm');

/** Asks the system's own tool; undefined where there is none, or where it says that no proxy is set. */
export async function readSystemSettings(platform: string, env: Environment): Promise<SystemSettings | undefined> {
  switch (platform) {
    case 'win32': {
      const key = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
      const output = await run(`${env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\reg.exe`, ['query', key]);
      return parseRegistry(output);
    }
    case 'darwin':
      return parseScutil(await run('/usr/sbin/scutil', ['--proxy']));
    default:
      // Outside of a desktop session nobody has set anything there.
      if (env['XDG_CURRENT_DESKTOP'] === undefined) return undefined;
      return parseGsettings(await run('gsettings', ['list-recursively', 'org.gnome.system.proxy']));
  }
}

/** The tool's output; nothing when there is no such tool, since then there are no such settings either. */
function run(file: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: ownFolders(process.env['PATH'] ?? '') };
    const options = { timeout: TIMEOUT, maxBuffer: 1024 * 1024, windowsHide: true, env };
    execFile(file, args, options, (error, stdout) => {
      if (error !== null) debug('%s failed: %s', file, error.message);
      resolve(error === null ? stdout : '');
    });
  });
}

/**
 * npm puts the programs of all that a project depends on first, and any of them may be named like a tool of the system. An empty
 * path would mean the folder that one is in.
 */
export function ownFolders(path: string): string {
  const isOwn = (folder: string): boolean => isAbsolute(folder) && !/[\\/]node_modules([\\/]|$)/.test(folder);
  return path.split(delimiter).filter(isOwn).join(delimiter) || ['/usr/bin', '/bin'].join(delimiter);
}
