import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.js';

/** The content of a file that the command line names. */
export function readNamedFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
