#!/usr/bin/env node
import { version } from '../../version.js';
import { COMMANDS, loadCommand } from './commands.js';
import { ExitCode, exitCodeOf } from './exit-codes.js';
import { commandHelp, parseArguments, wrapped } from './arguments.js';
import { readConfiguration, withConfiguration } from './configuration.js';
import { nearest } from '../nearest.js';
import { withoutUserinfo } from '../url.js';
import { type CommandInput, NoPasswordError, quoted, UsageError } from './command.js';
import { printable, styler } from './terminal.js';

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? ExitCode.usage : ExitCode.ok;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${version()}\n`);
    return ExitCode.ok;
  }
  if (name === 'help') return main(rest[0] === undefined ? ['--help'] : [rest[0], '--help']);
  if (name.startsWith('-')) throw unknownOption(name);
  if (!Object.hasOwn(COMMANDS, name)) {
    const meant = nearest(name, Object.keys(COMMANDS));
    const hint = meant === undefined ? '' : `did you mean "${meant}"? `;
    throw new UsageError(`unknown command ${quoted(name)}`, `${hint}see "ntlm-wasm --help"`);
  }
  const command = await loadCommand(name);
  const input = parseArguments(command, rest);
  if (input.options['help'] === true) {
    process.stdout.write(commandHelp(command));
    return ExitCode.ok;
  }
  if (command.options['config'] === undefined || name === 'config') return command.run(input, COMMANDS);
  const reread = async (): Promise<CommandInput> =>
    withConfiguration(command, input, await readConfiguration(input.options));
  return command.run({ ...(command.readsConfigurationLater === true ? input : await reread()), reread }, COMMANDS);
}

function unknownOption(typed: string): UsageError {
  // The value may be a secret, and is not repeated.
  const name = typed.startsWith('--') ? withoutUserinfo(typed.replace(/=.*/s, '')) : typed.slice(0, 2);
  const meant = name === '-v' ? '--version' : nearest(name, ['--help', '--version']);
  const hint = meant === undefined ? '' : `did you mean ${meant}? `;
  return new UsageError(`unknown option ${name}`, `${hint}see "ntlm-wasm --help"`);
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(15)}${about}`);
  return `Usage: ntlm-wasm COMMAND [options]

  ntlm-wasm run -- npm install
      run a command through the proxy (in PowerShell, write '--' with quotes)
  ntlm-wasm diagnose https://www.example/
      find out why authentication fails

Adds NTLM and Negotiate (Kerberos) authentication to programs that lack it.

Commands:
${lines.join('\n')}

"ntlm-wasm COMMAND --help" prints the options of a command, with examples.
"ntlm-wasm --version" prints the version.

Exit status: 0 success, 1 failure, 2 invalid command line, 3 credentials
rejected or missing, 4 proxy or server unreachable. "run" returns the exit
status of its command.
`;
}

/** Prints the error and, below it, the advice. Looks into `cause` for the code, because fetch wraps its errors. */
function report(error: unknown): number {
  const dress = styler(process.stderr);
  const say = (text: string): void => void process.stderr.write(text);
  if (error instanceof UsageError) {
    say(`${dress('red', 'ntlm-wasm:')} ${printable(error.message)}\n`);
    if (error.advice !== '') say(`${wrapped(error.advice, 4)}\n`);
    return error instanceof NoPasswordError ? ExitCode.refused : ExitCode.usage;
  }
  let reason = error as Error & { code?: string; advice?: string };
  while (reason.code === undefined && reason.cause instanceof Error) reason = reason.cause as typeof reason;
  say(
    `${dress('red', 'ntlm-wasm:')} ${printable(reason.message)}${reason.code === undefined ? '' : ` (${reason.code})`}\n`,
  );
  const advice = tlsAdvice(reason.code) ?? reason.advice;
  if (advice) say(`${wrapped(advice, 4)}\n`);
  return exitCodeOf(reason.code);
}

/** Node's TLS errors describe the certificate problem but give no advice. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

function tlsAdvice(code: string | undefined): string | undefined {
  if (!UNTRUSTED.has(code ?? '')) return undefined;
  return 'no trusted authority issued this certificate; if this network inspects TLS, pass its root certificate with --ca';
}

// A reader that closes early, such as head(1), is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.ok);
});

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => (process.exitCode = report(error)),
);
