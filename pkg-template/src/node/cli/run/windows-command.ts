import { existsSync } from 'node:fs';
import { win32 } from 'node:path';

export interface WindowsCommand {
  readonly file: string;
  /** Already quoted: to be passed on verbatim. */
  readonly line: string[];
}

/**
 * What to start on Windows, where `npm` is `npm.cmd`: a batch file that only the command interpreter can run, and that
 * takes its arguments apart a second time.
 */
export function windowsCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  exists: (file: string) => boolean = existsSync,
): WindowsCommand {
  const file = findOnPath(command, env, exists) ?? command;
  if (!/\.(cmd|bat)$/i.test(file)) return { file, line: args.map(quoted) };
  // Once for cmd.exe, and once more for the %* in the batch file.
  const words = args.map((argument) => escaped(escaped(quoted(argument))));
  const line = [escaped(quoted(file)), ...words].join(' ');
  return { file: env['ComSpec'] ?? 'cmd.exe', line: ['/d', '/s', '/c', `"${line}"`] };
}

function findOnPath(command: string, env: NodeJS.ProcessEnv, exists: (file: string) => boolean): string | undefined {
  const folders = /[\\/]/.test(command) ? [''] : (env['Path'] ?? env['PATH'] ?? '').split(';');
  const endings = win32.extname(command) === '' ? (env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';') : [''];
  for (const folder of folders) {
    for (const ending of endings) {
      const file = win32.join(folder, `${command}${ending.toLowerCase()}`);
      if (exists(file)) return file;
    }
  }
  return undefined;
}

/** So that the program's own reading of its command line gives the argument back. */
function quoted(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;
}

/** So that cmd.exe takes none of its special characters for its own. */
function escaped(text: string): string {
  return text.replace(/[()\][%!^"`<>&|;, *?]/g, '^$&');
}
