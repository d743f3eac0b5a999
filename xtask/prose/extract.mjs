/**
 * Extracts what people read from a source file: comments, and strings that are sentences. The result is Markdown with the same
 * line numbers, so that a linter for prose reports the lines of the source.
 */
import { parse } from '@babel/parser';

/** Returns the Markdown for the text of a file, or `undefined` for a kind of file without prose. */
export function prose(name, text) {
  if (name.endsWith('.md')) return text;
  if (name.endsWith('.rs')) return layout(text, rustPieces(text));
  if (/\.(?:[cm]?js|tsx?)$/.test(name)) return layout(text, scriptPieces(name, text));
  if (/\.(?:sh|toml|ya?ml|py)$/.test(name)) return layout(text, hashPieces(text));
  return undefined;
}

/** Words and blanks: neither a format, a path nor a token. */
const isSentence = (text) =>
  /^\P{Lu}*\p{L}[\p{L}’'-]*[,:;]?(?: [\p{L}\d"'“‘`($<{][^ ]*){3,}/u.test(text) ||
  /^\p{Lu}[\p{L}’'-]*[,:;]?(?: [^ ]+){3,}$/u.test(text.trim());

function scriptPieces(name, text) {
  const plugins = name.endsWith('.tsx') ? ['typescript', 'jsx'] : /\.ts$/.test(name) ? ['typescript'] : [];
  const { comments, tokens } = parse(text, {
    sourceType: 'unambiguous',
    plugins,
    tokens: true,
    errorRecovery: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  });
  const pieces = comments.map(({ start, end }) => ({ start, end, comment: true }));
  for (const { type, start, end, value } of tokens) {
    const isText = type.label === 'string' || type.label === 'template' || type.label === 'jsxText';
    const isSpan = type.label?.startsWith?.('`') || type.label?.startsWith?.('}');
    if ((isText || isSpan) && end - start > 12) pieces.push({ start, end, value: String(value ?? '') });
  }
  return pieces;
}

const RUST = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|b?r(#*)"[\s\S]*?"\1|b?"(?:[^"\\]|\\[\s\S])*"|b?'(?:[^'\\\n]|\\[^\n]{1,8})'/g;

function rustPieces(text) {
  return [...text.matchAll(RUST)]
    .filter(([match]) => !match.startsWith("'") && !match.startsWith("b'"))
    .map(({ 0: match, index }) => ({ start: index, end: index + match.length, comment: match.startsWith('/') }));
}

function hashPieces(text) {
  return [...text.matchAll(/(?:^|(?<=\s))#(?!!)[^\n]*/gm)].map(({ 0: match, index }) => ({
    start: index,
    end: index + match.length,
    comment: true,
  }));
}

/** Puts each piece on its line. A piece ends with a full stop, so that two of them are two sentences. */
function layout(text, pieces) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lines = starts.map(() => '');
  let fenced = false;
  let line = 0;
  for (const { start, end, comment } of pieces.sort((a, b) => a.start - b.start)) {
    const raw = text.slice(start, end);
    if (!comment && !isSentence(raw.replace(/^[br#]*["'`}]|["'`#]+$|\$\{$/g, ''))) continue;
    while (line + 1 < starts.length && starts[line + 1] <= start) line++;
    const parts = raw.split('\n').map((part) => (comment ? ofComment(part) : ofString(part)));
    parts.forEach((part, index) => {
      if (/^```/.test(part)) fenced = !fenced;
      else if (!fenced && !part.startsWith('@')) lines[line + index] += `${part} `;
    });
    const last = line + parts.length - 1;
    if (!comment || !/^\s*(?:\/\/|\*|#)/.test(text.slice(starts[last + 1] ?? text.length).split('\n')[0])) {
      lines[last] = lines[last].trimEnd().replace(/[\p{L}\d)`"'”]$/u, '$&.') + ' ';
    }
    if (!comment || raw.endsWith('*/')) fenced = false;
  }
  return lines.map((part) => part.trim()).join('\n');
}

const ofComment = (line) =>
  line
    .replace(/^\s*(?:\/\/[/!]?|\/\*\*?|\*(?!\/)|#+)? ?|\s*\*\/\s*$/g, '')
    .replace(/\{@link ([^}]*)\}/g, '`$1`')
    .replace(/^@(?:param|returns|throws|see) (?:\{[^}]*\} )?\S* ?-? ?/, '')
    .replace(/^(?:\s{4,})/, '')
    .replace(/^#+ (.*)$/, '$1.')
    .replace(/^eslint-\S.*|^prettier-\S.*|^shellcheck .*/, '');

const ofString = (line) =>
  line
    .trim()
    .replace(/^[br#]*["'`}]+|["'`#]+$|\$\{$/g, '')
    .replace(/\\u\{?[0-9a-fA-F]+\}?|\\x[0-9a-fA-F]{2}|\\[nrte0]/g, ' ')
    .replace(/\\(["'`\\])/g, '$1')
    .replace(/^[-#>|*+ ]+/, '');
