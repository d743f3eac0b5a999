// The programs of tests/runtimes: Node 20 to 26, Deno and Bun.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../runtimes/', import.meta.url);
const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', FOLDER), 'utf8'));
const program = (path) => fileURLToPath(new URL(`node_modules/${path}`, FOLDER));

const nodes = Object.keys(devDependencies)
  .filter((name) => name.startsWith('node-'))
  .map((name) => ({ name: name.replace('node-', 'Node '), command: program(`${name}/bin/node`), args: [] }));

export const RUNTIMES = [
  ...nodes,
  {
    name: 'Deno',
    command: program('@deno/linux-x64-glibc/deno'),
    args: ['run', '--quiet', '--no-lock', '--node-modules-dir=manual', '--allow-all'],
  },
  { name: 'Bun', command: program('@oven/bun-linux-x64-baseline/bin/bun'), args: ['run'] },
];
