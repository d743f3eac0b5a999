/** What the figures were measured on. No names: only what makes them comparable. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

export function machine() {
  const { node, v8, openssl } = process.versions;
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    processor: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node,
    v8,
    openssl,
    rustc: version('rustc'),
    load: loadavg()[0],
  };
}

function version(program) {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8' }).split(' ')[1];
  } catch {
    return undefined;
  }
}
