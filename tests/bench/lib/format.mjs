/** Numbers as people read them: three digits that count, and the spread in brackets. */

export function number(value) {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export function times({ median, low, high }) {
  return `${number(median)}x (${number(low)} to ${number(high)})`;
}

export function duration({ median, low, high }) {
  return `${number(median)} ms (${number(low)} to ${number(high)})`;
}

export function spread({ median, low, high }) {
  return `${number(median)} (${number(low)} to ${number(high)})`;
}

/** A table in markdown; the first column is text, the others are numbers. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
