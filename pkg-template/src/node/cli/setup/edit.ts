/** Changes of settings files that leave every other line as it is. */

function linesOf(text: string): { lines: string[]; end: string } {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return { lines, end };
}

function joined(lines: readonly string[], end: string): string {
  return lines.map((line) => `${line}${end}`).join('');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `key=value` lines without sections: .npmrc, gradle.properties. */
export function setProperty(text: string, key: string, value: string): string {
  const { lines, end } = linesOf(text);
  const place = lines.findIndex((line) => new RegExp(`^\\s*${escaped(key)}\\s*[=:]`).test(line));
  if (place === -1) lines.push(`${key}=${value}`);
  else lines[place] = `${key}=${value}`;
  return joined(lines, end);
}

/** `key = value` in a `[section]`: git, pip, cargo. */
export function setInSection(text: string, section: string, key: string, value: string, indent = ''): string {
  const { lines, end } = linesOf(text);
  const header = new RegExp(`^\\s*\\[\\s*${escaped(section)}\\s*\\]`, 'i');
  const line = `${indent}${key} = ${value}`;
  const start = lines.findIndex((one) => header.test(one));
  if (start === -1) {
    if (lines.length > 0 && lines.at(-1) !== '') lines.push('');
    return joined([...lines, `[${section}]`, line], end);
  }
  let after = lines.findIndex((one, index) => index > start && /^\s*\[/.test(one));
  if (after === -1) after = lines.length;
  const matcher = new RegExp(`^\\s*${escaped(key)}\\s*=`, 'i');
  const known = lines.findIndex((one, index) => index > start && index < after && matcher.test(one));
  if (known !== -1) lines[known] = line;
  else {
    while (after > start + 1 && lines[after - 1]?.trim() === '') after -= 1;
    lines.splice(after, 0, line);
  }
  return joined(lines, end);
}

/** A key at the top of a YAML file, with the lines below it. */
export function setYaml(text: string, key: string, block: readonly string[]): string {
  const { lines, end } = linesOf(text);
  const start = lines.findIndex((line) => new RegExp(`^${escaped(key)}\\s*:`).test(line));
  if (start === -1) return joined([...lines, ...block], end);
  let after = start + 1;
  while (/^\s+\S/.test(lines[after] ?? '')) after += 1;
  lines.splice(start, after - start, ...block);
  return joined(lines, end);
}

/** What changes, line by line, with a little around it. */
export function diffLines(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => linesOf(text).lines) as [string[], string[]];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const context = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  return [
    ...context(old.slice(Math.max(0, head - 2), head)),
    ...old.slice(head, old.length - tail).map((line) => `- ${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+ ${line}`),
    ...context(old.slice(old.length - tail, old.length - tail + 2)),
  ];
}
