import { openSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { NoPasswordError, UsageError } from './command.js';
import type { RelayedRequest } from '../proxy/index.js';

/** Colours are used on terminals, unless NO_COLOR is set (https://no-color.org). */
export function usesColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false;
  return env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stream.isTTY === true && env['TERM'] !== 'dumb';
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Adds a style to text, or returns it unchanged. */
export type Dress = (style: keyof typeof STYLES, text: string) => string;

export function styler(stream: { isTTY?: boolean }): Dress {
  if (!usesColour(stream)) return (_style, text) => text;
  return (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;
}

/** Characters that can control a terminal or forge a line: C0 and C1 controls, bidirectional controls, line separators. */
// eslint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Escapes untrusted text: one line, without control characters. */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** JSON with the same value, with every such character as an escape. */
export function printableJson(value: unknown): string {
  // JSON strings contain no raw line breaks, so these are layout only.
  const lines = JSON.stringify(value, undefined, 2).split('\n');
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${lines.map((line) => line.replace(STEERING, escaped)).join('\n')}\n`;
}

/** Reads standard input to its end. */
export async function readStandardInput(limit = 16 * 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) throw new UsageError(`standard input holds more than ${limit} bytes`);
  }
  return Buffer.concat(chunks);
}

/** Reads the first line of standard input. A password cannot contain a line break. */
export async function readPasswordFromInput(): Promise<string> {
  const text = (await readStandardInput(64 * 1024)).toString('utf8');
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new UsageError('standard input holds no password');
  return line;
}

/** Prompts for a line at the terminal. Returns an empty text at the end of the input. */
export async function askLine(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      lines.once('close', () => resolve(''));
      // Ctrl-C ends this program, as it does without readline.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      lines.question(question, (answer) => resolve(answer.trim()));
    });
  } finally {
    lines.close();
  }
}

/** Prompts for a password at the terminal, without echo. */
export async function askPassword(question: string): Promise<string> {
  const { input, close } = await terminalInput();
  // Turns off the echo before the prompt, because the user may type at once.
  input.setRawMode(true);
  input.setEncoding('utf8');
  process.stderr.write(question);
  try {
    return await typedLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    close();
    process.stderr.write('\n');
  }
}

/** Standard input if it is a terminal, otherwise the controlling terminal. */
async function terminalInput(): Promise<{ input: ReadStream; close: () => void }> {
  if (process.stdin.isTTY) return { input: process.stdin, close: () => {} };
  try {
    const tty = await import('node:tty');
    const input = new tty.ReadStream(openSync('/dev/tty', 'r'));
    return { input, close: () => void input.destroy() };
  } catch {
    throw new NoPasswordError();
  }
}

function typedLine(input: ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let typed = '';
    const onData = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          input.off('data', onData);
          resolve(typed);
          return;
        }
        if (character === '\u0003') {
          // Raw mode delivers Ctrl-C as a character: send the signal instead.
          input.setRawMode(false);
          process.kill(process.pid, 'SIGINT');
          return;
        }
        // Removes a whole code point.
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ') typed += character;
      }
    };
    input.on('data', onData);
    input.resume();
  });
}

const dress = styler(process.stderr);

/** One line of the local proxy's log. Failed requests are followed by the reason and the advice. */
export function requestLine({ method, target, status, error, milliseconds }: RelayedRequest): string {
  const colour = status >= 500 ? 'red' : status >= 400 ? 'yellow' : 'green';
  const line = `${dress(colour, String(status))} ${method} ${printable(target)} ${dress('dim', `${Math.round(milliseconds)} ms`)}`;
  return error === undefined
    ? line
    : `${line}\n    ${printable(error.message)} (${error.code})\n    ${printable(error.advice)}`;
}
