import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Survivor {
  readonly name: string;
  readonly pid: number;
}

/** Milliseconds for the programs of the command to end after it. */
const PATIENCE = 100;

/**
 * Returns the programs that were started by the command and are still running, on Linux. Their environment contains the text
 * `mark`. Gradle's daemon is not one of them: each build passes the proxy to it.
 */
export async function survivors(mark: string, folder = '/proc'): Promise<Survivor[]> {
  const found = await marked(mark, folder, await processes(folder));
  if (found.length === 0) return [];
  await sleep(PATIENCE);
  return marked(
    mark,
    folder,
    found.map(({ pid }) => pid),
  );
}

async function processes(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

async function marked(mark: string, folder: string, pids: readonly number[]): Promise<Survivor[]> {
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, line] = await Promise.all([text(folder, pid, 'environ'), text(folder, pid, 'cmdline')]);
      // A process that has ended, but not been waited for, has no command line.
      if (!environment.includes(mark) || line === '' || line.includes('GradleDaemon')) return [];
      return [{ name: (await text(folder, pid, 'comm')).trim(), pid }];
    }),
  );
  return found.flat();
}

/** Files of other users cannot be read. */
function text(folder: string, pid: number, name: string): Promise<string> {
  return readFile(`${folder}/${pid}/${name}`, 'latin1').catch(() => '');
}
