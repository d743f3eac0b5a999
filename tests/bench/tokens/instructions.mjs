/**
 * Instructions of one handshake in Rust, counted by callgrind: the same on a busy machine as on a quiet one, and all but the same
 * from run to run. What is counted is the difference between many handshakes and few, so that starting up is not in it.
 */
import { spawnSync } from 'node:child_process';
import { account } from '../lib/account.mjs';
import { challenge } from '../lib/challenge.mjs';

const [FEW, MANY] = [20, 220];
const WANTED = {
  core: ['message 1 and 3, bytes', 'message 1 and 3, reused, bytes'],
  digests: ['message 1 and 3, bytes'],
};

/** Rows `{ name, case, instructions }`, or none where valgrind is not installed. */
export function countInstructions(native, say) {
  if (native === undefined) return undefined;
  if (spawnSync('valgrind', ['--version']).status !== 0) {
    say('instructions: valgrind is not installed');
    return undefined;
  }
  return Object.entries(WANTED).flatMap(([name, cases]) =>
    cases.map((kind) => ({
      name,
      case: kind,
      instructions: Math.round((count(native, name, kind, MANY) - count(native, name, kind, FEW)) / (MANY - FEW)),
    })),
  );
}

function count(native, contender, kind, times) {
  const questions = [
    { contender, account, challenge: challenge() },
    { repeat: kind, count: times },
  ];
  const input = `${questions.map((question) => JSON.stringify(question)).join('\n')}\n`;
  const args = ['--tool=callgrind', '--callgrind-out-file=/dev/null', native];
  const { stderr } = spawnSync('valgrind', args, { input, encoding: 'utf8' });
  const found = /Collected : (\d+)/.exec(stderr);
  if (found === null) throw new Error(`callgrind counted nothing: ${stderr.slice(-300)}`);
  return Number(found[1]);
}
