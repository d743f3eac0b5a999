import { parse, TomlError } from 'smol-toml';
import { UsageError } from './command.js';

/** Reads TOML, or reports where it is wrong. */
export function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    // A byte order mark is what Windows' editors begin a file with.
    return parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const line = text.split('\n')[error.line - 1] ?? '';
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw new UsageError(`${file}:${error.line}:${error.column}: ${reason}`, adviceFor(line));
  }
}

function adviceFor(line: string): string {
  const [, key = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
  if (/^".*\\/.test(value)) return `write a value with backslashes in single quotes: ${key} = '${sample(value)}'`;
  if (value !== '' && !/^["'[{\d]/.test(value)) return `put the value in single quotes: ${key} = '…'`;
  return 'the format is TOML: one KEY = VALUE a line, texts in quotes';
}

/** Only a name or a path is repeated, never what may hold a password. */
function sample(value: string): string {
  const [, inner = '…'] = /^"([^"@]*)"/.exec(value) ?? [];
  return inner;
}
