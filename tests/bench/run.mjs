/**
 * The benchmarks, one part after the other, and their report:
 *
 *     node tests/bench/run.mjs [--quick] [--only tokens,cold,sizes,connections,memory,proxies,scale] --target FOLDER [--native PROGRAM] [--write]
 *
 * `cargo xtask bench` builds what is measured and calls this. Nothing here passes or fails by time.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureColdStart } from './cold/measure.mjs';
import { measureConnections } from './connections/measure.mjs';
import { aims } from './lib/aims.mjs';
import { charts } from './lib/charts.mjs';
import { machine } from './lib/machine.mjs';
import { markdown } from './lib/report.mjs';
import { measureMemory } from './memory/measure.mjs';
import { findLab, measureProxies } from './proxies/measure.mjs';
import { measureScale } from './scale/measure.mjs';
import { measureSizes } from './sizes/measure.mjs';
import { measureTokens } from './tokens/measure.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    target: { type: 'string' },
    native: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const { quick, native, target } = values;
const notes = [];
const say = (text) => {
  notes.push(text);
  console.log(`  ${text}`);
};

const lab = findLab();
const parts = {
  tokens: () => measureTokens({ quick, native, python: lab?.python, say }),
  cold: () => measureColdStart({ quick, say }),
  sizes: () => measureSizes({ target, say }),
  connections: () => measureConnections({ quick, say }),
  memory: () => measureMemory({ quick }),
  proxies: () =>
    lab === undefined
      ? say('the proxies: the lab is not up (`cargo xtask lab up`)')
      : measureProxies({ quick, lab, target, say }),
  scale: () => measureScale({ quick }),
};

const wanted = values.only?.split(',') ?? Object.keys(parts);
const results = { machine: machine(), quick, notes };
const folder = join(target, 'bench');
for (const [name, measure] of Object.entries(parts)) {
  if (!wanted.includes(name)) continue;
  const start = performance.now();
  results[name] = await measure();
  console.log(`${name.padEnd(36)} ${((performance.now() - start) / 1000).toFixed(1)} s`);
  // After each part, so that a run that is ended early leaves what it has measured.
  results.aims = aims(results);
  save(join(folder, 'report.json'), `${JSON.stringify(results, null, 2)}\n`);
}

save(join(folder, 'report.md'), markdown(results));
const pictures = charts(results);
for (const [name, svg] of Object.entries(pictures)) save(join(folder, name), svg);
// The page that users see, with the charts in it.
if (values.write) {
  const docs = join(import.meta.dirname, '../../pkg-template/docs');
  save(join(docs, 'figures.md'), markdown(results, Object.keys(pictures)));
  for (const [name, svg] of Object.entries(pictures)) save(join(docs, 'figures', name), svg);
}
for (const { what, aim, measured, met } of results.aims) {
  console.log(`${met === undefined ? ' ' : met ? '+' : '-'} ${what}: ${measured} (aim ${aim})`);
}

function save(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
