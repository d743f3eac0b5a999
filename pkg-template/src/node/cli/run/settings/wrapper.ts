import { delimiter, join } from 'node:path';
import { findProgram, type RunContext, type Variables } from '../context.js';

/**
 * For programs that can be configured only by arguments: puts a script of the same name first on the path, which adds them
 * unless one of the arguments in `unless` is given. POSIX only.
 */
export function wrapper(
  { env, files }: RunContext,
  name: string,
  args: readonly string[],
  unless: readonly string[],
): Variables {
  const program = process.platform === 'win32' ? undefined : findProgram(name, env);
  if (program === undefined) return {};
  const check =
    unless.length === 0
      ? ''
      : `for word do case "$word" in ${unless.join('|')}) exec ${quoted(program)} "$@" ;; esac; done\n`;
  const script = `#!/bin/sh\n${check}exec ${[program, ...args].map(quoted).join(' ')} "$@"\n`;
  files.write(`bin/${name}`, script, 0o700);
  const folder = join(files.path, 'bin');
  return { PATH: `${folder}${delimiter}${env['PATH'] ?? ''}` };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
