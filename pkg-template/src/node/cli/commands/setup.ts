import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ensureProxySecret, storedProxySecret } from '../../credentials/stored.js';
import { parseListen } from '../arguments.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { SETTINGS, settings } from '../settings.js';
import { diffLines } from '../setup/edit.js';
import {
  type Change,
  readJournal,
  readSettings,
  removeSettings,
  writeJournal,
  writeSettings,
} from '../setup/journal.js';
import { type LocalProxy, type Tool, TOOLS } from '../setup/tools.js';
import { printable, styler } from '../terminal.js';

export const command: Command = {
  name: 'setup',
  synopsis: '[options] [TOOL...]',
  about:
    'Writes the URL of the local proxy into the settings of other programs, so that they work without "ntlm-wasm run" while the service runs. Shows each change and asks for confirmation. --undo restores the original files.',
  options: {
    undo: { type: 'boolean', help: 'restore the original files' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask for confirmation' },
    'dry-run': { type: 'boolean', help: 'show the changes without making them' },
    ...settings('config', 'listen', 'no-secret'),
  },
  choices: Object.keys(TOOLS),
  examples: [
    ['ntlm-wasm setup', 'configure every installed tool'],
    ['ntlm-wasm setup npm git', 'configure npm and git'],
    ['ntlm-wasm setup --undo', 'restore the original files'],
  ],
  notes:
    'The files then contain the secret of the local proxy. It is valid on this machine only; "ntlm-wasm service uninstall" revokes it.',
  async run(input) {
    const unknown = input.operands.find((name) => !Object.hasOwn(TOOLS, name));
    if (unknown !== undefined) {
      throw new UsageError(
        `${quoted(unknown)} is not a supported tool`,
        `write one or more of ${Object.keys(TOOLS).join(', ')}`,
      );
    }
    return input.options['undo'] === true ? undo(input) : setUp(input);
  },
};

async function setUp(input: CommandInput): Promise<number> {
  const { options, operands } = input;
  const names = operands.length > 0 ? operands : installedTools();
  if (names.length === 0) throw new UsageError('no supported tool is installed', 'name the tools to set up');
  const dryRun = options['dry-run'] === true;
  const proxy = await localProxy(input, dryRun);
  const journal = readJournal();
  let status: number = ExitCode.ok;
  const done = new Set<string>();
  for (const name of names) {
    const tool = TOOLS[name] as Tool;
    const file = tool.file(process.env, process.platform);
    if (done.has(file)) continue;
    done.add(file);
    const before = readSettings(file);
    const after = edited(tool, file, before ?? '', proxy);
    if (after === before) {
      process.stdout.write(`${name}: ${printable(file)} is set up already\n`);
      continue;
    }
    show(name, file, before ?? '', after, proxy.secret);
    if (dryRun) continue;
    if (!(await confirmed(input, `Change ${file}?`))) {
      status = ExitCode.failed;
      continue;
    }
    writeSettings(file, after);
    // --undo restores the content before the first change.
    const earlier = journal.findIndex((change) => change.file === file && change.after === before);
    const original = earlier === -1 ? before : journal[earlier]?.before;
    if (earlier !== -1) journal.splice(earlier, 1);
    journal.push({ tool: name, file, before: original, after });
    writeJournal(journal);
    if (tool.note !== undefined) process.stdout.write(`${name}: ${tool.note}\n`);
  }
  return status;
}

function edited(tool: Tool, file: string, text: string, proxy: LocalProxy): string {
  try {
    return tool.edit(text, proxy);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${file} cannot be parsed (${(error as Error).message.split('\n', 1)[0]})`,
      'correct it first',
    );
  }
}

async function undo(input: CommandInput): Promise<number> {
  const { operands, options } = input;
  const journal = readJournal();
  const chosen = journal.filter(({ tool }) => operands.length === 0 || operands.includes(tool));
  if (chosen.length === 0) {
    process.stdout.write('nothing was changed\n');
    return ExitCode.ok;
  }
  let status: number = ExitCode.ok;
  const kept: Change[] = journal.filter((change) => !chosen.includes(change));
  for (const change of chosen.reverse()) {
    const { tool, file, before, after } = change;
    const now = readSettings(file);
    if (now !== after) {
      process.stderr.write(
        `ntlm-wasm: ${printable(file)} was changed since and is not restored: remove the lines with the local proxy by hand\n`,
      );
      show(tool, file, now ?? '', before ?? '', undefined);
      kept.push(change);
      status = ExitCode.failed;
      continue;
    }
    if (options['dry-run'] === true) {
      show(tool, file, after, before ?? '', undefined);
      kept.push(change);
      continue;
    }
    if (before === undefined) removeSettings(file);
    else writeSettings(file, before);
    process.stdout.write(`${tool}: ${printable(file)} is restored\n`);
  }
  writeJournal(kept);
  return status;
}

function show(tool: string, file: string, before: string, after: string, secret: string | undefined): void {
  const dress = styler(process.stdout);
  const hidden = (line: string): string => {
    const known = secret === undefined ? line : line.replaceAll(secret, '(secret)');
    const masked = known.replace(/(ntlm-wasm:)[^@\s"']+@/g, '$1(secret)@');
    // git indents with tabs.
    return masked.split('\t').map(printable).join('\t');
  };
  const lines = diffLines(before, after).map((line) =>
    line.startsWith('+')
      ? dress('green', hidden(line))
      : line.startsWith('-')
        ? dress('red', hidden(line))
        : hidden(line),
  );
  process.stdout.write(`${dress('bold', `${tool}: ${printable(file)}`)}\n${lines.join('\n')}\n`);
}

async function confirmed({ options }: CommandInput, question: string): Promise<boolean> {
  if (options['yes'] === true) return true;
  if (!process.stdin.isTTY)
    throw new UsageError('there is no terminal to ask at', 'use --yes, or --dry-run to only show the changes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${printable(question)} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

async function localProxy({ options }: CommandInput, dryRun: boolean): Promise<LocalProxy> {
  const { host, port } = parseListen(String(options['listen'] ?? SETTINGS['listen']?.default));
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  if (options['no-secret'] === true) return { host: reachable, port, secret: undefined };
  const known = process.env['NTLM_WASM_SECRET'] || (dryRun ? await storedProxySecret() : await ensureProxySecret());
  const secret = known ?? '(secret)';
  return { host: reachable.includes(':') ? `[${reachable}]` : reachable, port, secret };
}

function installedTools(): string[] {
  const folders = (process.env['PATH'] ?? process.env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const isThere = (program: string): boolean =>
    folders.some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
  return Object.entries(TOOLS).flatMap(([name, { programs }]) => (programs.some(isThere) ? [name] : []));
}
