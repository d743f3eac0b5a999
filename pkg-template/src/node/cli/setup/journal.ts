import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../command.js';
import { usualPlace } from '../configuration.js';

/** What was there before a file was changed, and what was written. */
export interface Change {
  readonly tool: string;
  readonly file: string;
  /** Undefined: there was no file. */
  readonly before: string | undefined;
  readonly after: string;
}

const journalFile = (): string => join(dirname(usualPlace()), 'setup.json');

export function readJournal(): Change[] {
  try {
    return JSON.parse(readFileSync(journalFile(), 'utf8')) as Change[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new UsageError(`cannot read ${journalFile()}`, 'it contains the original files: inspect it by hand');
  }
}

/** It holds the secret of the local proxy, as the files do. */
export function writeJournal(changes: readonly Change[]): void {
  const file = journalFile();
  if (changes.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(changes, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** The text of a settings file; undefined if there is none. */
export function readSettings(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw new UsageError(`${file} is not in UTF-8, so it is left alone`);
  return text;
}

/** Writes through a link, and keeps the mode of the file; a new one is for this user only. */
export function writeSettings(file: string, text: string): void {
  try {
    if (existsSync(file)) {
      const target = realpathSync(file);
      const { mode } = statSync(target);
      writeFileSync(target, text);
      chmodSync(target, mode & 0o777);
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`cannot write ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

export function removeSettings(file: string): void {
  rmSync(file, { force: true });
}
