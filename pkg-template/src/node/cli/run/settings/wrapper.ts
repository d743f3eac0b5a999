import { delimiter, join } from 'node:path';
import { findProgram, type RunContext, type Variables } from '../context.js';

/**
 * A program that can be told something by arguments alone: a script of its name, first on the path, that adds them. With one
 * of the arguments in `unless` it adds nothing. POSIX only.
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
