import type { Command, OptionSpecs } from './command.js';
import { HELP_OPTIONS } from './parse-arguments.js';

const LINE = 96;

/** The help of one command. */
export function commandHelp(command: Command): string {
  const parts = [
    `Usage: ntlm-wasm ${command.name} ${command.synopsis}`.trimEnd(),
    wrapped(command.about, 0),
    `Options:\n${optionLines({ ...command.options, ...HELP_OPTIONS })}`,
  ];
  if (command.examples.length > 0) {
    parts.push(`Examples:\n${command.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`).join('\n')}`);
  }
  if (command.notes !== undefined) parts.push(wrapped(command.notes, 0));
  return `${parts.join('\n\n')}\n`;
}

function optionLines(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, { short, value, help }]) => {
    const front = short === undefined ? '    ' : `-${short}, `;
    return [`${front}--${name}${value === undefined ? '' : ` ${value}`}`, help] as const;
  });
  const width = Math.max(...rows.map(([front]) => front.length)) + 2;
  return rows.map(([front, help]) => `  ${front.padEnd(width)}${wrapped(help, width + 2).trimStart()}`).join('\n');
}

/** Breaks text into lines, each with that many blanks in front; line breaks in the text stay. */
export function wrapped(text: string, indent: number, width = LINE): string {
  const front = ' '.repeat(indent);
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = [];
      let line = '';
      for (const word of paragraph.split(' ')) {
        if (line !== '' && indent + line.length + 1 + word.length > width) {
          lines.push(line);
          line = word;
        } else {
          line = line === '' ? word : `${line} ${word}`;
        }
      }
      lines.push(line);
      return lines.map((one) => front + one).join('\n');
    })
    .join('\n');
}
