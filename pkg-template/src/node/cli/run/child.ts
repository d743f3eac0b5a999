import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ExitCode } from '../exit-codes.js';
import { windowsCommand } from './windows-command.js';

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH'] as const;

/** Runs a command in this terminal. Resolves with its exit status, as in a shell. */
export async function runChild(program: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = start(program, env);
  const stop = passSignalsTo(child);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const missing = error.code === 'ENOENT';
        process.stderr.write(`ntlm-wasm: cannot run ${program[0]}: ${missing ? 'command not found' : error.message}\n`);
        resolve(missing ? ExitCode.notFound : ExitCode.notExecutable);
      });
      child.once('exit', (code, signal) =>
        resolve(signal === null ? (code ?? ExitCode.failed) : 128 + constants.signals[signal]),
      );
    });
  } finally {
    stop();
  }
}

function start(program: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const [command = '', ...args] = program;
  if (process.platform !== 'win32') return spawn(command, args, { stdio: 'inherit', env });
  const { file, line } = windowsCommand(command, args, process.env);
  return spawn(file, line, { stdio: 'inherit', env, windowsVerbatimArguments: true });
}

/**
 * Forwards signals to the command, so that it decides when to exit. A terminal sends Ctrl-C to both processes; without a
 * terminal, SIGINT is forwarded like the others.
 */
function passSignalsTo(child: ChildProcess): () => void {
  const listeners = new Map<NodeJS.Signals, () => void>();
  for (const signal of PASSED_ON) listeners.set(signal, () => void child.kill(signal));
  listeners.set('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  for (const [signal, listener] of listeners) {
    // Windows throws for unsupported signals.
    try {
      process.on(signal, listener);
    } catch {
      listeners.delete(signal);
    }
  }
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
