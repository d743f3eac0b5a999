import { mkdirSync, mkdtempSync, rmSync, statSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export type Variables = Record<string, string>;

/** Copies of settings for one command, in a folder that only this user can read. It is made when the first file is. */
export class PrivateFolder {
  #path: string | undefined;

  get path(): string {
    // mkdtemp creates it with mode 700.
    return (this.#path ??= mkdtempSync(join(tmpdir(), 'ntlm-wasm-')));
  }

  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode });
    return file;
  }

  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
    this.#path = undefined;
  }
}

export function homeOf(env: NodeJS.ProcessEnv): string {
  return (process.platform === 'win32' ? env['USERPROFILE'] : env['HOME']) || homedir();
}

/** The home folder as Java finds it: on POSIX in the list of users, not in HOME. */
export function javaHomeOf(env: NodeJS.ProcessEnv): string {
  return process.platform === 'win32' ? homeOf(env) : userInfo().homedir;
}

/** The text of a file, or undefined if it is missing or unreadable. */
export function readText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

export function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The first program of that name on the path, or undefined. POSIX only. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isFile);
}

/** The lines of a text that do not match. */
export function withoutLines(text: string, pattern: RegExp): string {
  const lines = text.split(/\r?\n/).filter((line) => !pattern.test(line));
  return `${lines.join('\n').trimEnd()}\n`;
}
