import type { ReadStream } from 'node:tty';
import { UsageError } from './usage-error.js';

/** Colours only where a person looks, and nobody has asked for none (https://no-color.org). */
export function usesColour(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false;
  return env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stream.isTTY === true && env['TERM'] !== 'dumb';
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Dresses text, or leaves it as it is. */
export type Dress = (style: keyof typeof STYLES, text: string) => string;

export function styler(stream: { isTTY?: boolean }): Dress {
  if (!usesColour(stream)) return (_style, text) => text;
  return (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m`;
}

/** Text from elsewhere, without what would steer the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Everything that standard input holds. */
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

/** The first line of standard input: a password may hold anything but a line break. */
export async function readPasswordFromInput(): Promise<string> {
  const text = (await readStandardInput(64 * 1024)).toString('utf8');
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new UsageError('standard input holds no password');
  return line;
}

/** Asks the person at the terminal; nothing of the answer is shown. */
export function askPassword(question: string): Promise<string> {
  const input = process.stdin as ReadStream;
  if (!input.isTTY)
    throw new UsageError('there is no terminal to ask for the password', 'set NTLM_PASSWORD, or use --password-stdin');
  process.stderr.write(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  return new Promise((resolve) => {
    let typed = '';
    const finish = (): void => {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
      process.stderr.write('\n');
    };
    const onData = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          finish();
          resolve(typed);
          return;
        }
        if (character === '\u0003') {
          // Raw mode has turned the keys into a character: give them their meaning back.
          finish();
          process.kill(process.pid, 'SIGINT');
          return;
        }
        // Backspace takes a whole character, of whatever size.
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ') typed += character;
      }
    };
    input.on('data', onData);
    input.resume();
  });
}
