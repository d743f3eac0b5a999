import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from './command.js';

/**
 * Waits for the first SIGINT or SIGTERM, then closes gracefully. A second signal ends the program at once.
 */
export async function untilStopped(close: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const force = (): void => process.exit(130);
  process.once('SIGINT', force);
  process.once('SIGTERM', force);
  await close();
  process.off('SIGINT', force);
  process.off('SIGTERM', force);
}

/** Does not follow links: in a folder that others can write to, the name may be a link to a file of this user. */
const HOW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** Writes the process ID to a file. Returns a function that removes the file. */
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
