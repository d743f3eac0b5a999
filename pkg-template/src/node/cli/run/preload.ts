import { fileURLToPath } from 'node:url';
import { preload } from '../../preload.js';
import { isFile, type RunContext, type Variables } from './context.js';

/**
 * Node reads the proxy variables since 22.21 and 24.5, and even then only for its own agents: a script that each Node loads
 * first does the rest. The package has it as a file, which is still there for programs that outlive `run`.
 */
export function nodeOptions({ env, files }: RunContext): Variables {
  const file = packagedScript() ?? files.write('preload.cjs', `(${String(preload)})(require);\n`);
  // Quotes, because words are separated by blanks. Inside of them, a backslash escapes.
  const option = `--require="${file.replace(/[\\"]/g, '\\$&')}"`;
  return { NODE_OPTIONS: [env['NODE_OPTIONS'], option].filter(Boolean).join(' ') };
}

function packagedScript(): string | undefined {
  const here = import.meta.url as string | undefined;
  // In the command that is a single file, there is no such file.
  const file = here === undefined ? undefined : fileURLToPath(new URL('../preload.cjs', here));
  return file !== undefined && isFile(file) ? file : undefined;
}
