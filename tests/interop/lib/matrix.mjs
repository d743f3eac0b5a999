// Tests that are also cells of the interoperation matrix: each says which row and column it proves,
// and the run prints the tables from what really ran.

import { appendFileSync } from 'node:fs';
import { test } from 'node:test';

const FILE = process.env.NTLM_INTEROP_MATRIX;
const TIMEOUT = 60; // a browser starts in seconds, on a busy machine in many

/** A test whose outcome is the cell (row, column) of the table; a cell may have several, and fails with any of them. */
export function cell(table, row, column, body, seconds = TIMEOUT) {
  test(`${table}: ${row} × ${column}`, async (context) => {
    let ok = false;
    forgetRejections();
    try {
      await inTime(body(context), seconds);
      ok = true;
    } finally {
      if (FILE) appendFileSync(FILE, `${JSON.stringify({ file: process.argv[1], table, row, column, ok })}\n`);
    }
  });
}

/** Each cell counts as a separate program: what one has learnt, above all which credentials were rejected, is not known to the next. */
function forgetRejections() {
  const state = globalThis[Symbol.for('ntlm-wasm.state.1')];
  if (state !== undefined) delete state.registry;
}

/** A hanging cell is a failed one, and the rest of the file goes on. */
function inTime(promise, seconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing happened for ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function renderTables(lines) {
  const tables = new Map();
  const cells = lines.map((line) => JSON.parse(line));
  // files run in parallel: the tables must not depend on which one is faster
  cells.sort((a, b) => a.file.localeCompare(b.file));
  for (const { table, row, column, ok } of cells) {
    if (!tables.has(table)) tables.set(table, { rows: new Map(), columns: new Set() });
    const { rows, columns } = tables.get(table);
    columns.add(column);
    if (!rows.has(row)) rows.set(row, new Map());
    const marks = rows.get(row);
    marks.set(column, (marks.get(column) ?? true) && ok);
  }
  return [...tables].map(([title, table]) => render(title, table)).join('\n');
}

function render(title, { rows, columns }) {
  const heads = ['', ...columns];
  const body = [...rows].map(([row, cells]) => [row, ...[...columns].map((column) => mark(cells.get(column)))]);
  const widths = heads.map((head, i) => Math.max(head.length, ...body.map((line) => line[i].length)));
  const line = (words) => `| ${words.map((word, i) => word.padEnd(widths[i])).join(' | ')} |`;
  return [
    `### ${title}`,
    '',
    line(heads),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...body.map(line),
    '',
  ].join('\n');
}

const mark = (ok) => (ok === undefined ? '' : ok ? 'yes' : 'FAILED');
