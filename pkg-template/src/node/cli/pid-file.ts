import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** In a folder that others can write to, somebody may have laid a link of that name to a file of ours. */
const HOW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** Writes the number of this process; what it returns removes the file. */
export function writePidFile(file: string): () => void {
  try {
    const descriptor = openSync(file, HOW, 0o644);
    writeSync(descriptor, `${process.pid}\n`);
    closeSync(descriptor);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot write ${file} (${code === 'ELOOP' ? 'it is a link' : code})`);
  }
  return () => rmSync(file, { force: true });
}
