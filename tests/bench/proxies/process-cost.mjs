/** What a process and its children have used, from /proc: Linux only, as the lab is. */
import { readFileSync } from 'node:fs';

const TICKS = 100; // USER_HZ, which is 100 on every Linux that Node runs on.

export function cpuSeconds(pid) {
  return family(pid).reduce((sum, member) => sum + ticks(member, member === pid) / TICKS, 0);
}

export function peakMiB(pid) {
  return family(pid).reduce((sum, member) => sum + memory(member, 'VmHWM'), 0) / 1024;
}

export function residentMiB(pid) {
  return family(pid).reduce((sum, member) => sum + memory(member, 'VmRSS'), 0) / 1024;
}

function family(pid) {
  const read = () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [
    pid,
    ...attempt(read, '')
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => family(Number(child))),
  ];
}

/** User and system time; of the first one also what its ended children left. */
function ticks(pid, withEnded) {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'), '');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return fields.slice(11, withEnded ? 15 : 13).reduce((sum, value) => sum + value, 0) || 0;
}

function memory(pid, field) {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'), '');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
}

/** A process may end while it is looked at. */
function attempt(read, otherwise) {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
