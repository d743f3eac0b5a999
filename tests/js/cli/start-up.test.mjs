// Commands load what they need and no more: that is what makes them start quickly.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from './run-cli.mjs';

const MAIN = fileURLToPath(new URL('../../../pkg/dist/node/cli/main.js', import.meta.url));
const NEGOTIATE = 'TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==';

const HOOKS = `
import { writeSync } from 'node:fs';
export async function load(url, context, next) {
  if (url.startsWith('file:')) writeSync(2, 'loaded ' + url + '\\n');
  return next(url, context);
}`;
const module = (source) => `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
const REGISTER = module(`import { register } from 'node:module'; register('${module(HOOKS)}');`);

/** The files that a command loads. */
function loaded(args) {
  const program = [`--import=${REGISTER}`, MAIN, ...args];
  const shell = ['-c', 'exec "$0" "$@" 2>&1 > /dev/null', process.execPath, ...program];
  const err = execFileSync('sh', shell, { env: cleanEnvironment(), encoding: 'utf8' });
  return err.split('\n').flatMap((line) => (line.startsWith('loaded ') ? [line.slice(7)] : []));
}

const PARTS = {
  tokens: /dist\/core\.js$/,
  undici: /dist\/node\/undici\.js$/,
  network: /dist\/node\/network\.js$/,
  diagnosis: /dist\/node\/diagnose\.js$/,
};

for (const [args, needs] of [
  [['--version'], []],
  [['--help'], []],
  [['decode', NEGOTIATE], ['tokens']],
  [
    ['run', '--proxy', 'direct', '--', 'true'],
    ['tokens', 'undici', 'network'],
  ],
]) {
  test(`${args[0]} loads ${needs.join(', ') || 'next to nothing'}`, () => {
    const files = loaded(args);
    assert.ok(files.length > 1, 'the list is there');
    const found = Object.keys(PARTS).filter((name) => files.some((file) => PARTS[name].test(file)));
    assert.deepEqual(found, needs);
  });
}
