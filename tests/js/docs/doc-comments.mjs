/** The doc comments of the exports of `ntlm-wasm` and `ntlm-wasm/node`, read from the sources. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './pages.mjs';

const sources = join(root, 'pkg-template/src');

/** Returns the comment and the kind of an export, which the file declares itself or passes on from another. */
function declaration(file, name) {
  const text = readFileSync(file, 'utf8');
  const pattern = `(?:(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\s*)?^export (?:abstract |async )?(class|function|const|interface|type) ${name}\\b`;
  const found = new RegExp(pattern, 'm').exec(text);
  if (found !== null)
    return { file, comment: found[1] ?? '', isValue: ['class', 'function', 'const'].includes(found[2]) };
  for (const { original, exported, from } of passedOn(text)) {
    if (exported === name) return declaration(join(dirname(file), from.replace(/\.js$/, '.ts')), original);
  }
  throw new Error(`${file} has no declaration of ${name}`);
}

function passedOn(text) {
  return [...text.matchAll(/^(?:export|import) (?:type )?\{([^}]+)\} from '([^']+)'/gm)].flatMap(([, names, from]) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => ({ original: name.split(' as ')[0], exported: name.split(' as ').at(-1), from })),
  );
}

/** What the examples of doc comments use without an import: the exports, and what a program has at hand. */
export const ambient = `
  import type * as everywhere from 'ntlm-wasm';
  import type * as node from 'ntlm-wasm/node';
  declare global {
    ${['index.ts', 'node/index.ts']
      .flatMap((entry) => {
        const names = passedOn(readFileSync(join(sources, entry), 'utf8')).map(({ exported }) => exported);
        const face = entry === 'index.ts' ? 'everywhere' : 'node';
        const values = names.filter(
          (name) => declaration(join(sources, entry), name).isValue && name !== 'SecuritySession',
        );
        return values.map((name) => `var ${name}: typeof ${face}.${name};`);
      })
      .filter((line, index, all) => all.findIndex((one) => one.split(':')[0] === line.split(':')[0]) === index)
      .join('\n    ')}
    var https: typeof import('node:https');
    var readFile: typeof import('node:fs/promises').readFile;
    var readFileSync: typeof import('node:fs').readFileSync;
    var req: import('node:http').IncomingMessage;
    var socket: import('node:tls').TLSSocket;
    var error: unknown;
    var passwords: Map<string, string>;
    var username: string, password: string, challenge: string, token: string;
    var message2: Uint8Array, message3: Uint8Array;
  }
`;

/** Each export with its summary, and the code of its examples. */
export const documented = ['index.ts', 'node/index.ts'].flatMap((entry) => {
  const file = join(sources, entry);
  return passedOn(readFileSync(file, 'utf8')).map(({ exported }) => {
    const { file: origin, comment, isValue } = declaration(file, exported);
    const text = comment.replaceAll(/^\s*\/?\*+\/? ?/gm, '').replace(/\s*\*\/$/, '');
    const [summary = ''] = text.split(/\n\s*\n|\n@|\n- /);
    const examples = text
      .split(/^@/m)
      .filter((tag) => tag.startsWith('example'))
      .map((tag) => tag.replace(/^example\s*/, '').replaceAll(/^```\w*$/gm, ''));
    return {
      id: `${origin.slice(root.length)} ${exported}`,
      entry: entry === 'index.ts' ? 'ntlm-wasm' : 'ntlm-wasm/node',
      name: exported,
      isValue: isValue && exported !== 'SecuritySession', // exported as a type
      summary: summary.replaceAll('\n', ' ').trim(),
      examples,
    };
  });
});
